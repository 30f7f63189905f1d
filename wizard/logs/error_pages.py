"""HTTP statuses of a reverse proxy, and the error pages that httpd sends to browsers with them."""

from __future__ import annotations

import html
import re
from typing import Final

from wizard.logs.recognition import Recognition, from_row
from wizard.reference.tables import load

# Elements of httpd's own pages only: a configuration's <Location> and <VirtualHost> stay.
_TAG: Final = re.compile(
    r"</?(?:html|head|title|body|h1|p|pre|em|strong|b|a|br|hr|address|span|div)\b[^<>]{0,300}>",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\b[45]\d\d\b")
# A status alone, as a heading, in a program's words, and in a status line.
_STATUSES: Final = (
    re.compile(r"^\W{0,3}(?:(?:http|status|error|code)\W{1,3}){0,4}([45]\d\d)\W{0,3}$"),
    re.compile(
        r"\b([45]\d\d)[ :-]{1,3}(?:proxy error|bad gateway|service (?:temporarily )?unavailable"
        r"|gateway time-?out|misdirected request|internal (?:server )?error|forbidden|bad request"
        r"|(?:request )?entity too large|(?:content|payload) too large|request header fields"
        r"|(?:request-)?uri too long)"
    ),
    re.compile(r"^[<* ]{0,4}http/[\d.]{1,3} ([45]\d\d)\b"),
    re.compile(r"(?:returned error|awaiting response\.\.\.|status code)[: ]{1,3}([45]\d\d)\b"),
)


def untagged(text: str) -> str:
    """A line of an HTML page as a browser shows it; any other line as it is."""
    if "<" not in text or ">" not in text:
        return text
    plain = _TAG.sub(" ", text)
    return " ".join(html.unescape(plain).split()) if plain != text else text


def status(lowered: str) -> Recognition | None:
    """What an HTTP status, or a sentence of httpd's own page for it, means behind a reverse proxy.

    Args:
        lowered: a line that httpd did not write into a log, in lower case.
    """
    table = load("texts.json")
    named = next((number for words, number in table["pages"].items() if words in lowered), None)
    found = None
    if not named and _NUMBER.search(lowered):  # most lines have none: one search instead of four
        found = next(filter(None, (e.search(lowered) for e in _STATUSES)), None)
    row = table["statuses"].get(named or (found[1] if found else ""))
    return from_row(row) if row else None
