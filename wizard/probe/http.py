"""One HTTP request, as httpd would send it, and the head of the answer.

HEAD, and GET where HEAD is refused. Only the head of the answer is read.
"""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass

import h11
from OpenSSL import SSL

from wizard import AGENT
from wizard.model.probe import HttpFailure, HttpResult, ProbeRequest
from wizard.probe import http2
from wizard.probe.channel import Channel, TooMuchError
from wizard.probe.handshake import reasons

MOST_HEAD = 1 << 16
"""Bytes of status line and header fields."""
_SHOWN = 200
_TIMEOUT = re.compile(rb"(?:^|[\s,])timeout=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)
REFUSES_HEAD = frozenset({400, 403, 404, 405, 406, 500, 501})
"""After these statuses, or none, GET is sent: some applications do not know HEAD."""
_NO_ANSWER = frozenset({"closed", "reset", "not-http", "timeout"})
"""``openssl s_server -www``, which administrators use for tests, never answers HEAD."""


@dataclass(slots=True)
class _Answer:
    status: int | None = None
    reason: str = ""
    server: str | None = None
    location: str | None = None
    keep_alive: float | None = None
    failure: HttpFailure | None = None
    error: str | None = None
    first: str = ""


def again_with_get(result: HttpResult) -> bool:
    """Whether to ask the backend again, with GET."""
    if result.method != "HEAD":
        return False
    return result.status in REFUSES_HEAD or result.failure in _NO_ANSWER


def first_method(request: ProbeRequest) -> str:
    """HEAD; an upgrade to WebSocket is always GET (RFC 6455, 4.1)."""
    return "GET" if request.upgrade else "HEAD"


async def ask(channel: Channel, request: ProbeRequest, method: str, seconds: float) -> HttpResult:
    """Send a request and read the head of the answer.

    Args:
        channel: to the backend.
        request: host and path; its ``timeout`` is that of the whole stage.
        method: HEAD or GET.
        seconds: for request and answer.
    """
    began = time.monotonic()
    exchange = _exchange_http2 if "h2" in request.alpn else _exchange
    channel.allow(seconds)
    try:
        answer = await exchange(channel, request, method)
    except TimeoutError:
        answer = _Answer(failure="timeout", error=f"no answer within {request.timeout:g} s")
    except TooMuchError as fault:
        answer = _Answer(failure="too-much", error=str(fault))
    except SSL.Error as fault:
        kind: HttpFailure = "other" if channel.alert is None else "alert"
        answer = _Answer(failure=kind, error=reasons(fault) or "TLS error")
    except (ConnectionResetError, BrokenPipeError) as fault:
        answer = _Answer(failure="reset", error=fault.strerror or "connection reset")
    except OSError as fault:
        answer = _Answer(failure="other", error=fault.strerror or str(fault))
    return HttpResult(
        method=method,
        status=answer.status,
        seconds=time.monotonic() - began,
        reason=answer.reason,
        server=answer.server,
        location=answer.location,
        failure=answer.failure,
        alert=channel.alert if answer.failure == "alert" else None,
        error=answer.error,
        close_notify=channel.close_notify,
        keep_alive=answer.keep_alive,
        first=answer.first,
    )


async def _exchange_http2(channel: Channel, request: ProbeRequest, method: str) -> _Answer:
    path = _encoded(request.path)
    try:
        status = await http2.status(channel, method, _host(request), path, tls=request.tls)
    except http2.ClosedError as fault:
        return _Answer(failure="closed", error=str(fault))
    except http2.Http2Error as fault:
        return _Answer(failure="not-http", error=str(fault))
    return _Answer(status=status)


async def _exchange(channel: Channel, request: ProbeRequest, method: str) -> _Answer:
    try:
        protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        data = protocol.send(
            h11.Request(method=method, target=target(request), headers=_headers(request))
        )
        data = (data or b"") + (protocol.send(h11.EndOfMessage()) or b"")
    except h11.LocalProtocolError as fault:
        return _Answer(failure="other", error=f"no request can be made: {fault}")
    await channel.send(data)
    received = 0
    first, ended = b"", False
    while True:
        try:
            event = protocol.next_event()
        except h11.RemoteProtocolError as fault:
            if received > MOST_HEAD:
                return _Answer(failure="too-much", error=f"more than {MOST_HEAD >> 10} KiB of head")
            broken = ended and first.startswith(b"HTTP/")
            return _broken_off(first) if broken else _not_http(first, fault)
        if event is h11.NEED_DATA:
            part = await channel.receive()
            received += len(part)
            first = first or part[:_SHOWN]
            if not part and not first:
                return _Answer(failure="closed", error="the backend closed without an answer")
            ended = not part
            protocol.receive_data(part)
        elif isinstance(event, h11.Response | h11.InformationalResponse):
            if isinstance(event, h11.Response) or event.status_code == 101:
                return _answer(event)
            if received > MOST_HEAD:
                return _Answer(failure="too-much", error="endless interim answers")
        else:
            return _broken_off(first)


def target(request: ProbeRequest) -> bytes:
    """The request target: absolute for a forward proxy (RFC 9112, 3.2.2)."""
    path = _encoded(request.path)
    if request.forward_proxy is None or request.tls:
        return path
    host = f"[{request.host}]" if ":" in request.host else request.host
    return _encoded(f"http://{host}:{request.port}") + path


def _encoded(text: str) -> bytes:
    """Text of the configuration as the bytes of its file."""
    return text.encode("utf-8", "surrogateescape")


def _host(request: ProbeRequest) -> bytes:
    return _encoded(request.host_header or request.host)


def _headers(request: ProbeRequest) -> list[tuple[bytes, bytes]]:
    headers = [(b"Host", _host(request)), (b"User-Agent", AGENT.encode())]
    if (
        request.proxy_login is not None and not request.tls
    ):  # the backend behind a tunnel need not see it
        headers.append((b"Proxy-Authorization", _encoded(request.proxy_login)))
    if not request.upgrade:
        return [*headers, (b"Accept", b"*/*")]
    return [
        *headers,
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", base64.b64encode(os.urandom(16))),
        (b"Sec-WebSocket-Version", b"13"),
    ]


def _answer(event: h11.Response | h11.InformationalResponse) -> _Answer:
    fields = dict(reversed(list(event.headers)))  # the first of equal names counts
    return _Answer(
        status=event.status_code,
        reason=bytes(event.reason).decode("latin-1"),
        server=_text(fields.get(b"server")),
        location=_text(fields.get(b"location")),
        keep_alive=_idle(fields.get(b"keep-alive", b"")),
    )


def _idle(field: bytes) -> float | None:
    """Seconds for which the backend keeps an idle connection (``Keep-Alive: timeout=5``)."""
    match = _TIMEOUT.search(field)
    return float(match[1]) if match else None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _broken_off(first: bytes) -> _Answer:
    error = "the backend closed in mid-answer"
    return _Answer(failure="closed", error=error, first=first.decode("latin-1"))


def _not_http(first: bytes, fault: Exception) -> _Answer:
    shown = first.decode("latin-1")
    error = f"the backend answers {shown[:60]!r}: {fault}"
    return _Answer(failure="not-http", error=error, first=shown)
