"""A framed part of a screen with a title, a text in it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

_EDGES = 2
"""Rows of the frame."""


class Block(VerticalScroll, can_focus=False):
    """A frame around a text; it is as high as the text, and gone when that is empty.

    Args:
        name: its id.
        classes: its CSS classes besides ``frame``.
    """

    def __init__(self, name: str, classes: str = "") -> None:
        super().__init__(id=name, classes=f"frame block {classes}".strip())
        self._text = Static("", markup=False)
        self.text = Text("")

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    @property
    def whole(self) -> int:
        """Rows in which nothing of it has to be scrolled."""
        return sum(each.outer_size.height for each in self.children if each.display) + _EDGES

    def put(self, title: str, text: Text, hint: str = "") -> None:
        """Show a text.

        Args:
            title: on the frame; safe to print.
            text: what is in it; empty: the block is not shown.
            hint: on the lower edge of the frame.
        """
        self.border_subtitle = Text(hint) if hint else None
        text = text.copy()
        text.rstrip()
        self.display = bool(text.plain)
        self.border_title = Text(title) if title else None
        self.text = text
        self._text.update(text)
