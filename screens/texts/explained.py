"""A log of the operator's, explained in the wizard's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from screens.texts import own_words
from screens.texts.pieces import styled
from wizard.wording import explanation as wording
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.explanation import Explanation


def explanation(explained: Explanation | str, diagnosis: Diagnosis | None) -> Text:
    """What a log tells, the causes first; a cause that is a finding here is marked."""
    if isinstance(explained, str):
        return Text(explained)
    here = {finding.slug for finding in diagnosis.findings} if diagnosis else set()
    if own_words.key(explained.command):
        explained = explained._replace(command="")
    lead = wording.lead(explained)
    return styled((*lead, *_ours(wording.causes(explained, here))))


def _ours(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Without commands of this program: the wizard's key in their place."""
    for piece in pieces:
        if piece.role == "command" and (key := own_words.key(piece.text)):
            does = "r asks again here." if key.startswith("r ") else f"The wizard does it: {key}."
            yield Piece("text", does)
        elif piece.role == "text":
            yield piece._replace(text=own_words.prose(piece.text))
        else:
            yield piece
