"""Step 2: how the backend answers httpd, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import ProgressBar, Static, TabbedContent, TabPane

from screens.steps.base import StepScreen
from screens.texts import probe as probe_text
from screens.texts import steps
from screens.widgets.picture import Picture
from screens.widgets.routes import RouteTable
from screens.widgets.search import SearchField
from screens.widgets.sideways import Sideways
from wizard.model.scope import Assumed, Scope


class ProbeScreen(StepScreen):
    """The picture, the stages with their times, the chain, and the command to repeat it by hand."""

    STEP = steps.PROBE
    AUTO_FOCUS = "#chain-pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "probe", "Again", id="probe.retry", tooltip="Connect to the backend again"),
        Binding("h", "host", "Host", id="probe.host",
                tooltip="Imagine a client that sends another Host header"),
        Binding("p", "path", "Path", id="probe.path",
                tooltip="Imagine a client that asks for another path"),
        Binding("i", "name", "Name", id="probe.name",
                tooltip="Look a name up as if it led to an address"),
        Binding("A", "all", "All routes", id="probe.all", tooltip="Ask the backend of every route"),
        Binding("v", "view", "View", id="probe.view",
                tooltip="The chain, SNI, commands to repeat it by hand, or all routes"),
        Binding("slash", "search", "Search", show=False, id="probe.search",
                tooltip="Search the results of all routes"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """Picture and stages on top, tabs below."""
        results = RouteTable(self.glyphs, results=True)
        with Vertical(id="probe"):
            yield Picture(self.glyphs)
            yield ProgressBar(id="progress", show_eta=False)
            with TabbedContent(id="probe-tabs"):
                with (
                    TabPane("Chain", id="tab-chain"),
                    Sideways(id="chain-pane", classes="sideways", can_focus=True),
                ):
                    yield Static("", id="chain", markup=False)
                with TabPane("SNI", id="tab-sni"), VerticalScroll(can_focus=True):
                    yield Static("", id="sni", markup=False)
                with TabPane("By hand", id="tab-hand"), VerticalScroll(can_focus=True):
                    yield Static("", id="hand", markup=False)
                with TabPane("All routes", id="tab-all"):
                    yield SearchField(results, "results-search", "name, path, backend, cause")
                    yield results

    def on_mount(self) -> None:
        """Nothing is being counted yet."""
        self.query_one(ProgressBar).display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A name is asked for where one may be missing."""
        if action == "name" and self._assumable is None:
            return False
        return super().check_action(action, parameters)

    def action_probe(self) -> None:
        """Ask the current route's backend (again)."""
        self.wizard.probe()

    def action_all(self) -> None:
        """Ask every route's backend."""
        self.wizard.probe_all()
        self.open_tab("tab-all", "#results")

    def action_host(self) -> None:
        """Ask for the Host header of the imagined client."""

        def answered(host: str | None) -> None:
            if host is not None:
                self.wizard.read_again(host=host)

        self.ask(
            "Host header of the client",
            "With ProxyPreserveHost On it decides which name httpd asks the backend for and "
            "checks. Empty: the virtual host's ServerName.",
            self.session.route.client_host if self.session.route else "",
            answered,
        )

    @property
    def _assumable(self) -> str | None:
        return probe_text.assumable(self.session.diagnosis, self.session.scope.resolve)

    def action_name(self) -> None:
        """Ask where names are to lead, for this walk through the steps."""

        def answered(text: str | None) -> None:
            if text is None:
                return
            try:
                found = tuple(map(Assumed.parsed, text.split()))
            except ValueError as error:
                self.notify(f"{error}.", severity="warning", markup=False)
                return
            self.wizard.read_again(resolve=Scope().assuming(found).resolve)

        self.ask(
            "NAME:ADDRESS to assume",
            "As if this name led to this IP address, whatever DNS and /etc/hosts say; to apply a "
            "change, it has to lead there. Several with blanks between. Empty: none.",
            self._assumable or "",
            answered,
        )

    def action_path(self) -> None:
        """Ask for the path of the imagined client's request."""
        route = self.session.route
        if route is None:
            return
        if reason := probe_text.only_path(route):
            self.notify(reason, severity="warning", markup=False)
            return

        def answered(path: str | None) -> None:
            if path is None or route is not self.session.route:
                return
            found = self.wizard.engine.at(route, path)
            if found is None:
                self.notify(probe_text.outside(route, path), severity="warning", markup=False)
                return
            self.session.put(found)
            self.wizard.probe()

        self.ask(
            "Path of the client's request",
            f"It begins with {route.path}; httpd passes on the rest.",
            route.request_path,
            answered,
        )

    def action_search(self) -> None:
        """Go to the search field of the results."""
        self.open_tab("tab-all", "#results-search")

    @on(RouteTable.RowSelected, "#results")
    def _chosen(self, event: RouteTable.RowSelected) -> None:
        self.open_tab("tab-chain")
        self.wizard.choose(self.query_one(RouteTable).route_at(event.cursor_row))

    def show(self) -> None:
        """What is known of the current route's backend."""
        session = self.session
        route, diagnosis = session.route, session.diagnosis
        picture = self.query_one(Picture)
        table = self.query_one(RouteTable)
        bar = self.query_one(ProgressBar)
        bar.display = session.asked is not None
        if session.asked is not None:
            bar.update(total=session.asked[1], progress=session.asked[0])
        if table.is_about(session):
            table.refresh_states(session)
        else:
            table.fill(session)
        if route is None:
            picture.say(session.unprobed)
        elif diagnosis is not None:
            picture.finish(route, diagnosis)
        elif session.probe_error:
            picture.say(session.probe_error)
        else:
            picture.watch_probe(route, session.probing)
        self.refresh_bindings()
        probe = diagnosis.case.probe if diagnosis else None
        chain = self.query_one("#chain", Static)
        chain.update(probe_text.chain(diagnosis, self.glyphs))
        chain.set_class(not (probe and probe.tls and probe.tls.chain), "prose")
        self.query_one("#sni", Static).update(probe_text.sni(probe))
        self.query_one("#hand", Static).update(probe_text.by_hand(route, probe))

    def readable(self) -> tuple[str, str]:
        """The stages, the chain and the commands."""
        route, diagnosis = self.session.route, self.session.diagnosis
        probe = diagnosis.case.probe if diagnosis else None
        parts = [
            self.query_one(Picture).text.plain,
            probe_text.chain(diagnosis, self.glyphs).plain,
            probe_text.by_hand(route, probe),
        ]
        return "probe.txt", "\n\n".join(part.rstrip() for part in parts) + "\n"
