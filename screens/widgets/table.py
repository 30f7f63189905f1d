"""A table of rows whose cells are drawn whole, and can be reached."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

Cell = TypeVar("Cell")
_SIDEWAYS = 10
"""Columns that an arrow moves: what has no room beside the rest is soon in view."""


class Table(DataTable[Cell]):
    """Textual keeps a cell as it was first drawn, cut off to the width that its column had then.

    When columns have widened, one cell is set anew: that clears the cache.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "cursor_right", "Right", id="table.right",
                tooltip="See what has no room beside the rest"),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only where something lies to the right."""
        if action == "cursor_right":
            return self.max_scroll_x > 0
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """The table is as wide as its columns."""
        self.watch(self, "virtual_size", self._widened, init=False)

    def _widened(self) -> None:
        self.draw_anew()

    def draw_anew(self, *, measure: bool = False) -> None:
        """Draw what is in view as it is now.

        Args:
            measure: whether rows may have another width by now.
        """
        if self.row_count:
            first = Coordinate(0, 0)
            self.update_cell_at(first, self.get_cell_at(first), update_width=measure)

    def action_cursor_right(self) -> None:
        """See what lies to the right: the cursor is a whole row."""
        self.scroll_relative(x=_SIDEWAYS, animate=False)

    def action_cursor_left(self) -> None:
        """See what lies to the left."""
        self.scroll_relative(x=-_SIDEWAYS, animate=False)

    def action_scroll_home(self) -> None:
        """Go to the first row; Textual goes to the first column."""
        self.action_scroll_top()

    def action_scroll_end(self) -> None:
        """Go to the last row."""
        self.action_scroll_bottom()
