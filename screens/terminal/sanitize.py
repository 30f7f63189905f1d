"""The last filter before the terminal: nothing passes that could control it or that it cannot show.

Every text from outside is escaped where it is shown (``wizard.text.printable``); this catches what
Textual's own widgets draw: names in a directory tree, what was pasted into a field, box lines.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from wizard.text import harmlessness

_DRAWN = {
    "-": "─━╸╺╴╶╾╼–—",
    "=": "═",
    "_": "▁▂",
    "|": "│┃║▎▊▌▐▋▍▏▕▉",
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛╔╗╚╝✓✔",
    "#": "█▀▄▇▆▅▃",
    ".": "…·",
    "*": "•●",
    "o": "○⭘",
    ">": "▶→›",
    "<": "◀←",
    "v": "▼↓⏎",
    "^": "▲↑",
    "x": "✗",
    '"': "“”„",
    "'": "‘’",
}
"""ASCII for the signs that Textual and these screens draw with."""
_ASCII = str.maketrans({sign: plain for plain, signs in _DRAWN.items() for sign in signs})


class Sanitizer(LineFilter):
    """Replaces what controls a terminal or moves other cells by as many cells; in ASCII mode also
    whatever is not ASCII.

    Args:
        ascii_only: the terminal shows no more.
    """

    def __init__(self, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 # LineFilter calls it so
        """The line, safe to write."""
        return [
            segment
            if segment.control or (segment.text.isascii() and segment.text.isprintable())
            else Segment(_safe(segment.text, self._ascii_only), segment.style)
            for segment in segments
        ]


@lru_cache(4096)
def _safe(text: str, ascii_only: bool) -> str:
    if ascii_only:
        text = text.translate(_ASCII)
    safe = "".join(
        char if harmless and (char.isascii() or not ascii_only) else "?" * cell_len(char)
        for char, harmless in harmlessness(text)
    )
    return set_cell_size(safe, cell_len(text))  # what Rich measures together, terminals may not
