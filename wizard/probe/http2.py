"""One HTTP/2 request (RFC 9113) and the status of its answer: for h2:// and h2c:// backends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpack import Encoder

from wizard.probe.http2_answer import HEADER, Answer, Conversation, Frame
from wizard.probe.http2_fields import ClosedError, Http2Error, StreamError

if TYPE_CHECKING:
    from wizard.probe.channel import Stream

__all__ = ["Answer", "ClosedError", "Http2Error", "StreamError", "status"]
MOST_BYTES = 1 << 18
"""Most bytes of frames before the status; a header block alone may have 147,456."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_NO_PUSH = b"\0\0\6\4\0\0\0\0\0" + b"\0\2\0\0\0\0"
"""SETTINGS with SETTINGS_ENABLE_PUSH 0."""
_MOST_PAYLOAD = 1 << 14


async def status(channel: Stream, method: str, host: bytes, path: bytes, *, tls: bool) -> Answer:
    """Send a request and wait for the final answer's status, and its first data or its end.

    mod_proxy_http2 passes nothing on before that. What comes together is judged together, as
    nghttp2 reads it.

    Raises:
        Http2Error: the backend refuses the request or speaks something else.
    """
    fields = [(b":method", method.encode()), (b":scheme", b"https" if tls else b"http")]
    fields += [(b":authority", host), (b":path", path)]
    block = Encoder().encode(fields)
    head = len(block).to_bytes(3, "big") + b"\1\5\0\0\0\1" + block  # END_STREAM, END_HEADERS
    await channel.send(_PREFACE + _NO_PUSH + head)
    conversation, data, total = Conversation(method), b"", 0
    while part := await channel.receive():
        data += part
        total += len(part)
        read = 0
        for frame in _frames(data, first=total == len(data)):
            read += frame.size
            answer = conversation.frame(frame)
            if answer is not None:
                return answer
        data = data[read:]
        answer = conversation.begun(data) or conversation.outcome()
        if answer is not None:
            return answer
        if total > MOST_BYTES:
            raise Http2Error("the backend sends frames without end")
        if conversation.replies:
            await channel.send(conversation.replies)
            conversation.replies = b""
    raise ClosedError("the backend closed without an answer")


def _frames(data: bytes, *, first: bool) -> Iterator[Frame]:
    """The whole frames.

    Args:
        data: what came and was not read yet.
        first: whether it begins with the backend's first frame.
    """
    if first and data.startswith((b"HTTP/1", b"<")):
        raise Http2Error("the backend answers in HTTP/1")
    at = 0
    while (frame := Frame.headed(data[at : at + HEADER])) is not None:
        if first and not frame.begins:
            raise Http2Error("the backend does not begin with SETTINGS")
        if frame.length > _MOST_PAYLOAD:
            raise Http2Error("the backend sends a frame of more than 16,384 bytes")
        if len(data) < at + frame.size:
            return
        frame.payload = data[at + HEADER : at + frame.size]
        yield frame
        at, first = at + frame.size, False
