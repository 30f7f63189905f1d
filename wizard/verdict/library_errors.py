"""OpenSSL's words for the ways in which TLS fails, by release: mod_ssl logs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.reference.openssl import ssl_reason_number

#: The ways in which a handshake fails without an alert, as OpenSSL 3.0 calls them.
ERRORS: Final[Mapping[str, str]] = {
    "verify": "error:0A000086:SSL routines::certificate verify failed",
    "not-tls": "error:0A00010B:SSL routines::wrong version number",
    "closed": "error:0A000126:SSL routines::unexpected eof while reading",
    "protocol": "error:0A000102:SSL routines::unsupported protocol",
    "no-protocol": "error:0A0000BF:SSL routines::no protocols available",
    "no-cipher": "error:0A0000B5:SSL routines::no ciphers available "
    "(No ciphers enabled for max supported SSL/TLS version)",
    "signature": "error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported",
    "dh": "error:0A00018A:SSL routines::dh key too small",
    "renegotiation": "error:0A000152:SSL routines::unsafe legacy renegotiation disabled",
}
#: The same for OpenSSL 1.1.1, where the end of a connection is no error of its own.
ERRORS_1: Final[Mapping[str, str]] = {
    "verify": "error:1416F086:SSL routines:tls_process_server_certificate:"
    "certificate verify failed",
    "not-tls": "error:1408F10B:SSL routines:ssl3_get_record:wrong version number",
    "protocol": "error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol",
    "no-cipher": "error:141A90B5:SSL routines:ssl_cipher_list_to_bytes:no ciphers available "
    "(No ciphers enabled for max supported SSL/TLS version)",
    "signature": "error:1416D044:SSL routines:tls_process_key_exchange:internal error",
    "dh": "error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small",
}

#: Number of an alert (RFC 8446, 6.2) to the reason that OpenSSL prints for it.
ALERTS: Final[Mapping[int, str]] = {
    10: "sslv3 alert unexpected message",
    20: "sslv3 alert bad record mac",
    22: "tlsv1 alert record overflow",
    40: "sslv3 alert handshake failure",
    41: "sslv3 alert no certificate",
    42: "sslv3 alert bad certificate",
    43: "sslv3 alert unsupported certificate",
    44: "sslv3 alert certificate revoked",
    45: "sslv3 alert certificate expired",
    46: "sslv3 alert certificate unknown",
    47: "sslv3 alert illegal parameter",
    48: "tlsv1 alert unknown ca",
    49: "tlsv1 alert access denied",
    50: "tlsv1 alert decode error",
    51: "tlsv1 alert decrypt error",
    70: "tlsv1 alert protocol version",
    71: "tlsv1 alert insufficient security",
    80: "tlsv1 alert internal error",
    86: "tlsv1 alert inappropriate fallback",
    90: "tlsv1 alert user cancelled",
    109: "tlsv13 alert missing extension",
    110: "tlsv1 unsupported extension",
    112: "tlsv1 unrecognized name",
    116: "tlsv13 alert certificate required",
    120: "tlsv1 alert no application protocol",
}


_SSL_LIBRARY = 20 << 23
"""Of OpenSSL 3's packed error numbers (ERR_PACK in err.h)."""


def error(failure: str, *, old: bool = False) -> str | None:
    """The words for a failure; None where the library has none.

    Args:
        failure: of ``wizard.model.probe``; or ``verify``; ``signature``: of the key exchange of TLS
            1.0 and 1.1; ``no-protocol`` and ``no-cipher``: none may be offered; ``dh``: the
            parameters are too small; ``renegotiation``: RFC 5746 is not known; or any other reason
            of OpenSSL's ssl library, in its words.
        old: whether OpenSSL 1.1.1 says it.
    """
    named = (ERRORS_1 if old else ERRORS).get(failure)
    number = None if named or old else ssl_reason_number(failure)
    if number is None:
        return named
    return f"error:{_SSL_LIBRARY + number:08X}:SSL routines::{failure}"


def alert(number: int, *, old: bool = False, ssl_tls: bool = False) -> str:
    """The words for an alert that was received.

    Args:
        number: RFC 8446, 6.2.
        old: whether OpenSSL 1.1.1 says it.
        ssl_tls: whether 3.2 or later does.
    """
    reason = ALERTS.get(number, f"reason({1000 + number})")
    if ssl_tls:
        reason = reason.replace("sslv3 alert", "ssl/tls alert")
    code = f"{(0x14094000 if old else _SSL_LIBRARY) + 1000 + number:08X}"
    function = "ssl3_read_bytes" if old else ""
    return f"error:{code}:SSL routines:{function}:{reason} (SSL alert number {number})"
