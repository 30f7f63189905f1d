"""Pieces of ``wizard.wording`` as lines of a terminal: indented, folded and coloured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wizard.wording.fold import wrap

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.wording.pieces import Piece

_STYLES = {"heading": "bold", "quote": "dim", "caution": "yellow", "alarm": "red"}
_CHANGES = {"+": "green", "-": "red"}
_DEEPER = {"command": 2, "change": 2}


def lines(pieces: Iterable[Piece], palette: Palette, indent: int = 4) -> Iterator[str]:
    """Each piece, ready to print; prose has line breaks in it.

    Args:
        pieces: of an outcome.
        palette: colours, or none.
        indent: columns before all but headings and notes.
    """
    for piece in pieces:
        begin = " " * _columns(piece, indent)
        text = begin + piece.whole
        if piece.role in ("heading", "text", "note", "caution", "alarm", "quote"):
            hangs = piece.label or piece.role == "quote"
            text = wrap(piece.whole, begin, f"{begin}  " if hangs else begin)
        elif piece.role == "change":
            text = wrap(piece.whole, begin, f"{begin}      ")
        style = _CHANGES[piece.label] if piece.role == "change" else _STYLES.get(piece.role)
        yield palette(text, style) if style else text


def _columns(piece: Piece, indent: int) -> int:
    if piece.role in ("heading", "note"):
        return 0
    return indent + _DEEPER.get(piece.role, 0)
