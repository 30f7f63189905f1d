"""Pieces of ``wizard.wording`` as lines of a terminal: indented, folded and coloured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wizard.text import printable
from wizard.wording.fold import width, wrap

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.wording.next_step import NextStep
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
            hangs = piece.label or piece.role in ("heading", "quote")
            text = wrap(piece.whole, begin, f"{begin}  " if hangs else begin)
        elif piece.role == "change":
            text = wrap(piece.whole, begin, f"{begin}      ")
        style = _CHANGES[piece.label] if piece.role == "change" else _STYLES.get(piece.role)
        yield palette(text, style) if style else text


def _columns(piece: Piece, indent: int) -> int:
    if piece.role in ("heading", "note"):
        return 0
    return indent + _DEEPER.get(piece.role, 0)


def next_lines(step: NextStep, palette: Palette) -> Iterator[str]:
    """The last line of an output: the command that goes on, and beside or below it what it needs.

    Args:
        step: the command.
        palette: colours, or none.
    """
    command = printable(step.command)
    note = f"({step.note})" if step.note else ""
    room = width() - len(f"next: {command}   {note}") >= 0
    yield f"next: {palette(command, 'bold')}" + (f"   {note}" if note and room else "")
    if note and not room:
        yield from wrap(note, "      ").split("\n")
