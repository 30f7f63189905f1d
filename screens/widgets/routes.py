"""The searchable table of proxied routes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import DataTable
from textual.widgets.data_table import ColumnKey

from screens.order import rank
from screens.terminal.glyphs import Glyphs
from screens.texts import route as present
from screens.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.route_id import RouteId

_AT_ONCE = 100
"""Routes handled before keys get a turn: some 10 ms of work."""
_PAUSE = 0.001
"""Seconds for that turn. A call that is only deferred would run before any key, and before Textual
has measured the rows that are there."""


class RouteTable(Table[Text]):
    """One row a route: state, virtual host, path, backend; optionally the results.

    Args:
        glyphs: the signs of this terminal.
        results: whether to show the results, too, the worst first.
    """

    class Chosen(Message):
        """The cursor is on a route.

        Args:
            route: which.
            row: of the table.
        """

        def __init__(self, route: RouteId, row: int) -> None:
            super().__init__()
            self.route = route
            self.row = row

    def __init__(self, glyphs: Glyphs, *, results: bool = False) -> None:
        super().__init__(
            id="results" if results else "routes", cursor_type="row", zebra_stripes=True
        )
        self._glyphs = glyphs
        self._results = results
        self._session: Session | None = None
        self._words: list[str] = []
        self._order: Sequence[Route] = ()
        self._looked_at = 0
        self._shown: dict[RouteId, int] = {}  # row of each route, which is its key, too
        self._round = 0
        self._growing = False
        self._told: dict[RouteId, Diagnosis] = {}

    def on_mount(self) -> None:
        """The columns; results stand before names that may be long."""
        self.add_column(" ", key="state")
        if self._results:
            self.add_column("Answer", key="answer")
            self.add_column("Cause", key="cause")
        for key, label in (("vhost", "Virtual host"), ("path", "Path"), ("backend", "Backend")):
            self.add_column(label, key=key)

    def grow(self, seen: Sequence[Route]) -> None:
        """Show routes found so far; those looked at already are the first of them."""
        self._growing = bool(seen)
        for route in seen[self._looked_at : self._looked_at + _AT_ONCE]:
            self._look_at(route, None)

    def fill(self, session: Session) -> None:
        """Show the routes that the search leaves; a row that ``grow`` showed stays."""
        self._session = session
        if not self._growing or self._looked_at > len(session.routes):
            self._fill_anew()
            return
        self._growing = False
        self._round += 1
        self._order = session.routes
        self.follow(session.current)
        self._add(self._round, session.current)

    def follow(self, route: RouteId | None) -> None:
        """Move the cursor to a route, if it is shown."""
        if route in self._shown:
            self.move_cursor(row=self._shown[route])

    def route_at(self, row: int) -> RouteId:
        """The route that a row shows."""
        return list(self._shown)[row]

    def is_about(self, session: Session) -> bool:
        """Whether the table shows the routes that a session has now."""
        return self._session is session and len(self._order) == len(session.routes)

    def narrow(self, text: str) -> None:
        """Show the routes that hold each word of a text, from now on.

        Args:
            text: what was typed; empty: every route.
        """
        self._words = text.lower().split()
        self._fill_anew()

    def _fill_anew(self) -> None:
        followed = self._followed
        self._round += 1
        self._told = {}
        self._growing = False
        self._looked_at = 0
        self._shown = {}
        self.clear()
        session = self._session
        if session is not None:
            self._order = session.routes
            if self._results:
                diagnoses = session.diagnoses
                self._order = sorted(self._order, key=lambda route: rank(diagnoses.get(route.id)))
            self._add(self._round, followed)

    @property
    def _followed(self) -> RouteId | None:
        """The route that the cursor stays on."""
        if not self._results:
            return self._session.current if self._session else None
        # A cursor that was not moved stays on the worst route, whichever that is by now.
        return self.route_at(self.cursor_row) if 0 < self.cursor_row < len(self._shown) else None

    def _add(self, round_: int, followed: RouteId | None) -> None:
        """Add rows bit by bit: a site may have thousands, and keys are to be answered."""
        session = self._session
        if session is None or round_ != self._round:
            return  # another search began meanwhile
        for route in self._order[self._looked_at : self._looked_at + _AT_ONCE]:
            shown = self._look_at(route, session.diagnoses.get(route.id))
            if shown and route.id == followed:
                self.move_cursor(row=self.row_count - 1)
        if self._looked_at < len(self._order):
            self.set_timer(_PAUSE, partial(self._add, round_, followed))

    def _look_at(self, route: Route, diagnosis: Diagnosis | None) -> bool:
        """Add the next route's row, if it holds each word of the search."""
        self._looked_at += 1
        if self._words:
            held = present.haystack(route, diagnosis if self._results else None)
            if not all(word in held for word in self._words):
                return False
        row = self._shown[route.id] = len(self._shown)
        state = present.state(diagnosis, self._glyphs)
        vhost, path, backend = present.route_cells(route)
        results = present.result_cells(diagnosis) if self._results else ()
        if diagnosis is not None:
            self._told[route.id] = diagnosis
        self.add_row(state, *results, vhost, path, backend, key=str(row))
        return True

    def refresh_states(self, session: Session) -> None:
        """Show the results that are new."""
        widest: dict[str, tuple[str, Text]] = {}
        for route, diagnosis in session.diagnoses.items():
            if self._told.get(route) is diagnosis or route not in self._shown:
                continue
            self._told[route] = diagnosis
            row = str(self._shown[route])
            cells = {"state": present.state(diagnosis, self._glyphs)}
            if self._results:
                cells["answer"], cells["cause"] = present.result_cells(diagnosis)
            for column, cell in cells.items():
                self.update_cell(row, column, cell)
                if column not in widest or cell.cell_len > widest[column][1].cell_len:
                    widest[column] = row, cell
        for column, (row, cell) in widest.items():
            # One cell for each column: for every narrower one Textual would measure all others.
            if cell.cell_len > self.columns[ColumnKey(column)].content_width:
                self.update_cell(row, column, cell, update_width=True)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Post which route the cursor is on."""
        event.stop()
        if not self._results and event.cursor_row < len(self._shown):
            self.post_message(self.Chosen(self.route_at(event.cursor_row), event.cursor_row))
