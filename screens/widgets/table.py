"""A table whose cells are drawn whole."""

from __future__ import annotations

from typing import TypeVar

from textual.coordinate import Coordinate
from textual.widgets import DataTable

Cell = TypeVar("Cell")


class Table(DataTable[Cell]):
    """Textual keeps a cell as it was first drawn, cut off to the width that its column had then.

    When columns have widened, one cell is set anew: that lets go of all that was drawn.
    """

    def on_mount(self) -> None:
        """The table is as wide as its columns."""
        self.watch(self, "virtual_size", self._draw_anew, init=False)

    def _draw_anew(self) -> None:
        if self.row_count:
            first = Coordinate(0, 0)
            self.update_cell_at(first, self.get_cell_at(first))
