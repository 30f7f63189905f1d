"""Answers in HTTP/1.1 and HTTP/2 that never end, or say what is not to be repeated."""

from __future__ import annotations

import itertools
import socket
import ssl
import zlib
from collections.abc import Callable, Iterable

import pytest

from tests.hostile.observing import LONG, observe
from tests.probe.asking import http
from tests.support import servers
from tests.support.yardstick import bounded
from wizard.model.answer_rules import AnswerRules
from wizard.probe.answer import Reader
from wizard.probe.http2_answer import Conversation, Frame
from wizard.probe.http2_fields import Http2Error

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
BOMB = zlib.compress(bytes(64 << 20), 9, wbits=31)
LOGIN = OK + b"Set-Cookie: session=swordfish; Secure\r\nServer: x\r\n"


def first_and_then(first: bytes, more: bytes) -> Callable[[ssl.SSLSocket], None]:
    def answer(connection: ssl.SSLSocket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(more)

    return answer


@pytest.mark.parametrize(
    ("answer", "status", "failure"),
    [
        (first_and_then(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100), None, "invalid"),
        (first_and_then(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"), None, "invalid"),
        (first_and_then(CHUNKED, b"X-Trailer: " + b"t" * 1000 + b"\r\n"), 200, None),
        (first_and_then(OK + b"Location: ", b"l" * (1 << 20)), None, "too-much"),
        (first_and_then(OK + b"X: y\r\n", b" folded\r\n" * 1000), None, "invalid"),
        (first_and_then(b"\r\n" * 100, b"\r\n" * 1000), None, "invalid"),
        (first_and_then(b"HTTP/1.1 ", b"2" * 1000), None, "invalid"),
    ],
    ids=["102", "103", "trailers", "location", "folded", "blank", "status"],
)
def test_without_end(
    tls: ssl.SSLContext,
    answer: Callable[[ssl.SSLSocket], None],
    status: int | None,
    failure: str | None,
) -> None:
    with servers.serving(servers.answering(tls, answer)) as port:
        report = observe(port, LONG)
    assert (http(report).status, http(report).failure) == (status, failure)


def test_a_body_that_unpacks_to_much_more(tls: ssl.SSLContext) -> None:
    """It is neither asked for nor read: 64 MiB would be more than memory allowed."""
    heads: list[bytes] = []
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)

    def handle(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as secure:
            heads.append(secure.recv(65536))
            secure.sendall(head + BOMB)
            secure.recv(1)

    with servers.serving(handle) as port:
        report = observe(port)
    assert http(report).status == 200
    assert b"accept-encoding" not in heads[0].lower()


def test_a_cookie_is_not_kept(tls: ssl.SSLContext) -> None:
    answer = servers.answering(tls, lambda secure: secure.sendall(LOGIN + b"\r\n"))
    with servers.serving(answer) as port:
        report = observe(port)
    assert http(report).server == "x"
    assert "swordfish" not in repr(report)


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """A frame (RFC 9113, 4.1)."""
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


DATA, HEADERS, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = (
    0,
    1,
    *range(3, 10),
)
END_HEADERS = 4
INTERIM = b"\x08\x03103"
"""``:status`` 103 as a literal (RFC 7541, 6.2.2)."""


Sent = Callable[[], Iterable[bytes]]


def without_end(one: bytes, first: bytes = b"") -> Sent:
    return lambda: itertools.chain([first], itertools.repeat(one))


def once(one: bytes) -> Sent:
    return lambda: [one]


@pytest.mark.parametrize(
    "sent",
    [
        without_end(frame(SETTINGS)),
        without_end(frame(SETTINGS, payload=b"\x00\x01\xff\xff\xff\xff" * 2000)),
        without_end(frame(PING, payload=b"p" * 8)),
        without_end(frame(PING, payload=b"p" * 16_000)),
        without_end(frame(WINDOW, payload=b"\x7f\xff\xff\xff")),
        without_end(frame(DATA, stream=1, payload=b"d" * 16_000)),
        without_end(frame(DATA, stream=1)),
        without_end(frame(PUSH, END_HEADERS, 1, b"\x00\x00\x00\x02\x88")),
        without_end(frame(HEADERS, END_HEADERS, 1, INTERIM)),
        without_end(frame(RST_STREAM, stream=3, payload=bytes(4))),
        without_end(frame(CONTINUATION, 0, 1, bytes(16_000)), frame(HEADERS, 0, 1)),
        without_end(b"h" * 1000, b"\xff\xff\xff\x01\x04\x00\x00\x00\x01"),
        without_end(frame(0xEE, 0xFF, 0x7FFFFFFF, b"unknown")),
        once(frame(GOAWAY, payload=bytes(8) + b"\x1b[2J" * 4000)),
        once(frame(HEADERS, END_HEADERS, 1, b"\x3f" + b"\xff" * 16_000)),
        once(frame(HEADERS, END_HEADERS, 1, b"\x08\xff" + bytes(16_000))),
    ],
    ids=[
        *("settings", "large settings", "ping", "large ping", "window", "data", "empty data"),
        *("push", "interim", "reset", "continuation", "frame", "unknown", "goaway", "integer"),
        "huffman",
    ],
)
def test_http2(tls: ssl.SSLContext, sent: Sent) -> None:
    tls.set_alpn_protocols(["h2"])

    def handle(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            for one in sent():
                secure.sendall(one)
            while secure.recv(65536):
                pass

    with servers.serving(handle) as port:
        report = observe(port, LONG, alpn=("h2",))
    assert report.tls is not None
    assert report.tls.alpn == "h2"
    assert http(report).failure == "not-http"
    assert "\x1b" not in (http(report).error or "")


FIELDS = (1 << 18) // 2
"""Bytes of header fields: half of what is read of a head."""


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([b"Set-Cookie:%d" % n for n in range(FIELDS // 12)] + [b"a:"] * (FIELDS // 3), 0),
        ([b"a"] * FIELDS, 16),
        ([b"HTTP/1.1 200 OK"] * (FIELDS // 16), 16),
    ],
    ids=["cookies", "no-colon", "status-lines"],
)
def test_many_fields_cost_their_number(lines: list[bytes], codes: int) -> None:
    """Not its square: that was 10 and 20 seconds in which no other backend was asked."""
    reader = Reader(AnswerRules(bad_header="ignore"), upgrade=False)
    with bounded(3):
        heads = [reader.line(line) for line in (OK.rstrip(), *lines, b"")]
    assert heads[-1] is not None
    assert (heads[-1].status, len(reader.codes)) == (200, codes)


def test_bytes_that_stand_for_many_fields() -> None:
    """A field of 4,000 bytes, then one byte for each time that it comes again (RFC 7541, 6.1)."""
    early = b"\x08\x03103"  # :status, which is not kept
    again = early + b"\xbe" * 64
    talk = Conversation("GET")
    talk.frame(Frame(4, 0, 0, 0))
    kept = b"\x40\x01a\x7f\xa1\x1e" + b"x" * 4000
    for block in (early + kept, *[again] * 4):
        talk.frame(Frame(1, 4, 1, len(block), block))
    with pytest.raises(Http2Error, match="without end"):
        talk.frame(Frame(1, 4, 1, len(again), again))
