"""The hash of a name, by which OpenSSL finds a certificate or CRL in a directory.

X509_NAME_hash (OpenSSL crypto/x509/x509_cmp.c, x_name.c): SHA-1 over the name's canonical form, in
which texts are UTF-8, in lower case, without blanks around them and with one blank between words.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from wizard.x509 import der_names

_UTF8 = 0x0C
_DECODE = {
    _UTF8: "utf-8",
    0x13: "latin-1",  # PrintableString
    0x14: "latin-1",  # T61String, which OpenSSL reads as Latin-1
    0x16: "latin-1",  # IA5String
    0x1A: "latin-1",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_BLANKS = re.compile(rb"[ \t\n\v\f\r]+")


@lru_cache(maxsize=4096)
def name_hash(name: bytes) -> str:
    """The hash as in ``openssl x509 -subject_hash``: eight hexadecimal digits.

    Args:
        name: DER of a name.

    Returns:
        The hash; empty if the name is malformed.
    """
    try:
        canonical = b"".join(_relative(name, *part) for part in _parts(name, 0))
    except (IndexError, ValueError):
        return ""
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    return digest[3::-1].hex()


def _parts(der: bytes, at: int) -> list[tuple[int, int]]:
    return list(der_names.elements(der, *der_names.inside(der, at)))


def _relative(name: bytes, begin: int, _end: int) -> bytes:
    pairs = sorted(_pair(name, start) for start, _ in _parts(name, begin))
    return _tagged(0x31, b"".join(pairs))


def _pair(name: bytes, begin: int) -> bytes:
    oid, value = _parts(name, begin)[:2]
    tag, content = name[value[0]], name[slice(*der_names.inside(name, value[0]))]
    encoded = name[slice(*value)]
    if tag in _DECODE:
        text = content.decode(_DECODE[tag]).encode()
        encoded = _tagged(_UTF8, _BLANKS.sub(b" ", text.strip(b" \t\n\v\f\r")).lower())
    return _tagged(0x30, name[slice(*oid)] + encoded)


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
