"""A text that is drawn anew for each width: its lines are folded where they should be."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.geometry import Size
from textual.widgets import Static

Draw = Callable[[int], Text]
"""Makes the text for so many columns."""


class Folded(Static):
    """As tall as its text is at its width.

    Args:
        draw: makes the text.
        id: of the widget.
    """

    DEFAULT_CSS = "Folded { width: 100%; height: auto; }"

    def __init__(self, draw: Draw, *, id: str | None = None) -> None:  # noqa: A002  # Textual's own
        super().__init__("", id=id, markup=False)
        self._draw = draw
        self._drawn: tuple[int, Text] = (-1, Text())

    def show(self, draw: Draw) -> None:
        """Another text."""
        self._draw = draw
        self._drawn = (-1, Text())
        self.refresh(layout=True)

    def at(self, width: int) -> Text:
        """The text at a width."""
        if self._drawn[0] != width:
            text = self._draw(max(width, 1))
            text.rstrip()
            self._drawn = (width, text)
        return self._drawn[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Its rows, none of which is folded any more."""
        text = self.at(width).plain
        return text.count("\n") + 1 if text else 0

    def render(self) -> Text:
        """The text at the width that it has."""
        return self.at(self.content_size.width or self.size.width)
