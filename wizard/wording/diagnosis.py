"""A diagnosis and an explained log in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from wizard.reference import log_levels
from wizard.text import printable
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Cause, Explanation

_MOST_CAUSES = 8
"""Explained; the others are named."""


def reasons(item: Finding | Cause) -> Iterator[Piece]:
    """A fault: evidence first, then why, then who can do what."""
    for line in item.evidence:
        yield Piece("quote", printable(line.strip(), 600))
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


def explanation(found: Explanation, here: Collection[str] = ()) -> Iterator[Piece]:
    """What a log tells: what it hides, then the causes, the most likely first.

    Args:
        found: in the log.
        here: findings of the route that is looked at; a cause that is one of them is marked.
    """
    if not found.lines_recognised:
        lines = f"{found.lines_read} line{'s' if found.lines_read != 1 else ''} read"
        yield Piece(
            "text",
            f"Nothing was recognised ({lines}). Give lines of httpd's error log (not the access "
            "log), an AH code such as AH02276, or the output of `openssl s_client` or `curl -v`.",
        )
        return
    if found.hidden:
        yield Piece("heading", "The cause is hidden")
        yield Piece("caution", printable(found.hidden))
    elif not found.causes:
        yield Piece("heading", "Nothing in it was recognised as a cause.")
    for number, cause in enumerate(found.causes[:_MOST_CAUSES], 1):
        times = f" ({cause.explains} times)" if cause.explains > 1 else ""
        known = "  (also found here by probing)" if cause.slug in here else ""
        possible = "" if cause.certain or known else " (possible)"
        yield Piece("heading", f"{number}. {cause.slug}{known}{times}{possible}")
        if cause.explains > 0 or (number == 1 and not found.hidden):
            yield from reasons(cause)
        else:
            yield Piece("text", printable(cause.explanation))
    others = [cause.slug for cause in found.causes[_MOST_CAUSES:]]
    if others:
        yield Piece("text", f"Also possible: {', '.join(others)}.")
