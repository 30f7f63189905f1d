"""What a libssl does by default: its version, the security level and the ClientHello of a client.

A program of its own (``python -I -S openssl_default.py LIBSSL``), standard library only: two
OpenSSLs in one process would disturb each other. It prints one JSON value.
"""

from __future__ import annotations

import ctypes
import json
import sys

_SET_MIN_PROTO_VERSION, _SET_MAX_PROTO_VERSION = 123, 124
_TLS_1_0 = 0x0301
_MOST = 1 << 16
"""Bytes of a ClientHello; it is much shorter."""
Answer = tuple[int, str, int, str]
"""Security level; version, as OpenSSL gives it; options (SSL_CTX_get_options(3)); the ClientHello
in hexadecimal, ``""`` if none could be made."""


def ask(library: str) -> Answer | None:
    """Load a libssl, openssl.cnf included, and ask it.

    Args:
        library: soname or path.

    Returns:
        The answer; None: it cannot be loaded, or is another library.
    """
    try:
        ssl = _declared(ctypes.CDLL(library))
        context = ssl.SSL_CTX_new(ssl.TLS_client_method())
        if not context:
            return None
        level = int(ssl.SSL_CTX_get_security_level(context))
        options = int(ssl.SSL_CTX_get_options(context))
        hello = _hello(ssl, context)
        ssl.SSL_CTX_free(context)
        return level, ssl.OpenSSL_version(0).decode("ascii", "replace"), options, hello.hex()
    except (OSError, AttributeError):  # no such library, or one without these functions
        return None


def _declared(ssl: ctypes.CDLL) -> ctypes.CDLL:
    """With the types of what is called; libcrypto's functions are found through libssl."""
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("TLS_client_method", pointer, []),
        ("SSL_CTX_new", pointer, [pointer]),
        ("SSL_CTX_get_security_level", ctypes.c_int, [pointer]),
        ("SSL_CTX_set_security_level", None, [pointer, ctypes.c_int]),
        ("SSL_CTX_get_options", ctypes.c_uint64, [pointer]),
        ("SSL_CTX_ctrl", ctypes.c_long, [pointer, ctypes.c_int, ctypes.c_long, pointer]),
        ("SSL_CTX_set_cipher_list", ctypes.c_int, [pointer, text]),
        ("SSL_CTX_free", None, [pointer]),
        ("SSL_new", pointer, [pointer]),
        ("SSL_set_connect_state", None, [pointer]),
        ("SSL_set_bio", None, [pointer, pointer, pointer]),
        ("SSL_do_handshake", ctypes.c_int, [pointer]),
        ("SSL_free", None, [pointer]),
        ("BIO_s_mem", pointer, []),
        ("BIO_new", pointer, [pointer]),
        ("BIO_read", ctypes.c_int, [pointer, text, ctypes.c_int]),
        ("ERR_clear_error", None, []),
        ("OpenSSL_version", text, [ctypes.c_int]),
    ):
        function = getattr(ssl, name)
        function.restype, function.argtypes = result, arguments
    return ssl


def _hello(ssl: ctypes.CDLL, context: int) -> bytes:
    """The ClientHello with all that may be offered at any level: mod_ssl sets versions itself."""
    ssl.SSL_CTX_set_security_level(context, 0)
    ssl.SSL_CTX_ctrl(context, _SET_MIN_PROTO_VERSION, _TLS_1_0, None)
    ssl.SSL_CTX_ctrl(context, _SET_MAX_PROTO_VERSION, 0, None)
    ssl.SSL_CTX_set_cipher_list(context, b"ALL:@SECLEVEL=0")
    connection = ssl.SSL_new(context)
    sent = ssl.BIO_new(ssl.BIO_s_mem())
    ssl.SSL_set_bio(connection, ssl.BIO_new(ssl.BIO_s_mem()), sent)
    ssl.SSL_set_connect_state(connection)
    ssl.SSL_do_handshake(connection)  # waits for the answer
    ssl.ERR_clear_error()
    buffer = ctypes.create_string_buffer(_MOST)
    length = ssl.BIO_read(sent, buffer, _MOST)
    ssl.SSL_free(connection)  # and what is set in it
    return buffer.raw[: max(length, 0)]


def main() -> None:
    """Ask the library that the command line names."""
    print(json.dumps(ask(sys.argv[1])))  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
