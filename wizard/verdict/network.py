"""Name and connection: what httpd does when the backend cannot be reached."""

from __future__ import annotations

from wizard.model.diagnosis import LogLine, Verdict
from wizard.model.probe import TcpResult
from wizard.reference.worker_status import status_flags
from wizard.verdict.exchange import Exchange
from wizard.verdict.route import engine_off

_WORDS = {
    "refused": "refuses the connection",
    "timeout": "does not answer the connection",
    "unreachable": "cannot be reached from this machine",
    "reset": "resets the connection",
    "not-permitted": "may not be connected to from here (permission denied)",
    "other": "cannot be connected to",
}
_NO_CONNECTION = {
    "http": "AH01114",
    "https": "AH01114",
    "ws": "AH01114",
    "wss": "AH01114",
    "ajp": "AH00896",
    "fcgi": "AH01079",
    "scgi": "AH00866",
    "uwsgi": "AH10101",
}
"""The line that the scheme's module adds; mod_proxy_http2 and mod_proxy_ftp add none."""


def dns(exchange: Exchange) -> Verdict | None:
    """The backend's name has no address."""
    result = exchange.probe.dns if exchange.probe is not None else None
    if result is None or result.addresses:
        return None
    host = exchange.peer[0]
    return exchange.not_resolved(f"The name {host} cannot be resolved.", host)


def connect(exchange: Exchange) -> Verdict | None:
    """No address of the backend accepts the connection in time."""
    tcp = exchange.probe.tcp if exchange.probe is not None else None
    if tcp is None:
        return None
    failure = tcp.failure
    limit = exchange.route.worker.connection_timeout.value
    if failure is None and limit is not None and tcp.seconds > limit:
        failure = "timeout"
    if failure is None:
        return None
    return exchange.fail("connect", 503, _reason(exchange, tcp, failure), *_log(exchange))


def _reason(exchange: Exchange, tcp: TcpResult, failure: str) -> str:
    socket = exchange.backend.socket
    if socket is not None:
        return f"The socket {socket} cannot be connected to ({tcp.error or failure})."
    host, port = exchange.peer
    what = "The forward proxy" if host != exchange.backend.host else "The backend"
    return f"{what} {host}:{port} {_WORDS.get(failure, _WORDS['other'])}."


def _log(exchange: Exchange) -> tuple[LogLine, ...]:
    host, port = exchange.peer
    socket = exchange.backend.socket
    values = {"function": exchange.function, "host": host, "port": port}
    if socket is not None:
        first = exchange.line("AH02454", socket=socket, **values)
    else:
        first = exchange.line("AH00957", address=exchange.address, **values)
    return first, *_given_up(exchange)


def _given_up(exchange: Exchange) -> tuple[LogLine, ...]:
    """What httpd logs when there is no connection."""
    route, backend = exchange.route, exchange.backend
    host, port = exchange.peer
    written = []
    parameters = route.worker.parameters
    ignored = "status" in parameters and "I" in status_flags(parameters["status"].value)
    if route.balancer is not None and not ignored:
        retry = parameters["retry"].value if "retry" in parameters else "60"
        written.append(
            exchange.line("AH00959", host=backend.host, port=backend.port, seconds=retry)
        )
    code = "AH02452" if exchange.tunnelled else _NO_CONNECTION.get(backend.scheme)
    if code is not None:
        written.append(exchange.line(code, host=host, port=port))
    return tuple(written)


def tunnel(exchange: Exchange) -> Verdict | None:
    """The forward proxy does not connect httpd to the backend (ProxyRemote, CONNECT)."""
    probe = exchange.probe
    answer = probe.http if probe is not None else None
    if probe is None or answer is None or answer.method != "CONNECT":
        return None
    if answer.failure == "too-much":
        return Verdict(
            "unknown", reason=f"The forward proxy's answer cannot be read: {answer.error}."
        )
    backend = exchange.backend
    host, port = exchange.peer
    refusals = []
    if answer.status is not None:  # httpd asks each address of the proxy's name
        count = len(probe.dns.addresses) if probe.dns is not None else 1
        code = answer.reason or answer.status
        refusals = [exchange.line("AH00950", status=code)] * max(count, 1)
    return exchange.fail(
        "connect",
        503,
        f"The forward proxy {host}:{port} does not connect httpd to {backend.host}:{backend.port}: "
        f"{answer.error or answer.status}.",
        *refusals,
        exchange.line(
            "AH00958",
            function=exchange.function,
            host=backend.host,
            port=backend.port,
            address=exchange.address,
            peer=f"{host}:{port}",
        ),
        *_given_up(exchange),
    )


def engine(exchange: Exchange) -> Verdict | None:
    """There is a connection, but SSLProxyEngine is off."""
    if exchange.backend.uses_tls and not exchange.route.tls.engine.value:
        return engine_off(exchange)
    return None
