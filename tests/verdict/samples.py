"""Cases of plain values: a route to backend.internal that works, to be changed in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import (
    Backend,
    LogLevels,
    Route,
    Setting,
    Source,
    TlsPolicy,
    VirtualHost,
    Worker,
)
from wizard.model.diagnosis import Case, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import (
    DnsResult,
    HttpResult,
    ProbeReport,
    ProbeRequest,
    TcpResult,
    TlsResult,
    VerifyEvent,
)
from wizard.model.route_id import RouteId

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT = Source("/etc/apache2/sites-enabled/a.conf", 5)
INFO = LogLevels(Setting("info", AT))
WARN = LogLevels()
VHOST = VirtualHost("www.example.org", (), ("*:443",), AT, 20)
MODULES = (
    "proxy_module",
    "proxy_balancer_module",
    "proxy_http_module",
    "proxy_http2_module",
    "ssl_module",
)

ALERT = {"failure": "alert", "alert": 40}
HANDSHAKE_TAIL = ("AH01998", "AH01997", "AH01084", "AH00898", "AH01097")
"""What follows every failed handshake."""


def on(value: Any) -> Setting[Any]:
    """A value that a directive set."""
    return Setting(value, AT)


def policy(**settings: Any) -> TlsPolicy:
    """Engine on, verify require, and these settings as if written."""
    values = {"engine": True, "verify": "require", **settings}
    return TlsPolicy(**{name: on(value) for name, value in values.items()})


def leaf(**fields: Any) -> Certificate:
    """A certificate for backend.internal."""
    values: dict[str, Any] = {
        "der": b"",
        "subject": "CN=backend.internal",
        "issuer": "CN=Root",
        "common_names": ("backend.internal",),
        "serial": "01",
        "sha256": "00" * 32,
        "not_before": NOW - timedelta(days=10),
        "not_after": NOW + timedelta(days=10),
        "dns_names": ("backend.internal",),
    }
    return Certificate(**{**values, **fields})


def backend(url: str = "https://backend.internal:8443/", **fields: Any) -> Backend:
    """A backend; host and port are read off the URL."""
    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    values: dict[str, Any] = {
        "url": url,
        "scheme": scheme,
        "host": host,
        "port": int(port) if port.isdigit() else 443,
        "path": "/",
        "sni": host,
        "check_name": host,
        "host_header": host,
    }
    return Backend(**{**values, **fields})


def route(url: str = "https://backend.internal:8443/", **fields: Any) -> Route:
    """``ProxyPass / URL`` with a strict policy, at LogLevel info."""
    values: dict[str, Any] = {
        "id": RouteId(1, VHOST.server_name, "/", "ProxyPass"),
        "vhost": VHOST,
        "path": "/",
        "kind": "ProxyPass",
        "source": AT,
        "backend": backend(url),
        "tls": policy(),
        "log_levels": INFO,
        "worker": Worker(url),
        "request_path": "/x",
        "request_url": f"{url}x",
        "client_host": "www.example.org",
    }
    return Route(**{**values, **fields})


OK_EVENTS = (VerifyEvent(True, 0, 1, "CN=Root"), VerifyEvent(True, 0, 0, "CN=backend.internal"))


def tls(**fields: Any) -> TlsResult:
    """A handshake that stands."""
    values: dict[str, Any] = {
        "completed": True,
        "seconds": 0.1,
        "version": "TLSv1.3",
        "chain": (leaf(),),
        "events": OK_EVENTS,
    }
    return TlsResult(**{**values, **fields})


def unfinished(failure: str, **fields: Any) -> TlsResult:
    """A handshake that failed before the certificate was seen."""
    return tls(completed=False, failure=failure, chain=(), events=(), **fields)


def http(**fields: Any) -> HttpResult:
    """An answer 200."""
    return HttpResult(**{"method": "HEAD", "status": 200, "seconds": 0.1, **fields})


def unanswered(failure: str, **fields: Any) -> HttpResult:
    """A request without an answer."""
    return http(status=None, failure=failure, **fields)


def report(**stages: Any) -> ProbeReport:
    """Everything went well, but for the stages given."""
    values: dict[str, Any] = {
        "request": ProbeRequest("backend.internal", 8443, True),
        "started": NOW,
        "dns": DnsResult(("10.0.0.5",), 0.01),
        "tcp": TcpResult("10.0.0.5", 8443, 0.01),
        "tls": tls(),
        "http": http(),
    }
    return ProbeReport(**{**values, **stages})


def case(route_: Route | None = None, probe: ProbeReport | None = None, **fields: Any) -> Case:
    """A case that works, but for what is given."""
    values: dict[str, Any] = {
        "route": route_ or route(),
        "trust": TrustMaterial(),
        "probe": probe,
        "now": NOW,
        "httpd": HttpdInfo("2.4.71", None, MODULES),
    }
    return Case(**{**values, **fields})


def probed(route_: Route | None = None, **stages: Any) -> Case:
    """A case with a probe of these stages."""
    return case(route_, report(**stages))


def at(levels: LogLevels, **fields: Any) -> Route:
    """The route at another LogLevel."""
    return replace(route(**fields), log_levels=levels)


def worker(**parameters: str) -> Worker:
    """A worker with these parameters."""
    return Worker("https://b/", parameters={name: on(value) for name, value in parameters.items()})


def expect(verdict: Verdict, stage: str, status: int | None, *codes: str) -> None:
    """The verdict is this failure, with these codes in order."""
    assert (verdict.outcome, verdict.stage, verdict.status) == ("fail", stage, status)
    assert verdict.ah_codes == codes
    assert verdict.reason.endswith(".")


def handshake(*causes: str) -> tuple[str, ...]:
    """The codes of a handshake that is given up for these causes."""
    return ("AH01964", *causes, *HANDSHAKE_TAIL)


def failing(code: int, depth: int = 0) -> VerifyEvent:
    """An error that OpenSSL reports of a certificate."""
    return VerifyEvent(False, code, depth, "CN=backend.internal")
