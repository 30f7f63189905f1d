"""Step 1: which configuration, which route, and the policy in force for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from screens.steps.base import StepScreen
from screens.texts import route as present
from screens.texts import steps
from screens.widgets.routes import RouteTable
from screens.widgets.search import SearchField
from screens.widgets.source import SourceView
from screens.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.model.config import Configuration, Source

_FRAME = 0.1
"""Seconds between two updates with the routes read so far."""


class Detail(Horizontal):
    """Policy, file and problems of a route."""

    def compose(self) -> ComposeResult:
        """The tabs; the file beside them where there is room."""
        with TabbedContent(id="load-detail", classes="pane"):
            with TabPane("Policy", id="tab-policy"):
                yield Table(id="policy", cursor_type="row", show_header=False)
            with TabPane("File", id="tab-file"):
                yield SourceView("source")
            with TabPane("Problems", id="tab-problems"):
                yield Table(id="problems", cursor_type="row")
        yield SourceView("beside", "pane")

    def on_mount(self) -> None:
        """The columns and titles."""
        self.query_one("#policy", DataTable).add_columns("", "")
        self.query_one("#problems", DataTable).add_columns("Where", "What")
        self.query_one("#load-detail").border_title = "What httpd does for this route"
        self.query_one("#beside").border_title = "Where it is written"


class LoadScreen(StepScreen):
    """The list of proxied routes, and beside it the policy of the one under the cursor."""

    STEP = steps.LOAD
    AUTO_FOCUS = "#routes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Open", id="load.open", tooltip="Open another configuration"),
        Binding("slash", "search", "Search", id="load.search", tooltip="Search the routes",
                key_display="/"),
        Binding("r", "read", "Reload", id="load.read", tooltip="Read the configuration again"),
        Binding("v", "view", "View", id="load.view", tooltip="The policy, the file, or problems"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """Search field and routes; policy, file and problems of the route below."""
        routes = RouteTable(self.glyphs)
        with Vertical(id="load"):
            with Vertical(id="load-routes", classes="pane"):
                yield SearchField(routes, "search", "name, path, backend")
                yield routes
                yield Static("", id="load-state", markup=False)
            yield Detail(id="load-below")

    def on_mount(self) -> None:
        """While a big site is read, the routes found so far are shown."""
        self.query_one("#load-routes").border_title = "Proxied routes"
        self._shown: Configuration | None = None
        self._path = self.session.scope.path
        self._sources: list[Source | None] = []
        self._reading = self.set_interval(_FRAME, self._grow, pause=True)

    def _grow(self) -> None:
        session = self.session
        if session.configuration is None and not session.load_error:
            self.query_one(RouteTable).grow(session.seen)
            count = f"{len(session.seen)} routes so far" if session.seen else "the files"
            self.query_one("#load-state", Static).update(f"reading {self.glyphs.ellipsis} {count}")
        else:
            self._reading.pause()

    def action_read(self) -> None:
        """Read the configuration (again)."""
        self.wizard.read_again()

    def show(self) -> None:
        """The state of reading, and the route under the cursor."""
        session = self.session
        state = self.query_one("#load-state", Static)
        table = self.query_one(RouteTable)
        if session.scope.path != self._path:  # another configuration: its own search
            self._path = session.scope.path
            self.query_one(SearchField).value = ""
        if session.configuration is not self._shown or session.load_error:
            self._shown = session.configuration
            table.fill(session)
        table.follow(session.current)
        if session.load_error:
            state.update(f"{session.load_error} o opens another configuration.")
        elif session.configuration is None:
            state.update(f"reading {self.glyphs.ellipsis}")
            self._reading.resume()
        else:
            state.update(present.configuration_line(session.configuration))
        table.refresh_states(session)
        self._show_route()
        self._show_problems()

    def _show_route(self) -> None:
        table = self.query_one("#policy", DataTable)
        table.clear()
        route = self.session.route
        if route is None or self.session.configuration is None:
            self._show_source({})
            return
        rows = present.route_rows(route) + present.policy_rows(route)
        self._sources = [row.source for row in rows]
        for row in rows:
            table.add_row(row.name, row.value)
        self._show_source(present.marks(route))

    def _show_source(self, marks: Mapping[str, Sequence[int]]) -> None:
        configuration = self.session.configuration
        for view in self.query(SourceView):
            view.show(configuration.files if configuration else {}, marks)

    def _show_problems(self) -> None:
        table = self.query_one("#problems", DataTable)
        table.clear()
        configuration = self.session.configuration
        problems = configuration.problems if configuration else ()
        for problem in problems:
            table.add_row(*present.problem_row(problem))
        tab = self.query_one(TabbedContent).get_tab("tab-problems")
        tab.label = f"Problems ({len(problems)})" if problems else "Problems"

    @on(RouteTable.Chosen)
    def _choose(self, event: RouteTable.Chosen) -> None:
        if self.session.configuration is not None or event.row:
            self.wizard.choose(event.route)

    @on(DataTable.RowSelected, "#routes")
    def _go_on(self, event: DataTable.RowSelected) -> None:
        self.wizard.choose(self.query_one(RouteTable).route_at(event.cursor_row))
        self.wizard.action_step("probe")

    @on(DataTable.RowSelected, "#policy")
    def _show_setting(self, event: DataTable.RowSelected) -> None:
        source = self._sources[event.cursor_row]
        if source is not None:
            self._open_source({source.file: [source.line]})

    @on(DataTable.RowSelected, "#problems")
    def _show_problem(self, event: DataTable.RowSelected) -> None:
        configuration = self.session.configuration
        if configuration is not None and event.cursor_row < len(configuration.problems):
            problem = configuration.problems[event.cursor_row]
            self._open_source({problem.file: [problem.line]})

    def _open_source(self, marks: Mapping[str, Sequence[int]]) -> None:
        self._show_source(marks)
        if not self.query_one("#beside").display:
            self.open_tab("tab-file")

    def action_search(self) -> None:
        """Go to the search field."""
        self.query_one(SearchField).focus()

    def action_open(self) -> None:
        """Ask for a configuration file or directory."""
        from screens.dialogues.open import OpenDialogue

        def opened(path: str | None) -> None:
            if path is not None:
                self.wizard.read_again(path=path)

        self.app.push_screen(
            OpenDialogue(
                "Configuration to open",
                self.session.load_error
                or "A main file, a virtual host's, or a directory; empty: the installed httpd's.",
                self.session.scope.path or "",
                directories=True,
            ),
            opened,
        )

    def readable(self) -> tuple[str, str]:
        """The policy in force, with its sources."""
        route = self.session.route
        return "policy.txt", present.policy_text(route) if route else self.session.load_error
