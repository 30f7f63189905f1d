"""The system's libcrypto and libssl, which httpd links: the judge of what a PEM file holds."""

from __future__ import annotations

import ctypes
from pathlib import Path

_ssl = ctypes.CDLL("libssl.so.3")
_crypto = ctypes.CDLL("libcrypto.so.3")
for _library, _name in (
    (_ssl, "TLS_client_method"),
    (_ssl, "SSL_CTX_new"),
    (_crypto, "PEM_X509_INFO_read_bio"),
    (_crypto, "BIO_new_file"),
    (_crypto, "OPENSSL_sk_value"),
):
    getattr(_library, _name).restype = ctypes.c_void_p


class _Info(ctypes.Structure):
    _fields_ = (("x509", ctypes.c_void_p), ("crl", ctypes.c_void_p), ("pkey", ctypes.c_void_p))


def loads(path: Path) -> bool:
    """Whether SSL_CTX_load_verify_locations takes a file."""
    context = ctypes.c_void_p(_ssl.SSL_CTX_new(ctypes.c_void_p(_ssl.TLS_client_method())))
    taken = _ssl.SSL_CTX_load_verify_locations(context, str(path).encode(), None)
    _ssl.SSL_CTX_free(context)
    _crypto.ERR_clear_error()
    return bool(taken)


def infos(path: Path) -> list[str] | None:
    """What PEM_X509_INFO_read_bio makes of a file: of each entry which of x509, crl and key it
    has (``xck``); None: it refuses the file."""
    bio = ctypes.c_void_p(_crypto.BIO_new_file(str(path).encode(), b"r"))
    stack = _crypto.PEM_X509_INFO_read_bio(bio, None, None, None)
    _crypto.BIO_free(bio)
    _crypto.ERR_clear_error()
    if not stack:
        return None
    found = []
    for number in range(_crypto.OPENSSL_sk_num(ctypes.c_void_p(stack))):
        pointer = ctypes.c_void_p(_crypto.OPENSSL_sk_value(ctypes.c_void_p(stack), number))
        entry = ctypes.cast(pointer, ctypes.POINTER(_Info)).contents
        parts = zip("xck", (entry.x509, entry.crl, entry.pkey), strict=True)
        found.append("".join(letter for letter, part in parts if part))
    return found
