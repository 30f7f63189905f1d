"""Backends that speak HTTP/2 (RFC 9113) well, badly or not at all: what each sends, as bytes."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW, MORE = range(10)
ACK, END_STREAM, END_HEADERS = 1, 1, 4
_PREFACE, _TLS = 24, b"\x16"
"""Bytes that HTTP/2 begins with, and what a ClientHello begins with, at which a server hangs up."""
_PATIENCE = 5.0
"""Seconds after which a backend hangs up by itself."""


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame (RFC 9113, 4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def field(name: bytes, value: bytes) -> bytes:
    """A literal field that is not indexed (RFC 7541, 6.2.2)."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def head(*fields: tuple[bytes, bytes], status: bytes = b"200", flags: int = END_STREAM) -> bytes:
    """HEADERS with a status and other fields."""
    block = field(b":status", status) + b"".join(field(*each) for each in fields)
    return frame(HEADERS, END_HEADERS | flags, 1, block)


def raw(*fields: tuple[bytes, bytes], flags: int = END_STREAM) -> bytes:
    """HEADERS with these fields alone."""
    return frame(HEADERS, END_HEADERS | flags, 1, b"".join(field(*each) for each in fields))


def reset(code: int) -> bytes:
    return frame(RST_STREAM, 0, 1, struct.pack(">I", code))


def goaway(code: int, last: int = 1) -> bytes:
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


def data(text: bytes, flags: int = END_STREAM, stream: int = 1) -> bytes:
    return frame(DATA, flags, stream, text)


def setting(number: int, value: int) -> bytes:
    return frame(SETTINGS, 0, 0, struct.pack(">HI", number, value))


NO_SETTINGS = b""
FINE = frame(SETTINGS, 0, 0)
OPEN = head(flags=0)


@dataclass(frozen=True)
class Answer:
    """What a backend says once it is asked.

    Args:
        says: the frames.
        settings: what it says first.
        stays: whether it then is silent; else it hangs up.
    """

    says: bytes
    settings: bytes = FINE
    stays: bool = True

    def __call__(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        asked = b""
        while HEADERS not in _kinds(asked) and (part := connection.recv(65536)):
            asked += part
            if asked[:1] == _TLS:
                return
        if _kinds(asked):
            connection.sendall(self.settings + self.says)
        if not self.stays:
            connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def _kinds(asked: bytes) -> list[int]:
    """Types of the frames after the preface."""
    kinds, at = [], _PREFACE
    while len(asked) >= at + 9:
        kinds.append(asked[at + 3])
        at += 9 + int.from_bytes(asked[at : at + 3], "big")
    return kinds


def ended(says: bytes) -> Answer:
    return Answer(says, stays=False)


ANSWERS: dict[str, Answer] = {
    "fine": Answer(head()),
    "fine-404": Answer(head(status=b"404")),
    "body": Answer(OPEN + data(b"hello")),
    "trailers": Answer(OPEN + data(b"x", 0) + raw((b"x-sum", b"1"))),
    "early-hints": Answer(head(status=b"103", flags=0) + head()),
    "hints-then-silence": Answer(head(status=b"103", flags=0)),
    "hints-end": Answer(head(status=b"103")),
    **{f"reset-{code}": Answer(reset(code)) for code in (*range(14), 99)},
    "reset-after-head": Answer(OPEN + reset(2)),
    **{f"goaway-{code}": Answer(goaway(code)) for code in (0, 1, 2, 11, 13)},
    "goaway-unprocessed": Answer(goaway(0, 0)),
    "goaway-then-answer": Answer(goaway(0) + head()),
    "goaway-error-then-answer": Answer(goaway(2) + head()),
    "answer-then-goaway": Answer(head() + goaway(0)),
    "no-settings": Answer(head(), NO_SETTINGS),
    "ping-first": Answer(head(), frame(PING, 0, 0, bytes(8)) + FINE),
    "settings-odd-length": Answer(head(), frame(SETTINGS, 0, 0, b"abc")),
    "settings-on-stream": Answer(head(), frame(SETTINGS, 0, 1)),
    "settings-ack-with-payload": Answer(frame(SETTINGS, ACK, 0, bytes(6)) + head()),
    "settings-push-2": Answer(head(), setting(2, 2)),
    "settings-push-1": Answer(head(), setting(2, 1)),
    "settings-window": Answer(head(), setting(4, 1 << 31)),
    "settings-frame-size": Answer(head(), setting(5, 1)),
    "settings-unknown": Answer(head(), setting(99, 1)),
    "settings-no-streams": Answer(b"", setting(3, 0)),
    "push": Answer(
        frame(PUSH, END_HEADERS, 1, b"\x00\x00\x00\x02" + field(b":path", b"/")) + head()
    ),
    "push-refused": Answer(
        frame(SETTINGS, ACK, 0)
        + frame(PUSH, END_HEADERS, 1, b"\x00\x00\x00\x02" + field(b":path", b"/"))
        + head()
    ),
    "reset-0-after-head": Answer(OPEN + reset(0)),
    "padding": Answer(frame(HEADERS, 13, 1, b"\x02\x88\x00\x00")),
    "padding-too-long": Answer(frame(HEADERS, 13, 1, b"\x09\x88")),
    "priority": Answer(frame(HEADERS, 0x25, 1, bytes(5) + b"\x88")),
    "priority-on-itself": Answer(frame(HEADERS, 0x25, 1, bytes(3) + b"\x01\x00\x88")),
    "padding-and-priority-on-itself": Answer(
        frame(HEADERS, 0x2D, 1, b"\x01" + bytes(3) + b"\x01\x00\x88\x00")
    ),
    "priority-frame-on-itself": Answer(frame(PRIORITY, 0, 1, bytes(3) + b"\x01\x00") + head()),
    "priority-frame-too-short": Answer(frame(PRIORITY, 0, 1, bytes(3) + b"\x01") + head()),
    "priority-frame-of-no-stream": Answer(frame(PRIORITY, 0, 0, bytes(5)) + head()),
    "stream-0": Answer(frame(HEADERS, 5, 0, b"\x88")),
    "stream-2": Answer(frame(HEADERS, 5, 2, b"\x88")),
    "stream-3": Answer(frame(HEADERS, 5, 3, b"\x88")),
    "no-status": Answer(raw((b"a", b"b"))),
    "empty-head": Answer(frame(HEADERS, 5, 1)),
    "two-status": Answer(raw((b":status", b"200"), (b":status", b"200"))),
    **{
        f"status-{text.decode() or 'empty'}": Answer(head(status=text))
        for text in (b"101", b"99", b"099", b"000", b"abc", b"600", b"999", b"1000", b"")
    },
    "upper-case": Answer(head((b"Server", b"x"))),
    **{
        name.decode(): Answer(head((name, value)))
        for name, value in (
            (b"connection", b"close"),
            (b"keep-alive", b"timeout=5"),
            (b"proxy-connection", b"close"),
            (b"transfer-encoding", b"chunked"),
            (b"upgrade", b"h2c"),
        )
    },
    "te": Answer(head((b"te", b"gzip"))),
    "te-trailers": Answer(head((b"te", b"trailers"))),
    "value-crlf": Answer(head((b"a", b"b\r\nc: d"))),
    "value-nul": Answer(head((b"a", b"b\x00c"))),
    "value-control": Answer(head((b"a", b"b\x01c"))),
    "value-blank-first": Answer(head((b"a", b" b"))),
    "value-blank-last": Answer(head((b"a", b"b "))),
    "value-latin-1": Answer(head((b"a", b"\xe9"))),
    "name-empty": Answer(head((b"", b"b"))),
    "name-blank": Answer(head((b"a b", b"c"))),
    "name-colon": Answer(head((b"a:b", b"c"))),
    "pseudo-unknown": Answer(head((b":odd", b"1"))),
    "pseudo-path": Answer(head((b":path", b"/"))),
    "pseudo-late": Answer(raw((b"a", b"b"), (b":status", b"200"))),
    "pseudo-in-trailers": Answer(OPEN + raw((b":status", b"200"))),
    "length-too-long": Answer(head((b"content-length", b"9"), flags=0) + data(b"abc")),
    "length-too-short": Answer(head((b"content-length", b"1"), flags=0) + data(b"abc")),
    "length-text": Answer(head((b"content-length", b"abc"))),
    "length-twice": Answer(head((b"content-length", b"0"), (b"content-length", b"0"))),
    "data-first": Answer(data(b"x", 0) + head()),
    "data-on-0": Answer(data(b"x", 0, 0) + head()),
    "data-on-3": Answer(data(b"x", 0, 3) + head()),
    "window-0": Answer(frame(WINDOW, 0, 0, bytes(4)) + head()),
    "window-stream-0": Answer(frame(WINDOW, 0, 1, bytes(4)) + head()),
    "window-over": Answer(frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff") * 2 + head()),
    "ping-short": Answer(frame(PING, 0, 0, b"x") + head()),
    "reset-short": Answer(frame(RST_STREAM, 0, 1, b"x")),
    "too-large": Answer(frame(99, 0, 0, bytes(16385)) + head()),
    "unknown-frame": Answer(frame(99, 0, 0, b"x") + head()),
    "continuation": Answer(frame(HEADERS, 1, 1, b"\x88") + frame(MORE, 4, 1, field(b"a", b"b"))),
    "continuation-alone": Answer(frame(MORE, 4, 1, b"\x88")),
    "continuation-broken": Answer(frame(HEADERS, 1, 1, b"\x88") + frame(PING, 0, 0, bytes(8))),
    "hpack-index": Answer(frame(HEADERS, 5, 1, b"\xff\xff")),
    "hpack-cut": Answer(frame(HEADERS, 5, 1, b"\x88\x00\x05a")),
    "hpack-huffman": Answer(frame(HEADERS, 5, 1, b"\x48\x82\x64\x02")),
    "table-size": Answer(frame(HEADERS, 5, 1, b"\x3f\xe1\x1f\x88")),
    "table-size-over": Answer(frame(HEADERS, 5, 1, b"\x3f\xe2\x1f\x88")),
    "head-then-silence": Answer(OPEN),
    "data-then-silence": Answer(OPEN + data(b"x", 0)),
    "silence": Answer(b""),
    "head-then-end": ended(OPEN),
    "end": ended(b""),
    "cut": ended(head()[:12]),
    "http-1": Answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"", stays=False),
    "text": Answer(b"220 mail.internal\r\n", b"", stays=False),
    "reset-of-3": Answer(frame(RST_STREAM, 0, 3, bytes(4)) + head()),
    "settings-acknowledged-twice": Answer(frame(SETTINGS, ACK, 0) * 2 + head()),
    "settings-33": Answer(head(), frame(SETTINGS, 0, 0, struct.pack(">HI", 99, 1) * 33)),
    "settings-32": Answer(head(), frame(SETTINGS, 0, 0, struct.pack(">HI", 99, 1) * 32)),
    "settings-1001": Answer(head(), FINE * 1001),
    "settings-window-0": Answer(head(), setting(4, 0)),
    "settings-window-0-then-more": Answer(head(), setting(4, 0) + setting(4, 1)),
    "settings-window-wide-then-wider": Answer(
        frame(WINDOW, 0, 1, b"\0\0\0\1") + head(), FINE + setting(4, 0x7FFFFFFF)
    ),
    "settings-connect-back": Answer(head(), setting(8, 1) + setting(8, 0)),
    "settings-no-priorities": Answer(head(), setting(9, 1)),
    "settings-no-priorities-late": Answer(head(), FINE + setting(9, 1)),
    "settings-no-priorities-2": Answer(head(), setting(9, 2)),
    "pings-999": Answer(frame(PING, 0, 0, bytes(8)) * 999 + head()),
    "pings-1000": Answer(frame(PING, 0, 0, bytes(8)) * 1000 + head()),
    "pings-around-the-answer": Answer(
        frame(PING, 0, 0, bytes(8)) * 990 + head() + frame(PING, 0, 0, bytes(8)) * 20
    ),
    "pings-1000-after-the-answer": Answer(head() + frame(PING, 0, 0, bytes(8)) * 1000),
    "preface": Answer(head(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "window-reserved-bit": Answer(frame(WINDOW, 0, 0, b"\x80\0\0\1") + head()),
    "window-of-3": Answer(frame(WINDOW, 0, 3, b"\0\0\0\1") + head()),
    "window-stream-over": Answer(frame(WINDOW, 0, 1, b"\x7f\xff\xff\xff") + head()),
    "altsvc-broken": Answer(frame(10, 0, 0, b"\xff\xffx") + head()),
    "goaway-on-stream": Answer(frame(GOAWAY, 0, 1, bytes(8)) + head()),
    "goaway-last-2": Answer(goaway(0, 2) + head()),
    "goaway-last-3": Answer(goaway(0, 3) + head()),
    "goaway-grows": Answer(goaway(0, 1) + goaway(0, 3) + head()),
    **{
        f"continuations-{count}": Answer(
            frame(HEADERS, END_STREAM, 1, b"\x88")
            + frame(MORE, 0, 1) * (count - 1)
            + frame(MORE, END_HEADERS, 1)
        )
        for count in (8, 9)
    },
    "continuation-after-end": Answer(head() + frame(MORE, END_HEADERS, 1)),
    "head-twice": Answer(head() + head()),
    "data-after-end": Answer(head() + data(b"x")),
    "data-and-junk": Answer(OPEN + data(b"x") + b"\xff" * 20),
    "end-and-junk": Answer(head() + b"\xff" * 20),
    "end-and-hints": Answer(head() + head(status=b"103", flags=0)),
    "end-and-reset": Answer(head() + reset(1)),
    "end-and-reset-0": Answer(head() + reset(0)),
    "end-and-window-over": Answer(head() + frame(WINDOW, 0, 1, b"\x7f\xff\xff\xff")),
    "end-and-goaway-unprocessed": Answer(head() + goaway(0, 0)),
    "end-and-head-without-end": Answer(head() + frame(HEADERS, END_STREAM, 1, b"\x88")),
    "reset-0-and-junk": Answer(reset(0) + b"\xff" * 20),
    "reset-and-head-on-3": Answer(reset(8) + frame(HEADERS, 5, 3, b"\x88")),
    "no-status-then-data-and-heads": Answer(
        raw((b"a", b"b"), flags=0) + data(b"x") + head() + head()
    ),
    "trailers-twice": Answer(OPEN + raw((b"a", b"b")) * 2),
    "trailers-length": Answer(OPEN + raw((b"content-length", b"5"))),
    "hints-end-then-head": Answer(head(status=b"103") + head()),
    "hints-reset-0": Answer(head(status=b"103", flags=0) + reset(0)),
    "hints-data": Answer(head(status=b"103", flags=0) + data(b"x")),
    "hints-length": Answer(head((b"content-length", b"0"), status=b"103", flags=0) + head()),
    "bad-field-then-head": Answer(head((b"A", b"b")) + head()),
    "bad-field-then-reset-0": Answer(head((b"A", b"b"), flags=0) + reset(0)),
    "bad-field-then-bad-block": Answer(head((b"A", b"b")) + frame(HEADERS, 5, 1, b"\xff\xff")),
    "bad-field-then-window-0": Answer(head((b"A", b"b")) + frame(WINDOW, 0, 0, bytes(4))),
    "no-status-then-head": Answer(raw((b"a", b"b")) + head()),
    "no-status-then-data": Answer(raw((b"a", b"b"), flags=0) + data(b"x")),
    **{
        f"body-of-{status.decode()}": Answer(head(status=status, flags=0) + data(b"x"))
        for status in (b"204", b"205", b"304", b"425", b"599")
    },
    **{
        f"length-{value.decode()}-of-204": Answer(head((b"content-length", value), status=b"204"))
        for value in (b"0", b"00", b"5")
    },
    "length-of-304": Answer(head((b"content-length", b"5"), status=b"304")),
    "length-greater-than-a-number": Answer(
        head((b"content-length", b"9223372036854775808"), flags=0) + data(b"x")
    ),
    "length-and-no-body-of-404": Answer(head((b"content-length", b"5"), status=b"404")),
    "padding-all-of-head": Answer(frame(HEADERS, 13, 1, b"\1\0")),
    "padding-over-priority": Answer(frame(HEADERS, 45, 1, b"\3\0\0\0\0\0\x88\0")),
    "padding-all-of-data": Answer(OPEN + frame(DATA, 9, 1, b"\5" + bytes(5))),
    "head-on-2": Answer(frame(HEADERS, 5, 2, b"\x88") + head()),
    "block-of-130000": Answer(
        frame(HEADERS, END_STREAM, 1, b"\x88")
        + b"".join(frame(MORE, 0, 1, (b"\x00\x01a\x7f\x01" + b"b" * 128) * 122) for _ in range(7))
        + frame(MORE, END_HEADERS, 1)
    ),
    "data-cut": ended(OPEN + data(b"hello")[:-2]),
    "data-cut-before-body": ended(OPEN + data(b"hello")[:9]),
    "data-cut-in-padding": Answer(OPEN + frame(DATA, 9, 1, b"\1a\0")[:11]),
}
