"""The ticket of a lesson: what a colleague reports, and what was given with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from wizard.demo.lab import Given
from wizard.demo.lessons import Lesson
from wizard.text import fingerprint, printable

_HALF: Final = 16 * 3
"""Characters of 16 bytes with their colons: as many as a narrow terminal shows in one line."""
_NOTHING: Final = {
    "configuration": "nothing; what it needs is here.",
    "backend": "nothing; see who can help.",
}


def ticket(lesson: Lesson, given: Sequence[Given], *, hint: bool = False) -> Text:
    """A ticket.

    Args:
        lesson: whose it is.
        given: what the operator has for it.
        hint: show the lesson's hint above it.
    """
    text = Text()
    if hint:
        text.append_text(Text.assemble(("Hint: ", "bold"), f"{lesson.hint}\n\n"))
    text.append(f"“{lesson.ticket}”\n\n")
    for one in given:
        text.append_text(
            Text.assemble(
                ("Given by the CA's owner: ", "bold"), f"{one.root}\n{printable(one.file)}\n"
            )
        )
        text.append("and its SHA-256 by telephone, to compare:\n")
        digits = fingerprint(one.sha256)
        text.append(f"{digits[: _HALF - 1]}\n{digits[_HALF:]}\n")
    if not given:
        text.append_text(Text.assemble(("Given: ", "bold"), f"{_NOTHING[lesson.repair]}\n"))
    return text.append_text(Text.assemble(("Look at: ", "bold"), lesson.look_at))
