"""Pieces of ``wizard.wording`` as styled text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from wizard.wording.pieces import Piece

_STYLES = {
    "heading": "bold", "note": "dim", "quote": "dim", "caution": "yellow", "alarm": "bold red",
}  # fmt: skip
_CHANGES = {"+": "green", "-": "red"}


def styled(pieces: Iterable[Piece], *, dense: bool = False) -> Text:
    """Each piece on a line of its own; the screen folds what is too long.

    Args:
        pieces: of an outcome.
        dense: without empty lines, for what should be seen at a glance.
    """
    text = Text()
    last = ""
    for piece in pieces:
        labelled = piece.role in ("text", "note") and piece.label
        after_quote = piece.role == "text" and last == "quote"
        if last and not dense and (labelled or after_quote or piece.role == "heading" != last):
            text.append("\n")
        style = _CHANGES[piece.label] if piece.role == "change" else _STYLES.get(piece.role, "")
        text.append(f"{piece.whole}\n", style)
        if piece.label and piece.role != "change":
            begin = len(text) - len(piece.whole) - 1
            text.stylize("bold", begin, begin + len(piece.label))
        last = piece.role
    return text
