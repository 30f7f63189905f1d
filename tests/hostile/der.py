"""Certificates byte by byte (X.690, RFC 5280): those that no library would make."""

from __future__ import annotations

import random

_RANDOM = random.Random(1)
_CRITICAL = b"\x01\x01\xff"
_DAYS = b"\x17\x0d200101000000Z\x17\x0d400101000000Z"


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    content = bytes((first * 40 + second,))
    for arc in others:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        content += bytes(groups)
    return tlv(6, content)


def bits(content: bytes) -> bytes:
    return tlv(3, b"\x00", content)


def name(common_name: str) -> bytes:
    return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(12, common_name.encode()))))


def dns_names(*names: str) -> bytes:
    return b"".join(tlv(0x82, one.encode()) for one in names)


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return sequence(oid(dotted), _CRITICAL if critical else b"", tlv(4, value))


def alternative_names(*names: str) -> bytes:
    return extension("2.5.29.17", sequence(dns_names(*names)))


CA = extension("2.5.29.19", sequence(_CRITICAL), critical=True)


def constraints(tag: int, *names: str) -> bytes:
    """NameConstraints; ``tag`` 0xA0: permitted, 0xA1: excluded."""
    trees = tlv(tag, *(sequence(dns_names(one)) for one in names))
    return extension("2.5.29.30", sequence(trees), critical=True)


def odd(size: int) -> int:
    """An odd number of that many bits; it need not be a modulus that a key can have."""
    return _RANDOM.getrandbits(size) | 1 | 1 << (size - 1)


def public_key(algorithm: str, parameters: bytes, key: bytes) -> bytes:
    return sequence(sequence(oid(algorithm), parameters), bits(key))


def rsa(modulus: int, exponent: int = 65537) -> bytes:
    numbers = sequence(integer(modulus), integer(exponent))
    return public_key("1.2.840.113549.1.1.1", b"\x05\x00", numbers)


def dsa(size: int) -> bytes:
    domain = sequence(integer(odd(size)), integer(odd(256)), integer(odd(size - 1)))
    return public_key("1.2.840.10040.4.1", domain, integer(odd(size - 1)))


RSA_SHA256 = sequence(oid("1.2.840.113549.1.1.11"), b"\x05\x00")


def certificate(
    key: bytes,
    *extensions: bytes,
    subject: str = "backend.internal",
    issuer: str = "CA",
    serial: int = 1,
    version: int = 2,
    algorithm: bytes = RSA_SHA256,
    signature: bytes = b"\x7f" * 256,
) -> bytes:
    """A certificate; nobody signed it."""
    signed = sequence(
        tlv(0xA0, integer(version)),
        integer(serial),
        algorithm,
        name(issuer),
        sequence(_DAYS),
        name(subject),
        key,
        tlv(0xA3, sequence(*extensions)) if extensions else b"",
    )
    return sequence(signed, algorithm, bits(signature))


def chain(keys: list[bytes], signature: bytes, algorithm: bytes = RSA_SHA256) -> list[bytes]:
    """Certificates each of which names the next one's subject as its issuer."""
    return [
        certificate(
            key,
            CA,
            subject=f"CA {number}" if number else "backend.internal",
            issuer=f"CA {number + 1}",
            signature=signature,
            algorithm=algorithm,
        )
        for number, key in enumerate(keys)
    ]
