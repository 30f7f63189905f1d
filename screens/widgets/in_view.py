"""What has the keys stays in view: a notice, or a smaller terminal, leaves a list fewer lines."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable, OptionList, Tree


class InView:
    """Watches the lines that the list with the focus has.

    Args:
        screen: of it.
    """

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._focused: Widget | None = None
        self._height = 0

    def look(self) -> None:
        """After each layout: if the list lost lines, its cursor is scrolled back into view."""
        focused, before = self._screen.focused, self._height
        if focused is None:
            return
        self._height = focused.size.height
        if focused is self._focused and self._height < before:
            focused.call_after_refresh(_scroll_to_cursor, focused)
        self._focused = focused


def _scroll_to_cursor(widget: Widget) -> None:
    if isinstance(widget, OptionList):
        widget.scroll_to_highlight()
    elif isinstance(widget, Tree):
        widget.scroll_to_line(widget.cursor_line, animate=False)
    elif isinstance(widget, DataTable):
        widget.move_cursor(row=widget.cursor_row, column=widget.cursor_column)
