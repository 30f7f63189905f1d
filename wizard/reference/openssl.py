"""What OpenSSL says: verify errors, TLS alerts and the errors of its library, of every release.

Numbers, names and texts of the verify errors are those of OpenSSL 3.0 (``x509_vfy.h``,
``X509_verify_cert_error_string``); those that it does not have are 3.5's (95), 3.6's and 4.0's.
Alerts are those of RFC 8446, 6.2, and of the RFCs before it. Meanings are ours; a finding's rule
names the verify errors and alerts that point to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, Final, NamedTuple

from wizard.reference.tables import LazyTable, load


class VerifyError(NamedTuple):
    """Why OpenSSL refuses a certificate.

    Args:
        code: number of the error.
        name: ``X509_V_ERR_…``.
        text: OpenSSL 3.0's; of later errors that of the first release that has them.
        meaning: in plain words.
        other_cause: what else gives it, where it points to one finding; empty: nothing does.
    """

    code: int
    name: str
    text: str
    meaning: str
    other_cause: str = ""


class Alert(NamedTuple):
    """A TLS alert, read as received: "it" is the other side, a backend or a client of httpd.

    Args:
        number: RFC 8446, 6.2.
        text: its description, with blanks.
        meaning: in plain words.
        other_cause: why else a backend sends it, where it points to one finding; empty: it does
            not.
    """

    number: int
    text: str
    meaning: str
    other_cause: str = ""


class ErrorReason(NamedTuple):
    """Why OpenSSL's library failed: the last field of an ``error:…`` text.

    Args:
        text: in lower case; a received alert's is ``… alert …``.
        meaning: in plain words, its class's if it has none of its own; empty for an unknown one.
        slugs: causes it points to, the most likely first; empty for an alert.
        alert: number of the alert, if one was received.
    """

    text: str
    meaning: str
    slugs: tuple[str, ...] = ()
    alert: int | None = None


def _other_cause(table: str, number: int) -> str:
    found: str = load("other_causes.json")[table].get(str(number), "")
    return found


#: Every X509_V_ERR_*, by number.
VERIFY_ERRORS: Final[Mapping[int, VerifyError]] = LazyTable(
    "verify_errors.json",
    int,
    lambda code, row: VerifyError(code, *row)._replace(
        other_cause=_other_cause("verify_errors", code)
    ),
)

#: Every TLS alert, by number.
ALERTS: Final[Mapping[int, Alert]] = LazyTable(
    "tls_alerts.json",
    int,
    lambda number, row: Alert(number, *row)._replace(other_cause=_other_cause("alerts", number)),
)

ALERTS_ABOUT_CERTIFICATE: Final = frozenset({42, 43, 44, 45, 46, 48, 49, 116})
"""RFC 8446, 6.2: the other side refuses a certificate, or its absence."""
_REASONS: Final[Mapping[str, tuple[int | None, ErrorReason]]] = LazyTable(
    "openssl_reasons.json",
    str,
    lambda text, row: (row[0], ErrorReason(text, row[1], tuple(row[2]))),
)


def _of_class(key: str, row: list[Any]) -> tuple[int, ErrorReason]:
    number, group, own = row
    advice: str = load("reason_classes.json")[group]
    return number, ErrorReason(key.partition(": ")[2], f"{own} {advice}")


#: Reasons that point to no finding, by library and text: what each means, and whose side it is.
_CLASSED: Final[Mapping[str, tuple[int, ErrorReason]]] = LazyTable(
    "library_reasons.json", str.lower, _of_class
)
#: The library under which the reasons stand that every library gives.
_COMMON = "common libcrypto routines"

#: Texts of OpenSSL 1.1.1, where they differ from 3.0's.
_TEXTS_1: Final[Mapping[int, str]] = {
    18: "self signed certificate",
    19: "self signed certificate in certificate chain",
    24: "invalid CA certificate",
    26: "unsupported certificate purpose",
    44: "Different CRL scope",
    45: "Unsupported extension feature",
    55: "Path Loop",
    62: "Hostname mismatch",
    63: "Email address mismatch",
    65: "No matching DANE TLSA records",
    69: "Invalid certificate verification context",
    70: "Issuer certificate lookup error",
}

#: Texts of other releases whose words differ from 3.0's by more than hyphens and capitals.
_OTHER_TEXTS = {
    "unsupported certificate purpose": 26,
    "unable to verify leaf signature": 21,
    "application verification failure": 50,
    "certificate is not yet valid or the system clock is incorrect": 9,  # since 3.6
}
#: OpenSSL's text for a number without a text of its own; one of them (101) has a name.
_NO_TEXT = "unknown certificate verification error"

# error:0A000086:SSL routines::certificate verify failed            3.x: no function
# error:1416F086:SSL routines:tls_process_server_certificate:…      1.1
# error:14090086:SSL routines:ssl3_get_server_certificate:…         1.0
# A reason without a text is written reason(134); a library, lib(20).
_LIBRARY_ERROR = re.compile(
    r'\berror:([0-9A-Fa-f]{6,8}):([^:]{0,40}):([^:]{0,80}):([^:\["]{1,120})'
)
# What mod_ssl adds to a reason (ssl_engine_log.c): since 2.4 behind " -- ", in 2.2 behind a blank.
_ANNOTATION = re.compile(
    r" (?:\(|-- |speaking (?:not ssl|http) to |subject cn in |too restrictive |bad file contents )"
)
_REASONS_1: Final[Mapping[tuple[str, str], str]] = {
    ("tls_process_key_exchange", "internal error"): "legacy sigalg disallowed or unsupported",
}
"""Function and reason of OpenSSL 1.1.1, where 3.0 has a reason of its own."""
_ALERT_NUMBER = re.compile(r"\balert number (\d{1,3})\b")
_SSL_LIBRARY = 20
_ALERT_OFFSET = 1000  # SSL_AD_REASON_OFFSET: reasons from here on are alerts received


def verify_error(text: str) -> VerifyError | None:
    """The verify error with a text or a name.

    Args:
        text: as any release of OpenSSL writes it, or ``X509_V_ERR_…``.
    """
    code = _by_text().get(_normalized(text))
    return None if code is None else VERIFY_ERRORS[code]


def verify_text(code: int, *, old: bool = False) -> str:
    """What OpenSSL calls a verify error.

    Args:
        code: its number.
        old: whether OpenSSL 1.1.1 says it, else 3.0.
    """
    known = VERIFY_ERRORS.get(code)
    text = known.text if known is not None else f"error number {code}"
    return _TEXTS_1.get(code, text) if old else text


def library_error(text: str) -> ErrorReason | None:
    """The reason in an OpenSSL library error anywhere in a line.

    Args:
        text: with ``error:NUMBER:LIBRARY:FUNCTION:REASON``, as 1.0, 1.1 or 3.x write it.

    Returns:
        The reason, or None when there is no such error in the line.
    """
    found = _LIBRARY_ERROR.search(text) if "error:" in text else None
    if found is None:
        return None
    number, library, function, words = found.groups()
    said = _ANNOTATION.split(words.strip().lower(), maxsplit=1)[0]
    said = _REASONS_1.get((function, said), said)
    alert = _ALERT_NUMBER.search(text)
    return reason(said, int(number, 16), int(alert[1]) if alert else None, library)


def reason(
    text: str, error: int = 0, alert: int | None = None, library: str = "SSL routines"
) -> ErrorReason:
    """Look a reason up.

    Args:
        text: the reason, in lower case.
        error: the packed error number, 0 when there is none; counts when the text is unknown.
        alert: number of the alert received, if the line names one.
        library: the error's second field.
    """
    if alert is None:
        alert = _alert_of(text, error)
    if alert is not None and alert in ALERTS:
        known = ALERTS[alert]
        return ErrorReason(f"alert {known.text}", known.meaning, alert=alert)
    keys = (f"{library.lower()}: {text}", f"{_COMMON}: {text}")
    rows = chain(_matching(_REASONS, text), _matching(_CLASSED, *keys), _numbered(text, error))
    known_row = next(rows, None)
    if known_row is not None:
        return known_row
    error_of_file = "system library" in library.lower()
    if error_of_file and text == "no such file or directory":
        return ErrorReason(
            text, "A file that OpenSSL should read does not exist.", ("ca-file-missing",)
        )
    if error_of_file and text == "permission denied":
        return ErrorReason(text, "A file that OpenSSL should read cannot be read by httpd's user.")
    return ErrorReason(text, "")


def alert(text: str) -> Alert | None:
    """The alert with a description.

    Args:
        text: in lower case, with blanks or, as Java writes it, underscores.
    """
    return _alerts_by_text().get(text.replace("_", " "))


def ssl_reason_number(text: str) -> int | None:
    """The number of a reason of OpenSSL's ssl library; None: it has none of this text.

    Args:
        text: the reason, in lower case.
    """
    row = _REASONS.get(text) or _CLASSED.get(f"ssl routines: {text}")
    return row[0] if row is not None else None


def _alert_of(text: str, error: int) -> int | None:
    """The alert that a reason means: ``sslv3 alert handshake failure`` and the like."""
    prefix, separator, description = text.partition(" alert ")
    if separator and prefix.startswith(("ssl", "tls")):
        found = _alerts_by_text().get(description)
        return found.number if found else None
    if text == "tlsv1 unrecognized name":
        return 112
    code = _reason_number(error)
    return code - _ALERT_OFFSET if code is not None and code >= _ALERT_OFFSET else None


def _reason_number(error: int) -> int | None:
    """The reason in an error number of the SSL library; 3.0 changed how it is packed."""
    if error >> 24 == _SSL_LIBRARY:
        return error & 0xFFF
    if error >> 23 == _SSL_LIBRARY:
        return error & 0x7FFFFF
    return None


def _matching(table: Mapping[str, tuple[int | None, ErrorReason]], *keys: str) -> list[ErrorReason]:
    return [table[key][1] for key in keys if key in table]


def _numbered(text: str, error: int) -> Iterator[ErrorReason]:
    """The SSL library's reasons of an error's number, where its text is missing."""
    code = _reason_number(error)
    if code is None or not (text.startswith("reason(") or not text):
        return
    of_ssl = (row for key, row in _CLASSED.items() if key.startswith("ssl routines: "))
    yield from (row for number, row in chain(_REASONS.values(), of_ssl) if number == code)


@cache
def _alerts_by_text() -> dict[str, Alert]:
    return {alert.text: alert for alert in ALERTS.values()}


@cache
def _by_text() -> dict[str, int]:
    texts = {
        _normalized(error.text): code
        for code, error in VERIFY_ERRORS.items()
        if error.text != _NO_TEXT
    }
    names = {_normalized(error.name): code for code, error in VERIFY_ERRORS.items()}
    return {**texts, **names, **_OTHER_TEXTS}


def _normalized(text: str) -> str:
    return text.strip().rstrip(".").replace("-", " ").casefold()
