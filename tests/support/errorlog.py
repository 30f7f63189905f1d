"""Reads httpd's error log in its default format."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"^\[[^\]]+\] \[(?P<module>[\w-]*):(?P<level>\w+)\] \[pid \d+(?::tid \d+)?\]"
    r"(?P<rest>.*)$"
)
_CODE = re.compile(r"\b(AH\d{5}): ")
_OPENSSL = re.compile(r"Certificate Verification: Error \((\d+)\): ([^\[]*?)(?: \[|$)")
LIBRARY = "SSL Library Error: "
UP_TO_INFO = ("emerg", "alert", "crit", "error", "warn", "notice", "info")


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    code: str | None
    module: str
    level: str
    text: str


def parse(text: str) -> list[Entry]:
    """The entries of a log, in order; lines of another format are left out."""
    entries = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        rest = match["rest"].strip()
        code = _CODE.search(rest)
        entries.append(Entry(code[1] if code else None, match["module"], match["level"], rest))
    return entries


def verify_error(entries: list[Entry]) -> tuple[int, str] | None:
    """Number and text of the first certificate verification error."""
    for entry in entries:
        found = _OPENSSL.search(entry.text)
        if found:
            return int(found[1]), found[2].strip()
    return None
