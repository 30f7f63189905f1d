"""What the configuration alone decides about a request, without the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.model.diagnosis import Case, Verdict
from wizard.model.host_names import HIGHEST_PORT, asks_other_balancer
from wizard.reference.schemes import missing_modules
from wizard.reference.worker_status import disabled
from wizard.text import is_number
from wizard.verdict.exchange import Exchange

_BAD_URL: Final[Mapping[str, str]] = {
    "h2": "AH03350",
    "h2c": "AH03350",
    "ajp": "AH00867",
    "fcgi": "AH01059",
    "scgi": "AH00857",
    "uwsgi": "AH10097",
}
"""Scheme to the code for a URL that cannot be parsed; mod_proxy_http's is AH01083."""


def decide(case: Case) -> Verdict | None:
    """The verdict where no backend is needed for it; None if the backend decides."""
    route = case.route
    if route.vhost.never_served is not None:
        where = f"The virtual host at {route.vhost.source} is never served"
        return _never(f"{where}: {route.vhost.never_served}")
    if route.superfluous:
        return Verdict(
            "ok", reason=f"{route.shadowed_by} takes its requests to the same backend: it can go."
        )
    if route.shadowed_by is not None:
        return _never(f"{route.shadowed_by} takes every request of this route away")
    if route.unknown is not None:
        return Verdict("unknown", reason=_sentence(route.unknown))
    backend = route.backend
    for scheme in (backend.scheme,) if route.balancer is None else ("balancer", backend.scheme):
        missing = missing_modules(scheme, case.httpd.modules, case.httpd.release)
        if missing:
            return _no_handler(case, scheme, missing[0])
    if backend.scheme == "balancer":
        exchange = Exchange(case)
        name = route.balancer or backend.host
        return exchange.fail(
            "route",
            503,
            f"The balancer {name} has no members.",
            exchange.line("AH01171", name=name),
        )
    if asks_other_balancer(route.request_url, route.balancer):
        reason = f"Without a slash httpd makes {route.request_url} of the request."
        return _unhandled(Exchange(case), "balancer", reason)
    authority = _authority(case)
    # httpd reads the URL before it looks at the state of a worker, of a balancer's member after
    unread = route.balancer is None and authority is not None and authority.stage == "route"
    status = route.worker.parameters.get("status")
    if not unread and status is not None and disabled(status.value):
        return _disabled(case)
    return authority


def _never(why: str) -> Verdict:
    return Verdict("fail", "route", None, reason=_sentence(why))


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _no_handler(case: Case, scheme: str, module: str) -> Verdict:
    exchange = Exchange(case)
    if module == "ssl_module" and exchange.http2:
        return engine_off(exchange, "mod_ssl is not loaded")
    return _unhandled(
        exchange, scheme, f"No loaded module handles {scheme}:// ({module} is missing)."
    )


def _unhandled(exchange: Exchange, scheme: str, reason: str) -> Verdict:
    path = exchange.route.request_path
    return exchange.fail("route", 500, reason, exchange.line("AH01144", path=path, scheme=scheme))


def _disabled(case: Case) -> Verdict:
    exchange = Exchange(case)
    route, backend = exchange.route, exchange.backend
    why = f"status={route.worker.parameters['status'].value}"
    if route.balancer is not None:
        member = f"The member {backend.url} of balancer {route.balancer} is disabled ({why})"
        if not all(disabled(status) for status in route.balancer_statuses):
            return Verdict("ok", reason=f"{member}: httpd sends its requests to the others.")
        return exchange.fail(
            "route",
            503,
            f"{member}, and so is every other.",
            exchange.line("AH01170", name=route.balancer),
        )
    return exchange.fail(
        "route",
        503,
        f"The backend is disabled ({why}).",
        exchange.line("AH00940", function=exchange.function, host=backend.host, port=backend.port),
    )


def _authority(case: Case) -> Verdict | None:
    """httpd appends the rest of the path as text: without a slash it becomes port or host."""
    route = case.route
    backend = route.backend
    url = route.request_url
    if backend.port > HIGHEST_PORT:
        return _bad_url(case, url or backend.url)
    if not url or (url.startswith(backend.url) and backend.url.endswith("/")):
        return None
    made = _authority_of(url)
    # backend.url may end in a placeholder (https://host:8443$1) that holds the path
    if made in (_authority_of(backend.url), backend.host, f"{backend.host}:{backend.port}"):
        return None
    if made.startswith("[") and not _is_literal(made):
        return _bad_url(case, url)
    host, _, port = made.rpartition(":")
    if is_number(port) and host:
        if int(port[:9]) > HIGHEST_PORT:
            return _bad_url(case, url)
        if _host_of(made) == backend.host:
            return Verdict(
                "unknown",
                reason=f"httpd connects to port {port}, not {backend.port}: without a slash it "
                f"makes {url} of the request.",
            )
    reason = f"Without a slash httpd makes {url} of the request, and looks up {made}."
    return Exchange(case).not_resolved(reason, _looked_up(made))


def _bad_url(case: Case, url: str) -> Verdict:
    exchange = Exchange(case)
    return exchange.fail(
        "route",
        400,
        f"httpd makes {url} of the request, which has no valid port.",
        exchange.line(
            "AH02439" if exchange.tunnelled else _BAD_URL.get(exchange.backend.scheme, "AH01083"),
            url=url,
        ),
    )


def _authority_of(url: str) -> str:
    authority = url.rpartition("|")[2].partition("://")[2].partition("/")[0]
    return authority.rpartition("@")[2].lower()


def _is_literal(authority: str) -> bool:
    """Whether only a port, or nothing, follows an IPv6 address in brackets."""
    port = authority.partition("]")[2]
    return not port or (port[0] == ":" and is_number(port[1:]))


def _host_of(authority: str) -> str:
    host, _, _ = authority.rpartition(":")
    return host.strip("[]")


def _looked_up(authority: str) -> str:
    host, colon, port = authority.rpartition(":")
    return host if colon and is_number(port) else authority


def engine_off(exchange: Exchange, why: str = "SSLProxyEngine is off") -> Verdict:
    """httpd has connected and cannot speak TLS."""
    again = exchange.http2 and exchange.holds("http2-retries-any-failure")
    other = exchange.http2 and exchange.holds("http2-without-engine-is-503")
    attempt = (
        exchange.line("AH01961"),
        exchange.line(
            "AH00961", function=exchange.function, address=exchange.address, host=exchange.peer[0]
        ),
    )
    return exchange.fail(
        "route",
        503 if again or other else 500,
        f"httpd cannot speak TLS to {exchange.backend.host}: {why}.",
        *attempt * (exchange.tries if again else 1),
    )
