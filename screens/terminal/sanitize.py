"""The last filter before the terminal: nothing passes that could control it or that it cannot show.

Every text from outside is escaped where it is shown (``wizard.text.printable``); this catches what
Textual's own widgets draw: names in a directory tree, what was pasted into a field, box lines.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_DRAWN = {
    "-": "─━╸╺╴╶╾╼–—",
    "=": "═",
    "_": "▁▂",
    "|": "│┃║▎▊▌▐▋▍▏▕▉",
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼✓✔",
    "#": "█▀▄▇▆▅▃",
    ".": "…·",
    "*": "•●",
    "o": "○⭘",
    ">": "▶→",
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
    """Replaces control characters, and in ASCII mode whatever is not ASCII, by as many cells.

    Args:
        ascii_only: the terminal shows no more.
    """

    def __init__(self, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 # LineFilter calls it so
        """The line, safe to write."""
        if all(self._is_safe(segment.text) for segment in segments if not segment.control):
            return segments
        return [
            segment
            if segment.control
            else Segment(_safe(segment.text, self._ascii_only), segment.style)
            for segment in segments
        ]

    def _is_safe(self, text: str) -> bool:
        return text.isprintable() and (text.isascii() or not self._ascii_only)


@lru_cache(4096)
def _safe(text: str, ascii_only: bool) -> str:
    if ascii_only:
        text = text.translate(_ASCII)
    return "".join(_cell(char, ascii_only) for char in text)


def _cell(char: str, ascii_only: bool) -> str:
    if char.isprintable() and (char.isascii() or not ascii_only):
        return char
    return "?" * cell_len(char)
