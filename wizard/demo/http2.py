"""Just enough HTTP/2 (RFC 9113) for a backend that answers every request with a status.

By hand: one answer needs no state of a connection.
"""

from __future__ import annotations

from wizard.demo.stream import Stream

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _SETTINGS, _PING, _GOAWAY = 1, 4, 6, 7
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_INDEXED_STATUS = {200: 0x88, 204: 0x89, 206: 0x8A, 304: 0x8B, 400: 0x8C, 404: 0x8D, 500: 0x8E}
"""HPACK's static table (RFC 7541, appendix A)."""


async def serve(stream: Stream, status: int) -> None:
    """Answer HEADERS frames with ``status`` and no body, and ask the client to go."""
    if await stream.exactly(len(_PREFACE)) != _PREFACE:
        return
    await stream.write(_frame(_SETTINGS, 0, 0))
    while len(head := await stream.exactly(9)) == 9:
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        number = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
        payload = await stream.exactly(length)
        if kind == _SETTINGS and not flags & _ACK:
            await stream.write(_frame(_SETTINGS, _ACK, 0))
        elif kind == _PING and not flags & _ACK:
            await stream.write(_frame(_PING, _ACK, 0, payload))
        elif kind == _HEADERS:
            flags = _END_STREAM | _END_HEADERS
            await stream.write(_frame(_HEADERS, flags, number, _head(status)))
            # as Connection: close does; no error, and this was the last stream
            await stream.write(_frame(_GOAWAY, 0, 0, number.to_bytes(4, "big") + bytes(4)))
        elif kind == _GOAWAY:
            return


def _head(status: int) -> bytes:
    """The header block: the pseudo-header :status, and ``server: lab``."""
    if status in _INDEXED_STATUS:
        first = bytes([_INDEXED_STATUS[status]])
    else:
        first = b"\x08\x03" + str(status).encode()  # literal, name 8 of the static table
    return first + b"\x0f\x27\x03lab"  # literal, name 54


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )
