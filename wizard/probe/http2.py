"""One HTTP/2 request (RFC 9113) and the status of its answer: for h2:// and h2c:// backends.

HPACK (RFC 7541) without its dynamic table: the request consists of literals, and only the answer's
first field is read, which has to be ``:status`` (RFC 9113, 8.3). By hand, because h2 would be three
more packages in every bundle, for one request, and says less of what a broken backend sends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.probe.channel import Channel

MOST_BYTES = 1 << 16
"""Most bytes of frames before the status."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY = 1, 3, 4, 6, 7
_ACK, _END_STREAM, _END_HEADERS, _PADDED, _PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
_STREAM = 1
_NO_PUSH = b"\x00\x02\x00\x00\x00\x00"
_AUTHORITY, _METHOD, _PATH, _HTTP, _HTTPS, _STATUS = 1, 2, 4, 0x86, 0x87, 8
"""Indices of HPACK's static table (RFC 7541, appendix A); 0x86 and 0x87 are whole fields."""
_INDEXED_STATUS = dict(zip(range(0x88, 0x8F), (200, 204, 206, 304, 400, 404, 500), strict=True))
_HUFFMAN_DIGITS = {
    "00000": "0",
    "00001": "1",
    "00010": "2",
    "011001": "3",
    "011010": "4",
    "011011": "5",
    "011100": "6",
    "011101": "7",
    "011110": "8",
    "011111": "9",
}
"""RFC 7541, appendix B."""


class Http2Error(Exception):
    """The backend does not answer in HTTP/2; the text says what it does instead."""


class ClosedError(Http2Error):
    """The backend hung up."""


async def status(channel: Channel, method: str, host: bytes, path: bytes, *, tls: bool) -> int:
    """Send a request and wait for the status of the final answer.

    Raises:
        Http2Error: the backend refuses the request or speaks something else.
    """
    fields = bytes((_HTTPS if tls else _HTTP,))
    for index, value in ((_METHOD, method.encode()), (_PATH, path), (_AUTHORITY, host)):
        fields += bytes((index,)) + _string(value)
    request = _frame(_HEADERS, _END_STREAM | _END_HEADERS, _STREAM, fields)
    await channel.send(_PREFACE + _frame(_SETTINGS, 0, 0, _NO_PUSH) + request)
    async for kind, flags, stream, payload in _frames(channel):
        if kind == _SETTINGS and not flags & _ACK:
            await channel.send(_frame(_SETTINGS, _ACK, 0))
        elif kind == _PING and not flags & _ACK:
            await channel.send(_frame(_PING, _ACK, 0, payload))
        elif kind == _GOAWAY or (kind == _RST_STREAM and stream == _STREAM):
            code = int.from_bytes(payload[4:8] if kind == _GOAWAY else payload[:4], "big")
            raise Http2Error(f"the backend refuses the request: HTTP/2 error {code}")
        elif kind == _HEADERS and stream == _STREAM:
            code = _read_status(_block(flags, payload))
            if code >= 200:
                return code
    raise ClosedError("the backend closed without an answer")


async def _frames(channel: Channel) -> AsyncIterator[tuple[int, int, int, bytes]]:
    """(type, flags, stream, payload) of each frame, until the backend hangs up."""
    data, total = b"", 0
    while part := await channel.receive():
        data += part
        total += len(part)
        if total > MOST_BYTES:
            raise Http2Error("the backend sends frames without end")
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            end = 9 + int.from_bytes(data[:3], "big")
            stream = int.from_bytes(data[5:9], "big") & 0x7FFFFFFF
            yield data[3], data[4], stream, data[9:end]
            data = data[end:]
        if total < 64 and data.startswith((b"HTTP/1", b"<")):
            raise Http2Error("the backend answers in HTTP/1")


def _block(flags: int, payload: bytes) -> bytes:
    """The header block of a HEADERS frame without padding and priority."""
    begin = 1 if flags & _PADDED else 0
    return payload[begin + (5 if flags & _PRIORITY else 0) :]


def _read_status(block: bytes) -> int:
    """``:status`` from the beginning of a header block.

    Raises:
        Http2Error: it is not there.
    """
    at = 0
    while at < len(block) and block[at] & 0xE0 == 0x20:  # size of the dynamic table
        more = block[at] == 0x3F  # an integer of several bytes (RFC 7541, 5.1)
        at += 1
        while more and at < len(block):
            more = bool(block[at] & 0x80)
            at += 1
    field = block[at : at + 1]
    if field and field[0] in _INDEXED_STATUS:
        return _INDEXED_STATUS[field[0]]
    literal = bytes((_STATUS, 0x40 | _STATUS, 0x10 | _STATUS))
    if field and field in literal and len(block) >= at + 2:
        head = block[at + 1]
        value = block[at + 2 : at + 2 + (head & 0x7F)]
        text = _huffman_digits(value) if head & 0x80 else value.decode("latin-1")
        if len(text) == 3 and text.isascii() and text.isdigit():
            return int(text)
    raise Http2Error("the backend's answer has no status")


def _huffman_digits(value: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in value)
    digits = ""
    while bits:
        size = 5 if bits[:5] in _HUFFMAN_DIGITS else 6
        digit = _HUFFMAN_DIGITS.get(bits[:size])
        if digit is None:
            break  # the padding at the end
        digits += digit
        bits = bits[size:]
    return digits


def _string(value: bytes) -> bytes:
    """A string literal without Huffman coding (RFC 7541, 5.2)."""
    length = len(value)
    if length < 0x7F:
        return bytes((length,)) + value
    head, rest = b"\x7f", length - 0x7F
    while rest >= 0x80:
        head += bytes((rest & 0x7F | 0x80,))
        rest >>= 7
    return head + bytes((rest,)) + value


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
    return head + payload
