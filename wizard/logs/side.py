"""Which side of httpd a line is about: a connection that it accepted, or one that it made.

httpd's default format has ``[client A:P]`` for the first and ``[remote A:P]`` for the second
(server/log.c, do_errorlog_default). An ErrorLogFormat of one's own can write ``[client …]`` for
both: there the other lines of the connection tell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from wizard.logs.log_line import LogEntry
from wizard.logs.recognition import Recognition, Strength
from wizard.reference import openssl
from wizard.reference.ah_codes import AH_CODES

_FRONT_SIDE: Final = "Front side, not the backend: "


def accepted_from(code: str | None, entry: LogEntry) -> str:
    """The client's address in a line that mod_ssl can write of either side.

    Args:
        code: of the line.
        entry: the line.

    Returns:
        Address and port; empty where the line does not say that it is about a client.
    """
    if entry.module != "ssl" or ":" not in entry.client or is_of_backend(code):
        return ""
    return entry.client


@lru_cache(maxsize=4096)
def is_of_backend(code: str | None) -> bool:
    """Whether httpd writes a code about backends only.

    Args:
        code: ``AH…``; None for a line without one.
    """
    known = AH_CODES.get(code or "")
    if known is None:
        return False
    said = known.text.lower()
    return (
        known.module.startswith("proxy")
        or "ssl proxy" in said
        or "proxy client certificate" in said
        or code == "AH01997"
    )


def of_front(recognition: Recognition) -> Recognition:
    """What a line says when it is about a client of httpd: nothing about a backend.

    Args:
        recognition: what it would say about a backend.
    """
    if recognition.openssl is not None:
        meaning = (
            f"a client's certificate was refused, error {recognition.openssl} "
            f"({openssl.VERIFY_ERRORS[recognition.openssl].text}). SSLVerifyClient asks for it; "
            "SSLCACertificateFile or SSLCACertificatePath names the CAs that it may come from."
        )
    elif "connection-reset" in recognition.slugs:
        meaning = "a client went away, or said nothing for too long. That is harmless."
    else:
        meaning = recognition.meaning
    if "not the backend" not in meaning:
        meaning = _FRONT_SIDE + meaning
    return recognition._replace(
        meaning=meaning, slugs=(), strength=Strength.CONTEXT, next_step="", other_cause=""
    )
