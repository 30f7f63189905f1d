"""Cases made of plain values: a proxy that works and is strict, and its faults one at a time."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wizard.model.certificate import Certificate, ClientCertificate, TrustFile, TrustMaterial
from wizard.model.config import (
    Backend,
    Problem,
    Route,
    Setting,
    Source,
    TemporaryException,
    TlsPolicy,
    VirtualHost,
    Worker,
)
from wizard.model.diagnosis import Case, LogLine, OpenSSLError, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import (
    DnsResult,
    HttpResult,
    ProbeReport,
    ProbeRequest,
    TcpAttempt,
    TcpResult,
    TlsResult,
    VerifyEvent,
)
from wizard.model.route_id import RouteId
from wizard.model.service import Service

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FILE = "/etc/apache2/sites-enabled/app.conf"
MODULES = ("proxy_module", "proxy_http_module", "ssl_module")
HOST = "backend.internal"
PUBLIC = "app.example.com"


def certificate(name: str, issuer: Certificate | None = None, **fields: Any) -> Certificate:
    """A certificate ``CN=name``; self-signed without an issuer."""
    plain = name.removeprefix("CN=")
    above = issuer.subject if issuer else f"CN={plain}"
    values: dict[str, Any] = {
        "der": plain.encode(),
        "subject": f"CN={plain}",
        "issuer": above,
        "common_names": (plain,),
        "serial": "0a",
        "sha256": hashlib.sha256((plain + above).encode()).hexdigest(),
        "not_before": NOW - 100 * DAY,
        "not_after": NOW + 265 * DAY,
        "key": "ECDSA P-256",
        "key_bits": 256,
        "signature": "ecdsa-with-SHA256",
        "subject_key_id": f"id of {plain}",
        "authority_key_id": f"id of {above.removeprefix('CN=')}",
        "subject_der": f"CN={plain}".encode(),
        "issuer_der": above.encode(),
    }
    return Certificate(**{**values, **fields})


ROOT = certificate("Example Root", is_ca=True)
ISSUING = certificate("Example Issuing 1", ROOT, is_ca=True)
OTHER_ROOT = certificate("Somebody Else Root", is_ca=True)
LEAF = certificate(HOST, ROOT, dns_names=(HOST,))
CA_FILE = "/etc/ssl/backend-ca.pem"


def at(line: int) -> Source:
    return Source(FILE, line)


STRICT = TlsPolicy(
    engine=Setting(True, at(5)),
    verify=Setting("require", at(6)),
    ca_certificate_file=Setting(CA_FILE, at(7)),
)
BACKEND = Backend(
    url=f"https://{HOST}:8443/",
    scheme="https",
    host=HOST,
    port=8443,
    path="/",
    sni=HOST,
    check_name=HOST,
    host_header=f"{HOST}:8443",
)
VHOST = VirtualHost(PUBLIC, ("www.example.com",), ("*:443",), at(3), 20)
ROUTE = Route(
    id=RouteId(1, PUBLIC, "/", "ProxyPass"),
    vhost=VHOST,
    path="/",
    kind="ProxyPass",
    source=at(9),
    backend=BACKEND,
    tls=STRICT,
    client_host=PUBLIC,
)
TRUST = TrustMaterial(ca_file=TrustFile(CA_FILE, "ok", certificates=(ROOT,)))
TLS = TlsResult(
    completed=True,
    seconds=0.01,
    sni=HOST,
    version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    chain=(LEAF,),
    verified_chain=(LEAF, ROOT),
)
HTTP = HttpResult("HEAD", 200, 0.01, server="nginx")
PROBE = ProbeReport(
    request=ProbeRequest(HOST, 8443, True, HOST, f"{HOST}:8443"),
    started=NOW,
    dns=DnsResult(("192.0.2.1",), 0.001),
    tcp=TcpResult("192.0.2.1", 8443, 0.002, (TcpAttempt("192.0.2.1", 0.002),)),
    tls=TLS,
    http=HTTP,
)
DEBIAN = Service(
    "apache2ctl configtest",
    "apache2ctl configtest && systemctl reload apache2",
    "apache2ctl configtest && systemctl restart apache2",
    enable="a2enmod",
)
HTTPD = HttpdInfo(
    "2.4.71",
    "/usr/sbin/apache2",
    MODULES,
    "3.0.19",
    found="which runs with it (pid 812)",
    service=DEBIAN,
)
CASE = Case(ROUTE, TRUST, PROBE, NOW, HTTPD, config="/srv/my site")
OK = Verdict("ok", None, 200)
UNKNOWN = Verdict("unknown")

Pair = tuple[Case, Verdict]


def policy(case: Case = CASE, **settings: Any) -> Case:
    """The case with other settings, each from a directive of its own."""
    changed = {name: Setting(value, at(30 + n)) for n, (name, value) in enumerate(settings.items())}
    return replace(case, route=replace(case.route, tls=replace(case.route.tls, **changed)))


def route(case: Case = CASE, **fields: Any) -> Case:
    return replace(case, route=replace(case.route, **fields))


def backend(case: Case = CASE, **fields: Any) -> Case:
    return route(case, backend=replace(case.route.backend, **fields))


def trust(case: Case = CASE, **fields: Any) -> Case:
    return replace(case, trust=replace(case.trust, **fields))


def probe(case: Case = CASE, **fields: Any) -> Case:
    assert case.probe is not None
    return replace(case, probe=replace(case.probe, **fields))


def tls(case: Case = CASE, **fields: Any) -> Case:
    assert case.probe is not None
    assert case.probe.tls is not None
    return probe(case, tls=replace(case.probe.tls, **fields))


def leaf(case: Case = CASE, **fields: Any) -> Case:
    """The case whose backend shows a certificate that differs from the good one."""
    shown = replace(LEAF, **{"sha256": "1e" * 32, **fields})
    return tls(case, chain=(shown,), verified_chain=(shown, ROOT))


def anchors(*certificates: Certificate, case: Case = CASE) -> Case:
    return trust(case, ca_file=TrustFile(CA_FILE, "ok", certificates=certificates))


def handshake(case: Case = CASE, **fields: Any) -> Case:
    """The case whose handshake fails."""
    failed = TlsResult(completed=False, seconds=0.01, sni=case.route.backend.sni, **fields)
    return probe(case, tls=failed, http=None)


def refused(code: int, text: str = "refused by OpenSSL") -> Verdict:
    """Certificate verification fails with an OpenSSL error."""
    log = (
        LogLine("AH02276", "ssl", "info", f"Certificate Verification: Error ({code})", False),
        LogLine("AH02003", "ssl", "info", "SSL Proxy connect failed", False),
        LogLine("AH01084", "proxy", "error", "pass request body failed", True),
    )
    return Verdict("fail", "verify", 500, log, OpenSSLError(code, text), "verification fails.")


def fails(stage: Any, status: int = 500, *codes: str) -> Verdict:
    log = tuple(LogLine(code, "ssl", "error", "said so", True) for code in codes)
    return Verdict("fail", stage, status, log)


def failed_connection(failure: Any, **fields: Any) -> Case:
    attempts = (TcpAttempt("192.0.2.1", 3.0, failure, failure),)
    result = TcpResult(None, 8443, 3.0, attempts, failure, failure)
    return probe(CASE, tcp=replace(result, **fields), tls=None, http=None)


def accused(case: Case, code: int, depth: int, certificate: Certificate) -> Case:
    event = VerifyEvent(False, code, depth, certificate.subject, certificate.sha256)
    return tls(case, events=(event,))


def plain(case: Case = CASE, host: str = HOST, port: int = 8080) -> Case:
    """The case with http:// in the URL."""
    changed = backend(
        case, url=f"http://{host}:{port}/", scheme="http", host=host, port=port, sni=None
    )
    return changed if changed.probe is None else probe(changed, tls=None)


def preserved(case: Case = CASE, name: str = PUBLIC) -> Case:
    """The case with ProxyPreserveHost On."""
    changed = route(case, preserve_host=Setting(True, at(8)))
    return backend(changed, sni=name, check_name=name, host_header=name)


def by_address(case: Case = CASE) -> Case:
    """The case with an IP address in the URL."""
    address = "192.0.2.1"
    changed = backend(
        case,
        url=f"https://{address}:8443/",
        host=address,
        sni=None,
        check_name=address,
        host_header=f"{address}:8443",
    )
    return changed if changed.probe is None else tls(changed, sni=None)


def problem(slug: str | None, stage: Any = "config", line: int = 7, text: str = "") -> Case:
    return replace(
        CASE,
        probe=None,
        problems=(
            Problem(FILE, 2, "Config variable ${X} is not defined", "warning", "AH00111"),
            Problem(FILE, line, "httpd's words", stage, "AH00526", slug, text, "what is meant"),
        ),
    )


def excepted(until: date) -> Case:
    exception = TemporaryException(until, "ca-not-trusted", ("SSLProxyVerify none",), at(29))
    return route(policy(verify="none"), exceptions=(exception,))


def worker(**parameters: str) -> Worker:
    return Worker(parameters={key: Setting(value, at(9)) for key, value in parameters.items()})


def client_certificate(state: Any) -> Case:
    own = ClientCertificate("/etc/ssl/proxy.pem", state)
    return policy(trust(client_certificate=own), machine_certificate_file="/etc/ssl/proxy.pem")
