"""Names of a certificate straight from its DER: for comparing bytes, and where a name is
malformed. Only definite lengths, as DER has them; never reads past the end."""

from __future__ import annotations

from collections.abc import Iterator

_VERSION = 0xA0
_COMMON_NAME = b"\x55\x04\x03"
_SHORT = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
}
_BMP, _UNIVERSAL, _UTF8 = 0x1E, 0x1C, 0x0C


def subject_and_issuer(der: bytes) -> tuple[bytes, bytes]:
    """The DER of both names (RFC 5280, 4.1); empty if the certificate is malformed."""
    try:
        fields = list(elements(der, *inside(der, 0)))
        start, _ = fields[0]
        parts = list(elements(der, *inside(der, start)))
    except (IndexError, ValueError):
        return b"", b""
    if parts and der[parts[0][0]] == _VERSION:
        parts = parts[1:]
    if len(parts) < 5:  # serial, signature, issuer, validity, subject
        return b"", b""
    return der[slice(*parts[4])], der[slice(*parts[2])]


def text(der: bytes) -> str:
    """A name as in RFC 4514, undecodable bytes as Latin-1; empty if malformed."""
    shown = [f"{_SHORT.get(oid, _dotted(oid))}={value}" for oid, value in _attributes(der)]
    return ",".join(reversed(shown))


def common_names(der: bytes) -> tuple[str, ...]:
    """The common names of a name, in order."""
    return tuple(value for oid, value in _attributes(der) if oid == _COMMON_NAME)


def _attributes(der: bytes) -> list[tuple[bytes, str]]:
    found = []
    try:
        for relative in elements(der, *inside(der, 0)):
            for pair in elements(der, *inside(der, relative[0])):
                oid, value = list(elements(der, *inside(der, pair[0])))[:2]
                begin, end = inside(der, value[0])
                content = _decode(der[value[0]], der[begin:end])
                begin, end = inside(der, oid[0])
                found.append((der[begin:end], content))
    except (IndexError, ValueError):
        pass  # what was read before the malformed part is kept
    return found


def _decode(tag: int, content: bytes) -> str:
    encoding = {_BMP: "utf-16-be", _UNIVERSAL: "utf-32-be", _UTF8: "utf-8"}.get(tag, "latin-1")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _dotted(oid: bytes) -> str:
    return "OID." + oid.hex()


def elements(der: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of each element, header included, between two offsets."""
    while begin < end:
        stop = inside(der, begin)[1]
        yield begin, stop
        begin = stop


def inside(der: bytes, at: int) -> tuple[int, int]:
    """(begin, end) of the content of the element that begins at an offset."""
    length = der[at + 1]
    begin = at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("no definite length")
        length = int.from_bytes(der[begin : begin + size], "big")
        begin += size
    if begin + length > len(der):
        raise ValueError("content is cut off")
    return begin, begin + length
