"""The searchable table of proxied routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import DataTable

from screens import present
from screens.glyphs import Glyphs

if TYPE_CHECKING:
    from screens.session import Session

_AT_ONCE = 500
"""Rows added between two chances for keys to be answered."""


class RouteTable(DataTable[Text]):
    """One row a route: state, virtual host, path, backend.

    Args:
        glyphs: the signs of this terminal.
    """

    class Chosen(Message):
        """The cursor is on a route.

        Args:
            index: its position in the configuration.
        """

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="routes", cursor_type="row", zebra_stripes=True)
        self._glyphs = glyphs
        self._shown: list[int] = []
        self._round = 0

    def on_mount(self) -> None:
        """The columns."""
        for key, label in (
            ("state", " "),
            ("vhost", "Virtual host"),
            ("path", "Path"),
            ("backend", "Backend"),
        ):
            self.add_column(label, key=key)

    def fill(self, session: Session) -> None:
        """Show every route of the configuration."""
        self.narrow(session, "")

    def narrow(self, session: Session, text: str) -> None:
        """Show the routes that hold each word of a text."""
        words = text.lower().split()
        self._round += 1
        self.clear()
        self._shown = [
            index
            for index, route in enumerate(session.routes)
            if not words or all(word in present.haystack(route) for word in words)
        ]
        self._add(session, 0, self._round)

    def _add(self, session: Session, start: int, round_: int) -> None:
        """Add the rows bit by bit: a site may have thousands, and keys are to be answered."""
        if round_ != self._round:
            return  # another search began meanwhile
        for index in self._shown[start : start + _AT_ONCE]:
            diagnosis = session.diagnoses.get(index)
            state = present.state(diagnosis, self._glyphs)
            self.add_row(state, *present.route_cells(session.routes[index]), key=str(index))
        if start == 0 and session.current in self._shown[:_AT_ONCE]:
            self.move_cursor(row=self._shown.index(session.current))
        if start + _AT_ONCE < len(self._shown):
            self.call_later(self._add, session, start + _AT_ONCE, round_)

    def refresh_states(self, session: Session) -> None:
        """Show what was found out since."""
        for row, index in enumerate(self._shown[: self.row_count]):
            diagnosis = session.diagnoses.get(index)
            if diagnosis is not None:
                self.update_cell_at((row, 0), present.state(diagnosis, self._glyphs))  # type: ignore[arg-type]  # a plain tuple is a Coordinate to DataTable

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Tell which route the cursor is on."""
        event.stop()
        if event.row_key.value is not None:
            self.post_message(self.Chosen(int(event.row_key.value)))
