"""What a libssl does by default: its version, and the security level of a new client.

A program of its own (``python -I -S openssl_default.py LIBSSL``), standard library only: two
OpenSSLs in one process would disturb each other. It prints one JSON value.
"""

from __future__ import annotations

import ctypes
import json
import sys


def ask(library: str) -> tuple[int, str] | None:
    """Load a libssl, openssl.cnf included, and ask it.

    Args:
        library: soname or path.

    Returns:
        Security level and version, as OpenSSL gives them; None: it cannot be loaded, or is another
        library.
    """
    try:
        ssl = ctypes.CDLL(library)
        ssl.TLS_client_method.restype = ctypes.c_void_p
        ssl.SSL_CTX_new.restype = ctypes.c_void_p
        ssl.SSL_CTX_new.argtypes = [ctypes.c_void_p]
        ssl.SSL_CTX_get_security_level.argtypes = [ctypes.c_void_p]
        ssl.SSL_CTX_free.argtypes = [ctypes.c_void_p]
        ssl.OpenSSL_version.restype = ctypes.c_char_p
        context = ssl.SSL_CTX_new(ssl.TLS_client_method())
        if not context:
            return None
        level = int(ssl.SSL_CTX_get_security_level(context))
        ssl.SSL_CTX_free(context)
        return level, ssl.OpenSSL_version(0).decode("ascii", "replace")
    except (OSError, AttributeError):  # no such library, or one without these functions
        return None


def main() -> None:
    """Ask the library that the command line names."""
    print(json.dumps(ask(sys.argv[1])))  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
