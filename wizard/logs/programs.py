"""What other programs write into httpd's log, or print themselves."""

from __future__ import annotations

import re
from typing import Final

from wizard.logs.log_line import LogEntry
from wizard.logs.recognition import Recognition, by_words

# What programs that a web server runs write into its log is about their own connections.
_SCRIPT_MODULES: Final = ("php", "wsgi", "perl", "python", "lua", "cgi", "security", "passenger")
_OF_SCRIPTS: Final = (
    "PHP Fatal",
    "PHP Warning",
    "PHP Notice",
    "PHP Parse",
    "PHP Deprecated",
    "ModSecurity: ",
)
_BROWSER: Final = (
    "This is a browser's message about the server that it opened: httpd itself most often, the "
    "backend only where that was opened directly."
)
_IBM: Final = re.compile(r"\bSSL0\d{3}[EWIS]: ")


def is_of_script(text: str, entry: LogEntry) -> bool:
    """Whether a program that httpd runs wrote the line: PHP, WSGI, ModSecurity and the like.

    Args:
        text: the line.
        entry: the same, taken apart.
    """
    if entry.module:
        return entry.module.startswith(_SCRIPT_MODULES)
    return any(words in text for words in _OF_SCRIPTS)


def of_ibm(text: str, lowered: str) -> Recognition | None:
    """A message of IBM's TLS about a client of its server, or its own keys; None for any other.

    Args:
        text: the line.
        lowered: the same, in lower case.
    """
    if "SSL0" not in text or "proxy" in lowered or not _IBM.search(text):
        return None
    return Recognition(
        "Front side, not the backend: IBM HTTP Server's TLS with one of its own clients, or its "
        "own key database; the text after the number says what."
    )


def of_others(lowered: str) -> Recognition | None:
    """What programs say that are no httpd: Java, Go, Node.js, nginx, browsers …

    Args:
        lowered: the line, in lower case.
    """
    said = by_words("programs", lowered)
    if said is not None:
        return said
    shown = by_words("browsers", lowered)
    return shown and shown._replace(meaning=f"{_BROWSER} {shown.meaning}")
