"""One HTTP/2 request (RFC 9113) and the status of its answer: for h2:// and h2c:// backends.

The library h2 reads frames and header blocks; what fields an answer may have is decided here, as
nghttp2 does in mod_proxy_http2 (nghttp2, lib/nghttp2_http.c), which differs from h2.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import InvalidBodyLengthError, ProtocolError
from h2.settings import SettingCodes
from hpack import HPACKError
from hyperframe.exceptions import HyperframeError

if TYPE_CHECKING:
    from wizard.probe.channel import Stream

MOST_BYTES = 1 << 16
"""Most bytes of frames before the status."""
_DATA, _HEADERS, _SETTINGS, _GOAWAY = 0, 1, 4, 7
_ACK, _END_STREAM, _PADDED, _WITH_PRIORITY = 0x1, 0x1, 0x8, 0x20
_STREAM = 1
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_VALUE = re.compile(rb"(?![\t ])[^\x00-\x08\x0a-\x1f\x7f]*(?<![\t ])")
_FORBIDDEN = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Fields of HTTP/1 connections (RFC 9113, 8.2.2)."""


class Http2Error(Exception):
    """The backend does not answer in HTTP/2; the text says what it does instead."""


class ClosedError(Http2Error):
    """The backend hung up."""


class StreamError(Http2Error):
    """The backend, or nghttp2, ends the request's stream, and not the connection."""


async def status(channel: Stream, method: str, host: bytes, path: bytes, *, tls: bool) -> int:
    """Send a request and wait for the final answer's status, and its first data or its end.

    mod_proxy_http2 passes nothing on before that.

    Raises:
        Http2Error: the backend refuses the request or speaks something else.
    """
    config = H2Configuration(
        header_encoding=None,
        validate_inbound_headers=False,
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
    )
    protocol = H2Connection(config)
    protocol.local_settings[SettingCodes.ENABLE_PUSH] = 0
    protocol.initiate_connection()
    scheme = b"https" if tls else b"http"
    fields = [(b":method", method.encode()), (b":scheme", scheme)]
    fields += [(b":authority", host), (b":path", path)]
    protocol.send_headers(_STREAM, fields, end_stream=True)
    await channel.send(protocol.data_to_send())
    code: int | None = None
    async for frame in _frames(channel):
        for event in _events(protocol, frame):
            if isinstance(event, ResponseReceived | InformationalResponseReceived):
                code = _read_status(event.headers or ())
            done = isinstance(event, StreamEnded) or (
                isinstance(event, DataReceived) and bool(event.data)
            )
            if done and code is not None and not 100 <= code < 200:
                return code
            if getattr(event, "stream_id", _STREAM) != _STREAM:
                continue
            if isinstance(event, StreamReset):
                return _reset(event, code)
            _raise_for(event)
        await channel.send(protocol.data_to_send())
    raise ClosedError("the backend closed without an answer")


def _reset(event: StreamReset, code: int | None) -> int:
    """The status of a stream without error; mod_proxy_http2 makes 200 of one that has none."""
    if event.error_code:
        raise StreamError(f"the backend resets the request: HTTP/2 error {event.error_code:d}")
    return code or 200


def _raise_for(event: Event) -> None:
    """Raises StreamError for what ends the stream without an answer."""
    if isinstance(event, TrailersReceived):
        _check_fields(event.headers or ())
        if any(name.startswith(b":") for name, _ in event.headers or ()):
            raise StreamError("a pseudo-header field stands in the trailers")
    elif isinstance(event, StreamEnded):
        raise StreamError("the backend ends the request after an interim answer")


def _events(protocol: H2Connection, frame: bytes) -> list[Event]:
    """What a frame says.

    Raises:
        Http2Error: nghttp2 would end the stream or the connection because of it.
    """
    kind, flags = frame[3], frame[4]
    if kind == _GOAWAY and len(frame) >= 17:  # it may still answer what it has begun
        if int.from_bytes(frame[9:13], "big") & 0x7FFFFFFF < _STREAM:
            code = int.from_bytes(frame[13:17], "big")
            raise StreamError(f"the backend refuses the request: HTTP/2 error {code}")
        return []
    if kind == _DATA and len(frame) > 9 and not flags & _PADDED:
        # that the body ends too early is known when its beginning was passed on
        frame = frame[:4] + bytes((flags & ~_END_STREAM,)) + frame[5:]
    try:
        return protocol.receive_data(_without_dependency(frame))
    except InvalidBodyLengthError as fault:
        raise StreamError("the body has another length than the header says") from fault
    except ProtocolError as fault:
        if kind == _HEADERS and frame[5:9] == b"\0\0\0\1" and _is_decoded(fault):
            raise StreamError(f"the answer's head is none of HTTP/2: {fault}") from fault
        raise Http2Error(f"the backend breaks HTTP/2: {fault}") from fault


def _without_dependency(frame: bytes) -> bytes:
    """A head without the stream that its own depends on.

    nghttp2 lets a head's stream depend on itself; h2 does not. Neither lets a PRIORITY frame's.
    """
    kind, flags = frame[3], frame[4]
    if kind != _HEADERS or not flags & _WITH_PRIORITY:
        return frame
    at = 10 if flags & _PADDED else 9
    return frame if len(frame) < at + 5 else frame[:at] + bytes(4) + frame[at + 4 :]


def _is_decoded(fault: ProtocolError) -> bool:
    """Whether a fault lies in the fields, and not in the frame or its compression."""
    return not isinstance(fault.__cause__, HPACKError | HyperframeError)


async def _frames(channel: Stream) -> AsyncIterator[bytes]:
    """Each frame, until the backend hangs up."""
    data, total, first = b"", 0, True
    while part := await channel.receive():
        data += part
        total += len(part)
        if first and data.startswith((b"HTTP/1", b"<")):
            raise Http2Error("the backend answers in HTTP/1")
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            end = 9 + int.from_bytes(data[:3], "big")
            if first and (data[3] != _SETTINGS or data[4] & _ACK):
                raise Http2Error("the backend does not begin with SETTINGS")
            first = False
            yield data[:end]
            data = data[end:]
        if total > MOST_BYTES:
            raise Http2Error("the backend sends frames without end")


def _read_status(fields: Iterable[tuple[bytes, bytes]]) -> int:
    """``:status`` of a header block that nghttp2 accepts.

    Raises:
        StreamError: nghttp2 does not.
    """
    fields = list(fields)
    _check_fields(fields)
    named = [name for name, _ in fields]
    pseudo = [value for name, value in fields if name.startswith(b":")]
    if named[:1] != [b":status"] or len(pseudo) != 1:
        raise StreamError("the answer does not begin with :status, alone of its kind")
    if len(pseudo[0]) != 3 or not pseudo[0].isdigit() or pseudo[0] == b"101":
        raise StreamError("the answer's :status is none")
    lengths = [value for name, value in fields if name == b"content-length"]
    if len(lengths) > 1 or not all(value.isdigit() for value in lengths):
        raise StreamError("the field content-length is not one number")
    return int(pseudo[0])


def _check_fields(fields: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises StreamError for a name or value that nghttp2 refuses."""
    for name, value in fields:
        if not _NAME.fullmatch(name.removeprefix(b":")) or not _VALUE.fullmatch(value):
            raise StreamError(f"the field {name[:40]!r} is none of HTTP/2")
        if name in _FORBIDDEN or (name == b"te" and value.lower() != b"trailers"):
            raise StreamError(f"HTTP/2 forbids the field {name.decode()}")
