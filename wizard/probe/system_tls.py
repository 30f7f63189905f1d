"""The OpenSSL that httpd links: its version and security level.

The OpenSSL in pyOpenSSL's wheel knows neither the distribution's defaults nor openssl.cnf. The
security level decides which keys and signatures pass (X509_V_ERR 66, 67, 68) and which protocol
versions are possible (SSL_CTX_set_security_level(3)), so the system's own library is asked.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIBRARY = "libssl.so.3"
SYSTEM_PROFILE = Path("/etc/crypto-policies/back-ends/openssl.config")
"""The cipher list that PROFILE=SYSTEM means on RHEL and Fedora (crypto-policies(7))."""
USUAL_LEVEL = 2
"""Of Debian, Ubuntu, RHEL, and of OpenSSL itself since 3.2."""


@dataclass(frozen=True, slots=True)
class SystemTls:
    """What the system's OpenSSL does by default.

    Args:
        security_level: 0 to 5.
        version: as OpenSSL says it; None if it could not be asked.
    """

    security_level: int = USUAL_LEVEL
    version: str | None = None


@cache
def ask() -> SystemTls:
    """Ask the library of the system, openssl.cnf included; once."""
    try:
        ssl = ctypes.CDLL(LIBRARY)
        ssl.TLS_client_method.restype = ctypes.c_void_p
        ssl.SSL_CTX_new.restype = ctypes.c_void_p
        ssl.SSL_CTX_new.argtypes = [ctypes.c_void_p]
        ssl.SSL_CTX_get_security_level.argtypes = [ctypes.c_void_p]
        ssl.SSL_CTX_free.argtypes = [ctypes.c_void_p]
        ssl.OpenSSL_version.restype = ctypes.c_char_p
        context = ssl.SSL_CTX_new(ssl.TLS_client_method())
        if not context:
            return SystemTls()
        level = int(ssl.SSL_CTX_get_security_level(context))
        ssl.SSL_CTX_free(context)
        return SystemTls(level, ssl.OpenSSL_version(0).decode("ascii", "replace"))
    except (OSError, AttributeError):  # no such library, or one without these functions
        return SystemTls()


@cache
def ciphers(suite: str) -> str:
    """A cipher list without PROFILE=SYSTEM, which only those distributions' OpenSSL knows."""
    if not suite.upper().startswith("PROFILE=SYSTEM"):
        return suite
    try:
        listed = SYSTEM_PROFILE.read_text("ascii", "replace").strip()
    except OSError:
        listed = ""
    return listed or "DEFAULT"
