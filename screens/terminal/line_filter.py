"""What every line goes through on its way to the terminal."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.filter import LineFilter

from screens.terminal.contrast import Contrast, Dim
from screens.terminal.sanitize import Sanitizer


class Chain(LineFilter):
    """Several filters as one: of each that is asked a strip makes another strip.

    Args:
        filters: in the order in which they are applied.
    """

    def __init__(self, *filters: LineFilter) -> None:
        super().__init__()
        self._filters = filters

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line as the last one leaves it."""
        for each in self._filters:
            segments = each.apply(segments, background)
        return segments


@lru_cache(8)
def chained(
    theme: TerminalTheme, textuals: tuple[LineFilter, ...], *, is_plain: bool, ascii_only: bool
) -> Chain:
    """What is dim, then Textual's own filters, then legible colours and no control characters.

    The same arguments give the same object: a strip remembers what a filter made of it, so that
    lines that did not change are not filtered again at each repaint.

    Args:
        theme: what the terminal's own colours look like.
        textuals: those that Textual wants.
        is_plain: there are few colours, or none.
        ascii_only: the terminal shows no more.
    """
    contrast = [Contrast()] if is_plain else []
    return Chain(Dim(theme), *textuals, *contrast, Sanitizer(ascii_only))
