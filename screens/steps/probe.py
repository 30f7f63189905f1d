"""Step 2: how the backend answers httpd, stage by stage."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import ProgressBar, Static, TabbedContent, TabPane

from screens.session import Session
from screens.steps.base import StepScreen
from screens.texts import probe as probe_text
from screens.texts import steps
from screens.widgets.picture import Picture
from screens.widgets.routes import RouteTable
from screens.widgets.search import SearchField
from screens.widgets.sideways import Sideways
from wizard.errors import WizardError
from wizard.model.scope import Assumed, Scope
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis, Report
    from wizard.model.probe import ProbeReport
    from wizard.model.route_id import RouteId

_FRAME = 0.05
"""Seconds between two updates of the progress: watching does not slow a probe down."""


@dataclass
class Gathered:
    """What the probes of many routes have found, until the screen takes it.

    Args:
        session: whose routes they are.
        total: routes that are probed.
        taken: routes of which the screen knows.
        fresh: what was found; the thread that probes appends.
    """

    session: Session
    total: int
    taken: int = 0
    fresh: deque[Diagnosis] = field(default_factory=deque)

    def take(self) -> dict[RouteId, Diagnosis]:
        """What was found since the last call."""
        found = [self.fresh.popleft() for _ in range(len(self.fresh))]
        self.taken += len(found)
        return {diagnosis.case.route.id: diagnosis for diagnosis in found}


class ProbeScreen(StepScreen):
    """The picture, the stages with their times, the chain, and the command to repeat it by hand."""

    STEP = steps.PROBE
    AUTO_FOCUS = "#chain-pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "probe", "Retry", id="probe.retry", tooltip="Connect to the backend again"),
        Binding("h", "host", "Host", id="probe.host",
                tooltip="Imagine a client that sends another Host header"),
        Binding("p", "path", "Path", id="probe.path",
                tooltip="Imagine a client that asks for another path"),
        Binding("i", "name", "Name", id="probe.name",
                tooltip="Look a name up as if it led to an address"),
        Binding("a", "all", "All", id="probe.all", tooltip="Probe every route"),
        Binding("v", "view", "View", id="probe.view",
                tooltip="The chain, SNI, commands to repeat it by hand, or all routes"),
        Binding("slash", "search", "Search", show=False, id="probe.search",
                tooltip="Search the results of all routes"),
        Binding("escape", "cancel", "Cancel", id="probe.cancel", tooltip="Stop probing"),
        # a key of this class hides the one that it inherits
        Binding("escape", "leave_field", "Leave field", id="probe.leave",
                tooltip="Leave a field, so that keys are commands again"),
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
        self._gathered: Gathered | None = None
        self._watching = self.set_interval(_FRAME, self._take, pause=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a probe under way can be cancelled, a field is left first; and a name is asked for
        where one may be missing."""
        if action == "cancel":
            return "probe" in self.session.stops and not self.in_field
        if action == "name" and self._assumable is None:
            return False
        return super().check_action(action, parameters)

    def action_probe(self) -> None:
        """Probe the current route (again)."""
        route = self.session.route
        if route is not None:
            self.session.forget()
            self._begin([route])
        self.show()

    def action_all(self) -> None:
        """Probe every route of the configuration."""
        routes = self.session.routes
        total = len(routes)
        if total:
            self._begin(routes, Gathered(self.session, total))
            bar = self.query_one(ProgressBar)
            bar.update(total=total, progress=0)
            bar.display = True
            self.query_one(RouteTable).fill(self.session)
            self.open_tab("tab-all", "#results")
            self.query_one(Picture).say(f"Probing {total} routes … (Escape cancels)")

    def action_cancel(self) -> None:
        """End the probe under way; its results so far stay."""
        many = self._end()
        self.session.stop("probe")
        if many is not None:
            probed = f"{many.taken} of {many.total} routes were probed"
            self.notify(f"Cancelled: {probed}. Press a to begin again.")
        self.session.probe_error = "Cancelled. Press r to probe again."
        self.refresh_bindings()
        self.show()

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
            self.show()

        self.ask(
            "Path of the client's request",
            f"It begins with {route.path}; httpd passes on the rest.",
            route.request_path,
            answered,
        )

    def _begin(self, routes: Sequence[Route], many: Gathered | None = None) -> None:
        self._end()
        session = self.session
        stop = session.begin("probe")
        self._gathered = many
        if many is not None:
            self._watching.resume()
        self._probe(session, stop, routes, many)
        self.refresh_bindings()

    def _end(self) -> Gathered | None:
        """Stop following the probe of all routes, after showing its last results."""
        self._take()
        many, self._gathered = self._gathered, None
        self._watching.pause()
        self.query_one(ProgressBar).display = False
        return many

    def _take(self) -> None:
        """Show the new results; they stay if the rest is cancelled."""
        many = self._gathered
        fresh = many.take() if many else {}
        if many is None or not fresh:
            return
        session = many.session
        session.diagnoses.update(fresh)
        self.query_one(ProgressBar).update(progress=many.taken)
        self.query_one(RouteTable).refresh_states(session)
        if session is self.session and session.current in fresh:
            self.wizard.refresh_step()

    @work(thread=True, group="probe", description="probe", exit_on_error=False)
    def _probe(
        self,
        session: Session,
        stop: threading.Event,
        routes: Sequence[Route],
        many: Gathered | None,
    ) -> None:
        configuration = session.configuration
        if configuration is None:
            return

        def found(_: int, diagnosis: Diagnosis) -> None:
            if many is not None:
                many.fresh.append(diagnosis)

        def observe(probe: ProbeReport) -> None:
            if many is None:
                self.app.call_from_thread(self._observed, session, stop, routes[0], probe)

        report: Report | None = None
        error = ""
        try:
            engine = self.wizard.engine.about(session.scope, observe=observe, stop=stop)
            report = engine.diagnose(configuration, routes, found=None if many is None else found)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            self.app.call_from_thread(self._done, session, stop, report, error)

    def _observed(
        self, session: Session, stop: threading.Event, route: Route, probe: ProbeReport
    ) -> None:
        if not stop.is_set() and route.id == session.current:
            self.query_one(Picture).watch_probe(route, probe)

    def _done(
        self, session: Session, stop: threading.Event, report: Report | None, error: str
    ) -> None:
        if session.is_over("probe", stop):
            return
        many = self._end()
        self.refresh_bindings()
        session.probe_error = error
        if report is not None:
            session.diagnoses.update(report.by_route)
            if many is not None:
                self.query_one(RouteTable).fill(session)
        elif many is not None:
            self.notify(error, severity="error", markup=False)
        self.wizard.refresh_step()

    def action_search(self) -> None:
        """Go to the search field of the results."""
        self.open_tab("tab-all", "#results-search")

    @on(RouteTable.RowSelected, "#results")
    def _chosen(self, event: RouteTable.RowSelected) -> None:
        self.session.choose(self.query_one(RouteTable).route_at(event.cursor_row))
        self.open_tab("tab-chain")
        self.show()

    def show(self) -> None:
        """What is known of the current route's backend."""
        session = self.session
        route, diagnosis = session.route, session.diagnosis
        picture = self.query_one(Picture)
        table = self.query_one(RouteTable)
        if table.is_about(session):
            table.refresh_states(session)
        else:
            self._end()
            table.fill(session)
        if route is None:
            picture.say(session.unprobed)
        elif diagnosis is not None:
            picture.finish(route, diagnosis)
        elif session.probe_error:
            picture.say(session.probe_error)
        else:
            picture.watch_probe(route, None)
            if "probe" not in session.stops:
                self._begin([route])
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
