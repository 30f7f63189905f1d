"""A diagnosis in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wizard.reference import log_levels
from wizard.text import printable
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Cause


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


def log(diagnosis: Diagnosis, *, whole: bool = True) -> Iterator[Piece]:
    """What httpd writes about one request, and what of it the LogLevel in force hides.

    Args:
        diagnosis: of the route.
        whole: every line; else the codes only.
    """
    lines = diagnosis.verdict.log
    if not lines:
        yield Piece("text", "httpd logs nothing about this request.")
        return
    if whole:
        yield Piece(
            "text",
            "What httpd writes to its error log about one request; LogLevel hides the lines "
            "marked with *.",
        )
        for line in lines:
            code = f"{line.code}: " if line.code else ""
            text = f"[{line.module}:{line.level}] {code}{printable(line.text)}"
            yield Piece("quote", text, " " if line.shown else "*")
    else:
        shown = ", ".join(line.code for line in lines if line.code and line.shown)
        yield Piece("text", shown or "nothing", "httpd logs")
    if not all(line.shown for line in lines):
        hidden = dict.fromkeys(line.code for line in lines if line.code and not line.shown)
        what = "them" if whole else ", ".join(hidden) or "the rest"
        yield Piece("text", f"To see {what}, without a restart:")
        yield Piece("command", log_levels.telling(diagnosis.case.route.log_levels.default.value))
