"""The searchable list of proxied routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from rich.measure import Measurement
from rich.text import Text
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable

from screens.terminal.glyphs import Glyphs
from screens.texts import listing
from screens.texts.listing import Widths
from screens.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, ConsoleOptions

    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.route_id import RouteId

_AT_ONCE = 100
"""Routes handled before keys get a turn: some 10 ms of work."""
_PAUSE = 0.001
"""Seconds for that turn. A call that is only deferred would run before any key, and before Textual
has measured the rows that are there."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A route in the list, drawn as it is when it is looked at: it has as many columns as the list.

    Args:
        table: that it is in.
        route: it.
        row: its place.
    """

    table: RouteTable
    route: Route
    row: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        yield self.table.drawn(self)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.table.room, self.table.room)

    def __str__(self) -> str:
        return self.table.drawn(self).plain


class RouteTable(Table[Line]):
    """A line a route: its state, VirtualHost, path, backend, what the browser gets, and why.

    Args:
        glyphs: the signs of this terminal.
    """

    class Chosen(Message):
        """The operator moved the cursor to a route.

        Args:
            route: which.
        """

        def __init__(self, route: RouteId) -> None:
            super().__init__()
            self.route = route

    class Filled(Message):
        """Every route was looked at, or there is other room for them."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="routes", cursor_type="row", show_header=False, cell_padding=0)
        self._glyphs = glyphs
        self._session: Session | None = None
        self._words: list[str] = []
        self._order: Sequence[Route] = ()
        self._looked_at = 0
        self._shown: dict[RouteId, int] = {}  # row of each route, which is its key, too
        self._ids: list[RouteId] = []
        self._round = 0
        self._growing = False
        self._told: dict[RouteId, Diagnosis] = {}
        self._asking: RouteId | Literal["all"] | None = None
        #: Grows whenever something new is known about the routes.
        self.version = 0
        self._wanted = Widths()
        self._hosts: set[str] = set()
        self._ports: set[str] = set()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is the screen's; so are the keys that turn pages: they scroll what is read.

        Nothing lies sideways.
        """
        if action in ("select_cursor", "page_up", "page_down", "cursor_left", "cursor_right"):
            return False
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """One column: how it is divided depends on what is in it."""
        self.add_column("", key="route")

    def on_resize(self, _: Resize) -> None:
        """There is room for other columns."""
        self.draw_anew(measure=True)
        self.post_message(self.Filled())

    @property
    def room(self) -> int:
        """Columns of a line: one is kept for the scroll bar."""
        return max(1, self.size.width - 1)

    @property
    def is_narrowed(self) -> bool:
        """Whether a search hides routes."""
        return bool(self._words)

    @property
    def is_without_hits(self) -> bool:
        """Whether every route was looked at, and a search hides them all."""
        found = self._looked_at == len(self._order) > 0
        return self.is_narrowed and found and not self._ids

    def drawn(self, line: Line) -> Text:
        """A line as it is now."""
        session, route = self._session, line.route
        wanted, port = self._wanted, len(self._ports) > 1
        if port:
            wanted = replace(wanted, vhost=wanted.vhost + max(map(len, self._ports)))
        one_host = len(self._hosts) < 2 and not port
        widths = listing.fitted(self.room, wanted, one_host=one_host)
        return listing.line(
            route,
            session.diagnoses.get(route.id) if session is not None else None,
            widths,
            self._glyphs,
            marked=self.cursor_row == line.row,
            asking=self._asking in ("all", route.id),
            port=port,
        )

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
            self._move(self._shown[route])

    def _move(self, row: int) -> None:
        """Move the cursor without telling anybody: it was not the operator."""
        with self.prevent(DataTable.RowHighlighted):
            self.move_cursor(row=row)

    def route_at(self, row: int) -> RouteId:
        """The route that a row shows."""
        return self._ids[row]

    @property
    def here(self) -> RouteId | None:
        """The route that the cursor is on; None: no route is shown."""
        return self._ids[self.cursor_row] if self.cursor_row < len(self._ids) else None

    def narrow(self, text: str) -> None:
        """Show the routes that hold each word of a text, from now on.

        Args:
            text: what was typed; empty: every route.
        """
        self._words = text.lower().split()
        self._fill_anew()

    def _fill_anew(self) -> None:
        self._round += 1
        self._growing = False
        self._looked_at = 0
        self._shown = {}
        self._ids = []
        self._hosts, self._ports = set(), set()
        self._wanted = Widths()
        with self.prevent(DataTable.RowHighlighted):
            self.clear()
        session = self._session
        if session is None:
            return
        self.version += 1
        self._told = dict(session.diagnoses)
        self._widen(self._told.values())
        self._order = session.routes
        self._add(self._round, session.current)

    def _add(self, round_: int, followed: RouteId | None) -> None:
        """Add rows bit by bit: a site may have thousands, and keys are to be answered."""
        session = self._session
        if session is None or round_ != self._round:
            return  # another search began meanwhile
        for route in self._order[self._looked_at : self._looked_at + _AT_ONCE]:
            shown = self._look_at(route, session.diagnoses.get(route.id))
            if shown and route.id == followed:
                self._move(self.row_count - 1)
        if self._looked_at < len(self._order):
            self.set_timer(_PAUSE, partial(self._add, round_, followed))
        else:
            self.post_message(self.Filled())

    def _look_at(self, route: Route, diagnosis: Diagnosis | None) -> bool:
        """Add the next route's row, if it holds each word of the search."""
        self._looked_at += 1
        if self._words:
            held = listing.haystack(route, diagnosis)
            if not all(word in held for word in self._words):
                return False
        row = self._shown[route.id] = len(self._ids)
        self._ids.append(route.id)
        self._hosts.add(route.vhost.server_name or "")
        self._ports.add(listing.vhost_port(route))
        self._wanted = self._wanted.widest(listing.wishes(route))
        with self.prevent(DataTable.RowHighlighted):
            self.add_row(Line(self, route, row), key=str(row))
        return True

    def refresh_states(self, session: Session) -> None:
        """Show what is new about the routes."""
        fresh = {
            route: found
            for route, found in session.diagnoses.items()
            if self._told.get(route) is not found
        }
        asking = _asking(session)
        if not fresh and asking == self._asking:
            return
        self._asking = asking
        self.version += bool(fresh)
        self._told.update(fresh)
        self._widen(fresh.values())
        if fresh and self._words and asking is None:
            self._fill_anew()  # what was searched for may have been found out by now
        else:
            self.draw_anew()

    def _widen(self, found: Iterable[Diagnosis]) -> None:
        for diagnosis in found:
            self._wanted = self._wanted.widest(listing.wanted_by(diagnosis))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Post which route the operator went to."""
        event.stop()
        if event.cursor_row < len(self._ids):
            self.post_message(self.Chosen(self.route_at(event.cursor_row)))


def _asking(session: Session) -> RouteId | Literal["all"] | None:
    """Whose backend is being asked."""
    if "probe" not in session.stops:
        return None
    return "all" if session.asked is not None else session.current
