"""What nghttp2 in mod_proxy_http2 makes of the frames of an answer. Pure.

The library hpack decodes header blocks. Source: nghttp2, lib/nghttp2_session.c and
lib/nghttp2_http.c; httpd 2.4, modules/http2/h2_proxy_session.c.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, cast

from hpack import Decoder, HPACKError

from wizard.probe import http2_fields
from wizard.probe.http2_fields import EndError, Field, Http2Error, StreamError
from wizard.reference.http_statuses import WITHOUT_BODY

_DATA, _HEADERS, _PRIORITY, _RST_STREAM, _SETTINGS, _PUSH, _PING, _GOAWAY, _WINDOW, _MORE = range(
    10
)
_ACK, _END_STREAM, _END_HEADERS, _PADDED, _WITH_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
HEADER = 9
"""Bytes of a frame before its payload."""
_STREAM = 1
_MOST_MORE = 8
"""NGHTTP2_DEFAULT_MAX_CONTINUATIONS."""
_MOST_SETTINGS = 32
"""NGHTTP2_DEFAULT_MAX_SETTINGS: entries of a frame."""
_MOST_REPLIES = 1000
"""NGHTTP2_DEFAULT_MAX_OBQ_FLOOD_ITEM: acknowledgements that wait to be sent."""
_MOST_FIELDS = 1 << 18
"""Bytes of the decoded fields of a head."""
_MOST_DECODED = 4 * _MOST_FIELDS
"""Of all heads of an answer: one byte can stand for a field of 4 KiB (RFC 7541, 7.3)."""
_WIDEST = (1 << 31) - 1


@dataclass(slots=True)
class Frame:
    """A frame (RFC 9113, 4.1)."""

    kind: int
    flags: int
    stream: int
    length: int
    payload: bytes = b""

    @classmethod
    def headed(cls, data: bytes) -> Self | None:
        """The frame whose header some bytes begin with, still without payload; None: too few."""
        if len(data) < HEADER:
            return None
        stream = int.from_bytes(data[5:HEADER], "big") & _WIDEST
        return cls(data[3], data[4], stream, int.from_bytes(data[:3], "big"))

    @property
    def size(self) -> int:
        """Bytes of the whole frame."""
        return HEADER + self.length

    @property
    def begins(self) -> bool:
        """Whether it may be a connection's first."""
        return self.kind == _SETTINGS and not self.flags & _ACK

    def content(self) -> bytes:
        """The payload without padding, and without priority or the stream that is promised.

        Raises:
            Http2Error: there is more padding than payload.
        """
        rest, padding = self.payload, 0
        if self.flags & _PADDED:
            rest, padding = rest[1:], rest[0] if rest else 1
        before = 4 * (self.kind == _PUSH)
        before += 5 * (self.kind == _HEADERS and bool(self.flags & _WITH_PRIORITY))
        if before > len(rest):
            raise Http2Error("a frame with a header block is too short")
        rest = rest[before:]
        if padding > len(rest):
            raise Http2Error("a frame has more padding than payload")
        return rest[: len(rest) - padding]


@dataclass(slots=True)
class Answer:
    """What is passed on.

    Args:
        status: of the answer; an interim one if the stream ends with it.
        length: the content-length of a body that was not asked for.
    """

    status: int
    length: int = 0


@dataclass(slots=True)
class _Peer:
    """What the backend's SETTINGS and other frames of the connection said."""

    settings: dict[int, int] = field(default_factory=dict)
    frames: int = 0
    acknowledged: bool = False
    windows: dict[int, int] = field(default_factory=lambda: {0: 65535, _STREAM: 65535})
    last: int = _WIDEST
    replies: int = 0


class Conversation:
    """The frames of one answer, in order.

    Args:
        method: of the request.
    """

    def __init__(self, method: str) -> None:
        self.replies = b""
        self._method = method
        self._peer = _Peer()
        self._decoder = Decoder(max_header_list_size=_MOST_FIELDS)
        self._block = b""
        self._open: Frame | None = None
        self._more = 0
        self._decoded = 0
        self._code: int | None = None
        self._length: int | None = None
        self._ended = False
        self._error: StreamError | None = None

    def frame(self, frame: Frame) -> Answer | None:
        """The answer, if its body has begun or the backend resets it: what follows does not count.

        Raises:
            StreamError: the backend resets the stream with an error.
            Http2Error: nghttp2 ends the connection because of the frame.
        """
        if self._open is not None or frame.kind == _MORE:
            self._continuation(frame)
        elif frame.kind == _DATA:
            return self._data(frame)
        elif frame.kind == _RST_STREAM:
            self._rst_stream(frame)
            return self.outcome()
        elif frame.kind in _READ:
            _READ[frame.kind](self, frame)
        return None

    def begun(self, data: bytes) -> Answer | None:
        """The answer, if its body has begun with a frame that is not whole yet.

        Args:
            data: beginning of that frame.
        """
        frame = Frame.headed(data)
        if frame is None or frame.kind != _DATA or self._open is not None:
            return None
        at = HEADER + bool(frame.flags & _PADDED)
        text = data[at : at + 1]
        if not text:
            return None
        flags = frame.flags & ~(_PADDED | _END_STREAM)
        return self._data(Frame(_DATA, flags, frame.stream, 1, text))

    def outcome(self) -> Answer | None:
        """The answer if the stream has ended with it.

        Raises:
            StreamError: the stream ended without one.
            Http2Error: nghttp2 can send nothing more.
        """
        if self._error is not None:
            raise self._error
        if not self._ended:
            return None
        if self._peer.settings.get(_INITIAL_WINDOW) == 0:
            raise Http2Error("the backend's SETTINGS leave no window")
        # mod_proxy_http2 makes 200 of a stream that ends without error and answer
        unseen = self._length if self._method == "HEAD" and self._code not in WITHOUT_BODY else None
        return Answer(200 if self._code is None else self._code, unseen or 0)

    def _data(self, frame: Frame) -> Answer | None:
        if frame.stream != _STREAM:
            raise Http2Error("DATA comes on a stream that does not exist")
        text = frame.content()
        if self._is_gone:
            return None
        if self._ended:
            raise Http2Error("DATA comes after the end of the answer")
        if self._code is None:
            raise Http2Error("DATA comes before the head")
        if self._is_interim:
            self._error = StreamError("DATA comes after an interim answer")
        elif text and (self._method == "HEAD" or self._code in WITHOUT_BODY):
            self._error = StreamError("a body comes where there is none")
        elif self._length is not None and len(text) > self._length:
            self._error = StreamError("the body is longer than its head says")
        elif text:
            return Answer(self._code)
        elif frame.flags & _END_STREAM:
            self._end()
        return None

    @property
    def _is_gone(self) -> bool:
        """Whether nghttp2 has reset the stream, and passes over what follows."""
        return self._error is not None and not isinstance(self._error, EndError)

    @property
    def _is_interim(self) -> bool:
        """Whether the final head has not come."""
        return self._code is None or 100 <= self._code < 200

    def _headers(self, frame: Frame) -> None:
        if frame.stream != _STREAM:
            raise Http2Error("HEADERS come on a stream that does not exist")
        if self._ended and not self._is_gone:
            raise Http2Error("HEADERS come after the end of the answer")
        self._block, self._more = frame.content(), 0
        self._complete(frame, frame)

    def _continuation(self, frame: Frame) -> None:
        head = self._open
        if head is None or frame.kind != _MORE or frame.stream != _STREAM:
            raise Http2Error("a header block is interrupted")
        self._more += 1
        if self._more > _MOST_MORE:
            raise Http2Error("a header block has too many CONTINUATION frames")
        self._block += frame.payload
        self._complete(head, frame)

    def _complete(self, head: Frame, last: Frame) -> None:
        if not last.flags & _END_HEADERS:
            self._open = head
            return
        self._open = None
        try:
            fields = cast("list[Field]", list(self._decoder.decode(self._block, raw=True)))
        except HPACKError as fault:
            raise Http2Error(f"a header block is none: {fault}") from fault
        self._decoded += sum(len(name) + len(value) for name, value in fields)
        if self._decoded > _MOST_DECODED:
            raise Http2Error("the backend sends header fields without end")
        if self._is_gone or head.kind == _PUSH:
            return
        ended = bool(head.flags & _END_STREAM)
        try:
            if self._is_interim:
                self._code, self._length = http2_fields.head(fields)
            else:
                self._length = http2_fields.trailers(
                    fields, self._length, ended=ended, to_head=self._method == "HEAD"
                )
        except StreamError as fault:
            self._error = fault if ended else StreamError(str(fault))
        if ended and not self._is_gone:
            self._end()

    def _end(self) -> None:
        self._ended = True
        if self._error is not None:
            return
        if self._is_interim:
            self._error = EndError("the backend ends the request after an interim answer")
        elif self._length and self._method != "HEAD" and self._code != 304:
            self._error = EndError("the body has another length than the header says")

    def _rst_stream(self, frame: Frame) -> None:
        _need(frame, 4)
        if frame.stream != _STREAM:
            raise Http2Error("a stream that does not exist is reset")
        self._ended = True
        code = int.from_bytes(frame.payload, "big")
        text = f"the backend resets the request: HTTP/2 error {code}"
        self._error = StreamError(text) if code else None

    def _priority(self, frame: Frame) -> None:
        _need(frame, 5)
        if frame.stream == 0 or int.from_bytes(frame.payload[:4], "big") & _WIDEST == frame.stream:
            raise Http2Error("a PRIORITY frame is of no stream, or depends on its own")

    def _push(self, frame: Frame) -> None:
        # until the SETTINGS that forbid it are acknowledged, nghttp2 refuses only what is pushed
        content = frame.content()
        at = 1 if frame.flags & _PADDED else 0
        promised = int.from_bytes(frame.payload[at : at + 4], "big") & _WIDEST
        if self._peer.acknowledged or frame.stream != _STREAM or promised % 2 or not promised:
            raise Http2Error("PUSH_PROMISE comes, and is not allowed")
        self._block, self._more = content, 0
        self._complete(frame, frame)

    def _ping(self, frame: Frame) -> None:
        _need(frame, 8, 0)
        if not frame.flags & _ACK:
            self._reply(b"\0\0\x08\6\1\0\0\0\0" + frame.payload)

    def _reply(self, reply: bytes) -> None:
        self._peer.replies += 1
        if self._peer.replies > _MOST_REPLIES and not self._ended:
            raise Http2Error("the backend floods with frames that want an answer")
        self.replies += reply

    def _goaway(self, frame: Frame) -> None:
        last, code = (int.from_bytes(frame.payload[at : at + 4], "big") for at in (0, 4))
        last &= _WIDEST
        wrong = last % 2 == 0 and last > 0
        if frame.length < 8 or frame.stream or wrong or last > self._peer.last:
            raise Http2Error("a GOAWAY frame is none")
        self._peer.last = last
        if last < _STREAM:
            self._error = StreamError(f"the backend refuses the request: HTTP/2 error {code}")

    def _window(self, frame: Frame) -> None:
        _need(frame, 4)
        more = int.from_bytes(frame.payload, "big") & _WIDEST
        if frame.stream not in self._peer.windows or more == 0:
            raise Http2Error("a WINDOW_UPDATE frame is of no stream, or of nothing")
        self._peer.windows[frame.stream] += more
        if self._peer.windows[frame.stream] <= _WIDEST:
            return
        if frame.stream == 0:
            raise Http2Error("the connection's window is too wide")
        if self._error is None:
            self._error = StreamError("the stream's window is too wide")

    def _settings(self, frame: Frame) -> None:
        peer = self._peer
        if frame.flags & _ACK:
            _need(frame, 0, 0)
            if peer.acknowledged:
                raise Http2Error("SETTINGS are acknowledged that were not sent")
            peer.acknowledged = True
            return
        if frame.stream or frame.length % 6 or frame.length > _MOST_SETTINGS * 6:
            raise Http2Error("a SETTINGS frame is none, or too long")
        for at in range(0, frame.length, 6):
            number = int.from_bytes(frame.payload[at : at + 2], "big")
            self._setting(number, int.from_bytes(frame.payload[at + 2 : at + 6], "big"))
        peer.frames += 1
        self._reply(b"\0\0\0\4\1\0\0\0\0")

    def _setting(self, number: int, value: int) -> None:
        peer, (least, most) = self._peer, _VALUES.get(number, (0, _UNBOUNDED))
        before = peer.settings.get(number, 0)
        back = number == _CONNECT_PROTOCOL and value < before
        late = number == _NO_PRIORITIES and peer.frames and value != before
        if not least <= value <= most or back or late:
            raise Http2Error(f"SETTINGS give {number} the value {value}")
        if number == _INITIAL_WINDOW:
            peer.windows[_STREAM] += value - peer.settings.get(number, 65535)
            if peer.windows[_STREAM] > _WIDEST:
                raise Http2Error("SETTINGS make the stream's window too wide")
        peer.settings[number] = value


_READ = {
    _HEADERS: Conversation._headers,
    _PRIORITY: Conversation._priority,
    _SETTINGS: Conversation._settings,
    _PUSH: Conversation._push,
    _PING: Conversation._ping,
    _GOAWAY: Conversation._goaway,
    _WINDOW: Conversation._window,
}
"""Frames of other kinds are passed over (RFC 9113, 4.1)."""
_INITIAL_WINDOW, _CONNECT_PROTOCOL, _NO_PRIORITIES = 4, 8, 9
_UNBOUNDED = (1 << 32) - 1
_VALUES = {
    2: (0, 0),  # ENABLE_PUSH, of a server
    _INITIAL_WINDOW: (0, _WIDEST),
    5: (1 << 14, (1 << 24) - 1),  # MAX_FRAME_SIZE
    _CONNECT_PROTOCOL: (0, 1),
    _NO_PRIORITIES: (0, 1),
}
"""Least and greatest values of settings."""


def _need(frame: Frame, length: int, stream: int | None = None) -> None:
    if frame.length != length or (stream is not None and frame.stream != stream):
        raise Http2Error(f"a frame of type {frame.kind} has another length or stream than it must")
