"""What the system's error beside a message says about a connection.

Numbers are those of Linux, the BSDs with macOS, Solaris and Windows (Winsock's own, and as APR
writes them), and APR's own (apr_errno.h).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wizard.logs.log_line import LogEntry
from wizard.logs.recognition import Recognition, Strength, by_words, from_row
from wizard.reference import log_levels
from wizard.reference.tables import load

_REFUSED: Final = frozenset((111, 61, 146, 730061, 10061))
_TIMED_OUT: Final = frozenset((110, 60, 145, 70007, 730060, 10060, 115))
_UNREACHABLE: Final = frozenset((113, 112, 65, 148, 730065, 10065))
_NO_NETWORK: Final = frozenset((101, 51, 730051, 10051))
_FORBIDDEN: Final = frozenset((13, 1, 730013, 10013))
_NOT_PERMITTED: Final = frozenset((1,))
_RESET: Final = frozenset((104, 32, 54, 131, 730054, 10054))
_ABORTED: Final = frozenset((103, 53, 130, 730053, 10053))
_ENDED: Final = frozenset((70014, 20014, 70008))
_IN_USE: Final = frozenset((98, 48, 125, 730048, 10048))
_NO_ADDRESS: Final = frozenset((99, 49, 126, 730049, 10049))
_TOO_MANY_FILES: Final = frozenset((24, 23, 730024, 10024))
_MISSING: Final = frozenset((2, 3))
_BUSY: Final = frozenset((11, 35))

# Each with the words under which texts.json explains it.
_ERRORS: Final = (
    (_REFUSED, "connection refused"),
    (_TIMED_OUT, "connection timed out"),
    (_UNREACHABLE, "no route to host"),
    (_NO_NETWORK, "network is unreachable"),
    (_NOT_PERMITTED, "operation not permitted"),  # before those that it is one of
    (_FORBIDDEN, "permission denied"),
    (_RESET | _ABORTED, "connection reset by peer"),
    (_ENDED, "end of file found"),
    (_NO_ADDRESS, "assign requested address"),
    (_TOO_MANY_FILES, "too many open files"),
)
# The same of a Unix domain socket, and of an address that httpd listens on.
_SOCKET_ERRORS: Final = (
    (_MISSING, "missing"),
    (_REFUSED, "refused"),
    (_FORBIDDEN, "forbidden"),
    (_BUSY, "busy"),
)
_BIND_ERRORS: Final = ((_IN_USE, "in use"), (_FORBIDDEN, "forbidden"), (_NO_ADDRESS, "absent"))
# The number for words that stand alone, where somebody cut it off or a page made a link of it.
_NUMBERS: Final = {
    "connection refused": 111,
    "actively refused it": 10061,
    "connection timed out": 110,
    "operation timed out": 110,
    "the timeout specified has expired": 70007,
    "no route to host": 113,
    "network is unreachable": 101,
    "permission denied": 13,
    "connection reset by peer": 104,
    "broken pipe": 32,
    "software caused connection abort": 103,
    "end of file found": 70014,
    "internal error": 20014,
    "assign requested address": 99,
    "address already in use": 98,
    "too many open files": 24,
    "no such file or directory": 2,
    "resource temporarily unavailable": 11,
}


def numbered(entry: LogEntry) -> LogEntry:
    """A line with the error's number, where it has only the words."""
    if entry.errno is not None or not entry.errno_text:
        return entry
    lowered = entry.errno_text.lower()
    number = next((number for words, number in _NUMBERS.items() if words in lowered), None)
    return entry._replace(errno=number)


def explained(number: int | None, text: str = "") -> Recognition | None:
    """What the system's error says about a connection to a backend.

    Args:
        number: ``errno``, or APR's or Windows' number; None when there is none.
        text: beside it; counts when the number is not known.
    """
    words = _words(number, _ERRORS)
    if words:
        return from_row(load("texts.json")["errors"][words])
    return by_words("errors", text.lower())


def _words(number: int | None, errors: Iterable[tuple[frozenset[int], str]]) -> str:
    return next((words for numbers, words in errors if number in numbers), "")


def first(recognition: Recognition, entry: LogEntry) -> Recognition:
    """A code about a backend with several causes, of which the error beside it tells some apart.

    Args:
        recognition: of the code.
        entry: its line.
    """
    known = explained(entry.errno) if recognition.slugs and entry.errno is not None else None
    told = [slug for slug in known.slugs if slug in recognition.slugs] if known else []
    if not told:
        return recognition
    others = [slug for slug in recognition.slugs if slug not in told]
    return recognition._replace(slugs=(*told, *others))


def connect(recognition: Recognition, entry: LogEntry) -> Recognition:
    """A connection that could not be made: the error beside it decides."""
    known = explained(entry.errno, entry.errno_text)
    if known is None:
        return recognition
    strength = max(known.strength, Strength.CLUE)
    return recognition._replace(meaning=known.meaning, slugs=known.slugs, strength=strength)


def unix_socket(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH02454: a Unix domain socket, whose errors have other reasons than those of a port."""
    words = _words(entry.errno, _SOCKET_ERRORS)
    if not words:
        return recognition
    known = from_row(load("texts.json")["socket_errors"][words])
    return recognition._replace(meaning=known.meaning, slugs=known.slugs, strength=known.strength)


def create_socket(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00952: not the port is forbidden, but any socket of the family."""
    known = connect(recognition, entry)
    if entry.errno not in _FORBIDDEN:
        return known
    return known._replace(
        meaning="httpd may not even make a socket of this address family (fam 2 is IPv4, 10 is "
        "IPv6), whatever the port: the service's sandbox (systemd's RestrictAddressFamilies and "
        "SystemCallFilter, seccomp of a container), SELinux, or on Android the missing group inet."
    )


def bind(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00072: httpd itself cannot listen; no backend is concerned."""
    words = _words(entry.errno, _BIND_ERRORS)
    if not words:
        return recognition
    port = str(recognition.named.listen or "PORT")
    meaning = load("texts.json")["bind_errors"][words].replace("PORT", port)
    return recognition._replace(
        meaning=meaning.replace("PLACE", entry.message.rpartition(" ")[2]), next_step=""
    )


def tunnel(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH00958: the forward proxy was reached; what its answer was, AH00950 says."""
    if entry.errno is None:
        return recognition
    slugs = ("connection-timeout",) if entry.errno in _TIMED_OUT else ("connection-reset",)
    return recognition._replace(slugs=slugs, strength=Strength.CLUE)


def status_line(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01102: timeout, or the backend hung up; until 2.4.37 a failed handshake, too.

    mod_ssl itself marks the connection as aborted then (208 of 208 failed handshakes of 2.4.37),
    which nothing else does (2.4.37 and 2.4.71: no other answer, late, broken or none).
    """
    if entry.errno in _ABORTED:
        return recognition._replace(
            meaning="The TLS handshake with the backend failed, and httpd ended the connection "
            "itself: 2.4.37 and older then tell so and answer 502. The reason stands in other "
            "lines of the same request, of module ssl.",
            slugs=(),
            strength=Strength.CONSEQUENCE,
            handshake=True,
        )
    if entry.errno in _TIMED_OUT:
        return recognition._replace(
            meaning="The backend took the request and did not answer in time.",
            slugs=("connection-timeout",),
            strength=Strength.DECISIVE,
        )
    slugs = ["stale-pooled-connection", "backend-speaks-tls", "connection-reset"]
    if entry.errno in _ENDED:
        slugs.append("client-certificate-required")
    # what came may have been no HTTP/1 at all
    others = ("http-version-mismatch", "backend-error-status")
    return recognition._replace(slugs=(*slugs, *others), strength=Strength.CLUE)


def body(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01084: follows a failed handshake, unless the system says that the connection broke.

    AH01097 has no error of the system beside it, and follows a broken connection as well.
    """
    if recognition.code == "AH01097" and entry.errno is None:
        return recognition
    if entry.errno in _RESET:
        # A client certificate that a TLS 1.3 backend refuses is refused while the body is sent.
        return recognition._replace(
            meaning="The backend broke the connection off while the request was sent. One that "
            "answers before it has read the body (413: too large, 401) and closes does so too: "
            "the client gets 502 in place of that answer, and the backend's own log has it. So "
            "does a backend with TLS 1.3 that refuses httpd's client certificate, and then about "
            f"every other request logs why: set `{log_levels.telling()}` and repeat the request "
            "until an alert is logged.",
            slugs=(
                "stale-pooled-connection",
                "client-certificate-required",
                "connection-reset",
                "backend-error-status",
            ),
            strength=Strength.CLUE,
        )
    if entry.errno in _TIMED_OUT:
        return recognition._replace(slugs=("connection-timeout",), strength=Strength.DECISIVE)
    return recognition._replace(handshake=True)


def dispatch(recognition: Recognition, entry: LogEntry) -> Recognition:
    """AH01075: of FastCGI; a word in parentheses says when the client's side failed."""
    if "input brigade)" in entry.message or "output filters)" in entry.message:
        return recognition._replace(
            meaning="The client went away before the FastCGI request was through. Nothing about "
            "the backend."
        )
    known = explained(entry.errno)
    if known is None:
        return recognition
    return recognition._replace(slugs=known.slugs, strength=known.strength)
