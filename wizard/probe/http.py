"""One HTTP request, as httpd would send it, and the head of the answer.

Only the head of the answer is read.
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
from wizard.model.host_names import bracketed
from wizard.model.probe import AnswerFault, Framing, HttpFailure, HttpResult, ProbeRequest
from wizard.probe import http2
from wizard.probe.answer import Head, Reader
from wizard.probe.channel import Channel, Stream, TooMuchError
from wizard.probe.handshake import reasons

MOST_HEAD = 1 << 18
"""Bytes of status line and header fields; httpd has no limit."""
_SHOWN = 200
_DRIPS = 3
"""More parts than this, none of which httpd would have waited for too long, are drips."""
_TIMEOUT = re.compile(rb"(?:^|[\s,])timeout=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)
REFUSES_HEAD = frozenset({400, 403, 404, 405, 406, 500, 501})
"""After these statuses, or none, GET is sent: some applications do not know HEAD."""
_NO_ANSWER = frozenset({"closed", "reset", "stream", "not-http", "timeout"})


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
    fault: AnswerFault | None = None
    framing: Framing = "plain"
    fields: tuple[tuple[str, str], ...] = ()


def again_with_get(result: HttpResult) -> bool:
    """Whether to ask the backend again, with GET."""
    return result.status in REFUSES_HEAD or is_no_answer(result)


def is_no_answer(result: HttpResult) -> bool:
    """Whether nothing came that says what the backend answers."""
    return result.failure in _NO_ANSWER


async def ask(
    channel: Channel,
    request: ProbeRequest,
    method: str,
    seconds: float,
    timed: Timed | None = None,
) -> HttpResult:
    """Send a request and read the head of the answer.

    Args:
        channel: to the backend.
        request: host and path; its ``timeout`` is that of the whole stage.
        method: HEAD or GET.
        seconds: for request and answer.
        timed: the channel, for a caller that wants to know what came so far.
    """
    began = time.monotonic()
    reader = Reader(request.answers, upgrade=request.upgrade)
    timed = timed or Timed(channel)
    channel.allow(seconds)
    try:
        if "h2" in request.alpn:
            answer = await _exchange_http2(timed, request, method)
        else:
            answer = await _exchange(timed, request, method, reader)
    except (TimeoutError, TooMuchError, SSL.Error, OSError) as fault:
        answer = _failed(fault, channel, late(request))
        if reader.in_fields:
            answer.first = timed.first
        if answer.failure == "timeout" and timed.parts > _DRIPS and timed.last < seconds / 2:
            answer.failure, answer.first = "other", ""
            answer.error = f"it comes so slowly that it was not whole after {seconds:g} s"
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
        fault=answer.fault,
        framing=answer.framing,
        codes=reader.codes,
        fields=answer.fields,
        wait=timed.longest,
    )


class Timed:
    """A channel that notes what came first and for how long nothing came."""

    def __init__(self, channel: Stream) -> None:
        self._channel = channel
        self.send = channel.send
        self.first = ""
        self.parts = 0
        self.last = self.longest = 0.0

    async def receive(self) -> bytes:
        """See ``Stream``."""
        began = time.monotonic()
        try:
            part = await self._channel.receive()
        finally:
            self.last = time.monotonic() - began
            self.longest = max(self.longest, self.last)
        self.parts += 1
        self.first = self.first or part.lstrip(b"\r\n")[:_SHOWN].decode("latin-1")
        return part


def late(request: ProbeRequest) -> str:
    """What is said of a backend that does not answer."""
    return f"no answer within {request.timeout:g} s"


def is_silent(request: ProbeRequest, timed: Timed) -> bool:
    """Whether no part of an answer has come; in HTTP/2 SETTINGS come before it."""
    return not timed.parts or "h2" in request.alpn


def _failed(fault: Exception, channel: Channel, late: str) -> _Answer:
    """What an exception of the channel says; ``late`` in words."""
    kind: HttpFailure = "other"
    text = str(fault)
    if isinstance(fault, TimeoutError):
        kind, text = "timeout", late
    elif isinstance(fault, TooMuchError):
        kind = "too-much"
    elif isinstance(fault, SSL.Error):
        kind = "other" if channel.alert is None else "alert"
        text = reasons(fault) or "TLS error"
    elif isinstance(fault, OSError):
        text = fault.strerror or text
        if isinstance(fault, ConnectionResetError | BrokenPipeError):
            kind, text = "reset", fault.strerror or "connection reset"
    return _Answer(failure=kind, error=text)


async def _exchange_http2(channel: Stream, request: ProbeRequest, method: str) -> _Answer:
    path = _encoded(request.path)
    try:
        answer = await http2.status(channel, method, _host(request), path, tls=request.tls)
    except http2.ClosedError as fault:
        return _Answer(failure="closed", error=str(fault))
    except http2.StreamError as fault:
        return _Answer(failure="stream", error=str(fault))
    except http2.Http2Error as fault:
        return _Answer(failure="not-http", error=str(fault))
    return _Answer(status=answer.status, framing="length" if answer.length else "plain")


async def _exchange(channel: Timed, request: ProbeRequest, method: str, reader: Reader) -> _Answer:
    try:
        protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        data = protocol.send(
            h11.Request(method=method, target=target(request), headers=_headers(request))
        )
        data = (data or b"") + (protocol.send(h11.EndOfMessage()) or b"")
    except h11.LocalProtocolError as fault:
        return _Answer(failure="other", error=f"no request can be made: {fault}")
    await channel.send(data)
    return await _read(channel, reader)


async def _read(channel: Timed, reader: Reader) -> _Answer:
    """Read lines until the head of the final answer is whole or spoilt."""
    received, rest = 0, b""
    while True:
        part = await channel.receive()
        received += len(part)
        if not part and not received:
            return _Answer(failure="closed", error="the backend closed without an answer")
        *lines, rest = _split(rest, part)
        for number, line in enumerate(lines, 1):
            head = reader.line(line.removesuffix(b"\r"))
            if head is not None:
                head.fault = reader.body(head, b"\n".join([*lines[number:], rest]))
                return _answer(head, line)
        if reader.is_too_long(rest) and (head := reader.line(rest)) is not None:
            return _answer(head, rest)
        if not part:
            head = reader.end(rest)
            if head is not None:
                return _answer(head, rest)
            return _broken_off(channel.first if reader.in_fields else rest.decode("latin-1"))
        if received > MOST_HEAD:
            return _Answer(failure="too-much", error=f"more than {MOST_HEAD >> 10} KiB of head")


def _split(rest: bytes, part: bytes) -> list[bytes]:
    """The lines of what came, and last what is no whole line yet."""
    first, *more = part.split(b"\n")
    return [rest + first, *more]


def target(request: ProbeRequest) -> bytes:
    """The request target: absolute for a forward proxy (RFC 9112, 3.2.2)."""
    path = _encoded(request.path)
    if request.forward_proxy is None or request.tls:
        return path
    host = bracketed(request.host)
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
    headers += [(name.encode("ascii"), _encoded(value)) for name, value in request.headers]
    if request.cookies is not None:
        headers.append((b"Cookie", _encoded(request.cookies)))
    if not request.upgrade:
        return [*headers, (b"Accept", b"*/*")]
    return [
        *headers,
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", base64.b64encode(os.urandom(16))),
        (b"Sec-WebSocket-Version", b"13"),
    ]


def _answer(head: Head, line: bytes) -> _Answer:
    if head.fault is not None:
        error = f"httpd does not pass on such an answer: {head.fault.line[:60]!r}"
        return _Answer(failure="invalid", error=error, fault=head.fault)
    if head.old:
        return _not_http(line)
    return _Answer(
        status=head.status,
        reason=head.words.strip().decode("latin-1"),
        server=_text(head.get(b"server")),
        location=_text(head.get(b"location")),
        keep_alive=_idle(head.get(b"keep-alive") or b""),
        framing=head.framing,
        fields=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.passed_on),
    )


def _idle(field: bytes) -> float | None:
    """Seconds for which the backend keeps an idle connection (``Keep-Alive: timeout=5``)."""
    match = _TIMEOUT.search(field)
    return float(match[1]) if match else None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _broken_off(first: str) -> _Answer:
    error = "the backend closed in mid-answer"
    return _Answer(failure="closed", error=error, first=first)


def _not_http(line: bytes) -> _Answer:
    shown = line[:_SHOWN].decode("latin-1")
    error = f"the backend answers {shown[:60]!r}, which is no status line"
    return _Answer(failure="not-http", error=error, first=shown + "\n")
