"""The searchable table of proxied routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import DataTable

from screens import present
from screens.glyphs import Glyphs
from screens.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis

_AT_ONCE = 500
"""Rows added between two chances for keys to be answered."""


class RouteTable(Table[Text]):
    """One row a route: state, virtual host, path, backend; what came of it, if that is wanted.

    Args:
        glyphs: the signs of this terminal.
        results: whether to show what was found out, too, the worst first.
    """

    class Chosen(Message):
        """The cursor is on a route.

        Args:
            index: its position in the configuration.
        """

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, glyphs: Glyphs, *, results: bool = False) -> None:
        super().__init__(
            id="results" if results else "routes", cursor_type="row", zebra_stripes=True
        )
        self._glyphs = glyphs
        self._results = results
        self._shown: list[int] = []
        self._round = 0
        self._growing = False
        self._told: dict[int, Diagnosis] = {}

    def on_mount(self) -> None:
        """The columns."""
        for key, label in (("state", " "), ("vhost", "Virtual host"), ("path", "Path")):
            self.add_column(label, key=key)
        if self._results:
            self.add_column("Answer", key="answer")
            self.add_column("Cause", key="cause")
        self.add_column("Backend", key="backend")

    def grow(self, seen: Sequence[Route]) -> None:
        """Show routes found so far; those shown already are the first of them."""
        self._growing = bool(seen)
        for route in seen[len(self._shown) : len(self._shown) + _AT_ONCE]:
            self._row(len(self._shown), route, None)
            self._shown.append(len(self._shown))

    def fill(self, session: Session) -> None:
        """Show every route of the configuration; those that ``grow`` showed stay."""
        if not self._growing or not 0 < len(self._shown) <= len(session.routes):
            self.narrow(session, "")
            return
        start = len(self._shown)
        self._growing = False
        self._round += 1
        self._shown = list(range(len(session.routes)))
        self._add(session, start, self._round)
        self.move_cursor(row=min(session.current, self.row_count - 1))

    def narrow(self, session: Session, text: str) -> None:
        """Show the routes that hold each word of a text."""
        words = text.lower().split()
        self._round += 1
        self._told = {}
        self._growing = False
        self.clear()
        self._shown = [
            index
            for index, route in enumerate(session.routes)
            if not words or all(word in self._haystack(session, index, route) for word in words)
        ]
        if self._results:
            self._shown.sort(key=lambda index: present.rank(session.diagnoses.get(index)))
        self._add(session, 0, self._round)

    def _haystack(self, session: Session, index: int, route: Route) -> str:
        """What a search looks into: with results, what came of the route as well."""
        held = present.haystack(route)
        if not self._results:
            return held
        diagnosis = session.diagnoses.get(index)
        shown = (present.state(diagnosis, self._glyphs), *present.result_cells(diagnosis))
        return " ".join((held, *(cell.plain.lower() for cell in shown)))

    def _add(self, session: Session, start: int, round_: int) -> None:
        """Add the rows bit by bit: a site may have thousands, and keys are to be answered."""
        if round_ != self._round:
            return  # another search began meanwhile
        for index in self._shown[start : start + _AT_ONCE]:
            self._row(index, session.routes[index], session.diagnoses.get(index))
        if start == 0 and session.current in self._shown[:_AT_ONCE]:
            self.move_cursor(row=self._shown.index(session.current))
        if start + _AT_ONCE < len(self._shown):
            self.call_later(self._add, session, start + _AT_ONCE, round_)

    def _row(self, index: int, route: Route, diagnosis: Diagnosis | None) -> None:
        state = present.state(diagnosis, self._glyphs)
        vhost, path, backend = present.route_cells(route)
        results = present.result_cells(diagnosis) if self._results else ()
        self.add_row(state, vhost, path, *results, backend, key=str(index))

    def refresh_states(self, session: Session) -> None:
        """Show what was found out since."""
        for index, diagnosis in session.diagnoses.items():
            if self._told.get(index) is not diagnosis and str(index) in self.rows:
                self._told[index] = diagnosis
                self.update_cell(str(index), "state", present.state(diagnosis, self._glyphs))
                if self._results:
                    answer, cause = present.result_cells(diagnosis)
                    self.update_cell(str(index), "answer", answer, update_width=True)
                    self.update_cell(str(index), "cause", cause, update_width=True)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Tell which route the cursor is on."""
        event.stop()
        key = event.row_key.value if event.row_key is not None else None
        if key is not None and not self._results:
            self.post_message(self.Chosen(int(key)))
