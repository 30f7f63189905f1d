"""What a ClientHello offers besides its ciphers, in the words of OpenSSL's lists (RFC 8446, 4.1.2).

Numbers: IANA, "Transport Layer Security (TLS) Parameters".
"""

from __future__ import annotations

from typing import Final

from wizard.record import record
from wizard.reference.tls_settings import TLS13_CIPHERS

_GROUPS, _SIGNATURES, _KEY_SHARES = 10, 13, 51
"""Extensions: supported_groups, signature_algorithms, key_share."""
_RECORD_AND_MESSAGE = 9
_VERSION_AND_RANDOM = 34
GROUPS: Final = {
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "X25519",
    30: "X448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    512: "MLKEM512",
    513: "MLKEM768",
    514: "MLKEM1024",
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
}
"""Groups that the wheel's OpenSSL knows (SSL_CTX_set1_groups_list(3))."""
SIGNATURES: Final = {
    0x0905: "mldsa65",
    0x0906: "mldsa87",
    0x0904: "mldsa44",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0401: "rsa_pkcs1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0303: "ecdsa_sha224",
    0x0203: "ecdsa_sha1",
    0x0301: "rsa_pkcs1_sha224",
    0x0201: "rsa_pkcs1_sha1",
    0x0302: "dsa_sha224",
    0x0202: "dsa_sha1",
    0x0402: "dsa_sha256",
    0x0502: "dsa_sha384",
    0x0602: "dsa_sha512",
}
"""Signature algorithms that it knows, in its order (SSL_CTX_set1_sigalgs_list(3))."""


@record
class Offered:
    """What a client offers, in the order in which it does.

    Args:
        groups: list for key exchange; a ``*`` before each that it sends a key share for, where that
            is not the first alone.
        signatures: list of signature algorithms.
        suites: list of ciphers for TLS 1.3.
        unknown_groups: numbers of the groups that this program's OpenSSL does not know.
    """

    groups: str
    signatures: str
    suites: str
    unknown_groups: tuple[int, ...] = ()


def parse(hello: bytes) -> Offered | None:
    """Read one.

    Args:
        hello: the record with it.

    Returns:
        What it offers; None: it is no whole ClientHello, or one without lists.
    """
    try:
        ciphers, extensions = _parts(hello)
        groups = _numbers(extensions[_GROUPS][2:])
        signatures = _numbers(extensions[_SIGNATURES][2:])
        shared = _shares(extensions.get(_KEY_SHARES, b""))
    except (IndexError, KeyError, ValueError):
        return None
    if shared == set(groups[:1]):
        shared = set()  # as OpenSSL does it: of the first that the security level allows
    return Offered(
        ":".join(f"{'*' * (n in shared)}{GROUPS[n]}" for n in groups if n in GROUPS),
        ":".join(SIGNATURES[n] for n in signatures if n in SIGNATURES),
        ":".join(TLS13_CIPHERS[n] for n in ciphers if n in TLS13_CIPHERS),
        tuple(n for n in groups if n not in GROUPS),
    )


def _parts(hello: bytes) -> tuple[tuple[int, ...], dict[int, bytes]]:
    """Ciphers and extensions."""
    rest = hello[_RECORD_AND_MESSAGE + _VERSION_AND_RANDOM :]
    rest = rest[1 + rest[0] :]  # session
    ciphers, rest = _vector(rest)
    rest = rest[1 + rest[0] :]  # compression
    listed, _ = _vector(rest)
    extensions = {}
    while listed:
        number = int.from_bytes(listed[:2])
        extensions[number], listed = _vector(listed[2:])
    return _numbers(ciphers), extensions


def _shares(extension: bytes) -> set[int]:
    """The groups with a key share."""
    found, rest = set(), extension[2:]
    while rest:
        found.add(int.from_bytes(rest[:2]))
        _, rest = _vector(rest[2:])
    return found


def _vector(data: bytes) -> tuple[bytes, bytes]:
    """A vector with two bytes of length, and what follows it."""
    end = 2 + int.from_bytes(data[:2])
    if len(data) < max(end, 2):
        raise ValueError("cut off")
    return data[2:end], data[end:]


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2))
