"""Reports made of plain values, hostile text included, for the tests of the output formats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import (
    Backend,
    Configuration,
    Problem,
    Route,
    Setting,
    Source,
    TlsPolicy,
    VirtualHost,
)
from wizard.model.diagnosis import (
    Case,
    Diagnosis,
    Finding,
    LogLine,
    OpenSSLError,
    Remedy,
    Report,
    Verdict,
)
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import (
    DnsResult,
    HttpResult,
    ProbeReport,
    ProbeRequest,
    TcpResult,
    TlsResult,
)
from wizard.model.route_id import RouteId

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILE = "/etc/apache2/sites-enabled/app.conf"

#: Escape sequence, bidi override, markup, a byte that is no UTF-8, a pipe.
HOSTILE = "evil\x1b[31m\u202e[bold]\udcff|x"

CERTIFICATE = Certificate(
    der=b"",
    subject=f"CN=backend.internal,O={HOSTILE}",
    issuer="CN=Corp Root",
    common_names=("backend.internal",),
    serial="0a1b",
    sha256="ab" * 32,
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2027, 1, 1, tzinfo=UTC),
    dns_names=("backend.internal", HOSTILE),
    key="ECDSA P-256",
    signature="ecdsa-with-SHA256",
)
VHOST = VirtualHost(
    server_name="app.example.com",
    aliases=("www.example.com",),
    addresses=("*:443",),
    source=Source(FILE, 3),
    end_line=20,
)
POLICY = TlsPolicy(
    engine=Setting(True, Source(FILE, 5)),
    verify=Setting("require", Source(FILE, 6)),
)
BACKEND = Backend(
    url="https://backend.internal:8443/",
    scheme="https",
    host="backend.internal",
    port=8443,
    path="/",
    sni="backend.internal",
    check_name="backend.internal",
    host_header="backend.internal:8443",
)
ROUTE = Route(
    id=RouteId(1, "app.example.com", "/", "ProxyPass"),
    vhost=VHOST,
    path="/",
    kind="ProxyPass",
    source=Source(FILE, 9),
    backend=BACKEND,
    tls=POLICY,
    client_host="app.example.com",
)
PROBE = ProbeReport(
    request=ProbeRequest(
        "backend.internal", 8443, True, "backend.internal", "backend.internal:8443"
    ),
    started=NOW,
    dns=DnsResult(("127.0.0.1",), 0.001),
    tcp=TcpResult("127.0.0.1", 8443, 0.002),
    tls=TlsResult(
        completed=True,
        seconds=0.003,
        sni="backend.internal",
        version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        chain=(CERTIFICATE,),
        client_ca_names=(HOSTILE,),
    ),
    http=HttpResult("HEAD", 200, 0.004, server=HOSTILE),
    notes=("security level 2 is assumed", HOSTILE),
)
FINDING = Finding(
    slug="ca-not-trusted",
    severity="critical",
    title="The CA that signed the backend's certificate is not trusted",
    evidence=(f"{FILE}:6  SSLProxyVerify require", HOSTILE),
    explanation=f"Nothing that httpd trusts signed CN={HOSTILE}.",
    best_practice="internal-ca",
    remedies=(Remedy("config", "Trust the CA.", "proxy-wizard fix --ca corp-root.pem"),),
)


def diagnosis(outcome: str = "fail", findings: tuple[Finding, ...] = (FINDING,)) -> Diagnosis:
    """A route that fails because of its CA, or that does what ``outcome`` says."""
    case = Case(ROUTE, TrustMaterial(), PROBE, NOW)
    if outcome == "fail":
        verdict = Verdict(
            "fail",
            "verify",
            500,
            (
                LogLine("AH02276", "ssl", "info", "Certificate Verification: Error (20)", False),
                LogLine("AH01084", "proxy", "error", "pass request body failed", True),
            ),
            OpenSSLError(20, "unable to get local issuer certificate"),
            "the certificate of the backend could not be verified.",
        )
    else:
        verdict = Verdict("ok" if outcome == "ok" else "unknown", None, 200)
    return Diagnosis(case, verdict, findings)


def report(*diagnoses: Diagnosis, probed: bool = True) -> Report:
    """A report of these routes."""
    configuration = Configuration(
        root="/etc/apache2/apache2.conf",
        server_root="/etc/apache2",
        layout="debian",
        httpd=HttpdInfo(
            "2.4.71",
            "/usr/sbin/apache2",
            ("ssl_module",),
            "3.0.19",
            found="which runs with it (pid 812)",
        ),
        virtual_hosts=(VHOST,),
        routes=(ROUTE,),
        problems=(Problem(FILE, 12, f"Config variable ${{X}} {HOSTILE}", "warning", "AH00111"),),
    )
    return Report(configuration, diagnoses, 0.5, probed)


OK = diagnosis("ok", ())
WEAK = diagnosis("ok", (replace(FINDING, severity="warning"),))
UNKNOWN = diagnosis("unknown", ())
FAILING = diagnosis()
