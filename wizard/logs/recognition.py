"""What a line was recognised as."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

from wizard.logs.named import NOTHING, Named
from wizard.reference.tables import load

UNKNOWN_SIDE: Final = "Alone it does not say whether the other side is a backend or a client."
"""What keeps a TLS alert from being certain of a cause, as long as no other line tells the side."""


class Strength(IntEnum):
    """How much a line says about the cause of a failure."""

    CONTEXT = 0
    """Nothing: it shows how far a request got, or is no fault."""
    CONSEQUENCE = 1
    """It only follows from a cause that another line names."""
    CLUE = 2
    """It points to several causes."""
    DECISIVE = 3
    """It names the cause, or the very few that are left."""


class Recognition(NamedTuple):
    """What one line says.

    Args:
        meaning: in plain words.
        code: ``AH…``, also where the line has the message but not the code.
        openssl: number of a verify error.
        slugs: causes, the most likely first.
        strength: how much it says about the cause.
        next_step: what to look at next.
        handshake: whether it says that a TLS handshake with a backend failed.
        named: what the line names of the route.
        depth: of the certificate that the next lines are about; 0 the backend's own.
        other_cause: what else writes the line: no cause is certain by it; empty: nothing does.
    """

    meaning: str
    code: str | None = None
    openssl: int | None = None
    slugs: tuple[str, ...] = ()
    strength: Strength = Strength.CONTEXT
    next_step: str = ""
    handshake: bool = False
    named: Named = NOTHING
    depth: int | None = None
    other_cause: str = ""

    def told(self) -> str:
        """The meaning with what belongs behind it where a line stands by itself: what else writes
        it, or, as no cause brings remedies, what to do."""
        of_alert = self.code is None and self.openssl is None  # whose meaning says as much
        more = self.next_step if not self.slugs else "" if of_alert else self.other_cause
        if not more or more in self.meaning:
            return self.meaning
        return f"{self.meaning.rstrip('.')}. {more}"


def from_row(row: Sequence[Any]) -> Recognition:
    """A row of texts.json: meaning, slugs, strength."""
    meaning, slugs, strength = row
    return Recognition(meaning, slugs=tuple(slugs), strength=Strength(strength))


def by_words(group: str, lowered: str) -> Recognition | None:
    """What the first row of a group of texts.json says whose words a line has.

    Args:
        group: its key.
        lowered: the line, in lower case.
    """
    rows = load("texts.json")[group]
    found = next((words for words in rows if words in lowered), None)
    return None if found is None else from_row(rows[found])
