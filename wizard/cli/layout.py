"""Pieces of ``wizard.wording`` as lines of a terminal: indented, folded and coloured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wizard.wording.fold import wrap

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.wording.pieces import Piece

_STYLES = {"heading": "bold", "quote": "dim", "caution": "yellow", "alarm": "red"}


def lines(pieces: Iterable[Piece], palette: Palette, indent: int = 4) -> Iterator[str]:
    """Each piece, ready to print; prose has line breaks in it.

    Args:
        pieces: of an outcome.
        palette: colours, or none.
        indent: columns before all but headings and notes.
    """
    for piece in pieces:
        begin = " " * {"heading": 0, "note": 0, "command": indent + 2}.get(piece.role, indent)
        text = begin + piece.whole
        if piece.role in ("text", "note", "caution", "alarm", "quote"):
            hangs = piece.label or piece.role == "quote"
            text = wrap(piece.whole, begin, f"{begin}  " if hangs else begin)
        yield palette(text, _STYLES[piece.role]) if piece.role in _STYLES else text
