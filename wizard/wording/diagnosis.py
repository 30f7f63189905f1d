"""A diagnosis in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wizard.reference import log_levels
from wizard.text import printable
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Cause

ROUTINE: Final = frozenset({"AH01964", "AH01997", "AH01998", "AH02001", "AH02008"})
"""Codes of lines that each connection has: it begins, it ends."""


def reasons(item: Finding | Cause) -> Iterator[Piece]:
    """A fault: evidence first, then why, then who can do what."""
    for line in item.evidence:
        yield Piece("quote", printable(line.strip(), 600))
    if item.explanation:
        yield Piece("text", printable(item.explanation))
    for remedy in item.remedies:
        yield Piece("text", printable(remedy.text), f"> {remedy.place}")
        for line in remedy.command.split("\n") if remedy.command else ():
            yield Piece("command", printable(line))


def log(diagnosis: Diagnosis) -> Iterator[Piece]:
    """What httpd writes about one request, and what of it the LogLevel in force hides.

    Args:
        diagnosis: of the route.
    """
    lines = diagnosis.verdict.log
    if not lines:
        yield Piece("text", "httpd logs nothing about this request.")
        return
    yield Piece(
        "text",
        "What httpd writes to its error log about one request; LogLevel hides the lines marked "
        "with *.",
    )
    for line in lines:
        code = f"{line.code}: " if line.code else ""
        text = f"[{line.module}:{line.level}] {code}{printable(line.text)}"
        yield Piece("quote", text, " " if line.shown else "*")
    if not all(line.shown for line in lines):
        yield Piece("text", "To see them, without a restart:")
        yield Piece("command", log_levels.telling(diagnosis.case.route.log_levels.default.value))
