"""Step 2: what the backend is, stage by stage, as httpd would meet it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, ProgressBar, Static, TabbedContent, TabPane

from screens import probe_text, steps
from screens.session import Session
from screens.step_screen import StepScreen
from screens.widgets.picture import Picture
from screens.widgets.routes import RouteTable
from wizard.errors import WizardError, describe

if TYPE_CHECKING:
    from wizard.model.diagnosis import Diagnosis, Report
    from wizard.model.probe import ProbeReport

_FRAME = 0.05
"""Seconds between two looks at the progress: a probe is not slowed down by being watched."""


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
        Binding("a", "all", "All", id="probe.all", tooltip="Probe every route"),
        Binding("slash", "search", "Search", show=False, id="probe.search",
                tooltip="Search the results of all routes"),
        Binding("escape", "cancel", "Cancel", id="probe.cancel", tooltip="Stop probing"),
        # a key of this class hides the one that it inherits
        Binding("escape", "leave_field", "Leave field", show=False, id="probe.leave",
                tooltip="Leave a field, so that keys are commands again"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """Picture and stages on top, tabs below."""
        with Vertical(id="probe"):
            yield Picture(self.glyphs)
            yield ProgressBar(id="progress", show_eta=False)
            with TabbedContent(id="probe-tabs"):
                with (
                    TabPane("Chain", id="tab-chain"),
                    VerticalScroll(id="chain-pane", classes="sideways", can_focus=True),
                ):
                    yield Static("", id="chain", markup=False)
                with TabPane("SNI", id="tab-sni"), VerticalScroll(can_focus=True):
                    yield Static("", id="sni", markup=False)
                with TabPane("By hand", id="tab-hand"), VerticalScroll(can_focus=True):
                    yield Static("", id="hand", markup=False)
                with TabPane("All routes", id="tab-all"):
                    yield Input(placeholder="search: name, path, backend, cause",
                                id="results-search", compact=True)  # fmt: skip
                    yield RouteTable(self.glyphs, results=True)

    def on_mount(self) -> None:
        """Nothing is being counted yet."""
        self.query_one(ProgressBar).display = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to cancel only while it is under way."""
        if action == "cancel":
            return "probe" in self.session.stops
        return super().check_action(action, parameters)

    def action_probe(self) -> None:
        """Probe the current route (again)."""
        self.session.forget()
        self._begin([self.session.current])
        self.show()

    def action_all(self) -> None:
        """Probe every route of the configuration."""
        total = len(self.session.routes)
        if total:
            bar = self.query_one(ProgressBar)
            bar.update(total=total, progress=0)
            bar.display = True
            self._begin(range(total))
            self.query_one(RouteTable).fill(self.session)
            self.open_tab("tab-all", "#results")
            self.query_one(Picture).say(f"Probing {total} routes … (Escape cancels)")

    def action_cancel(self) -> None:
        """End what is under way."""
        self.session.stop("probe")
        self.session.probe_error = "Cancelled. Press r to probe again."
        self.query_one(ProgressBar).display = False
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

    def action_path(self) -> None:
        """Ask for the path of the imagined client's request."""
        route = self.session.route
        if route is None:
            return

        def answered(path: str | None) -> None:
            if path is None or route is not self.session.route:
                return
            found = self.wizard.engine.at(route, path)
            if found is None:
                self.notify(
                    "The path must begin as the route's own; where a pattern decides, it cannot "
                    "be changed here.",
                    severity="warning",
                )
                return
            self.session.put(found)
            self.show()

        self.ask(
            "Path of the client's request",
            f"It begins with {route.path}; what follows is handed to the backend.",
            route.request_path,
            answered,
        )

    def _begin(self, indexes: Sequence[int]) -> None:
        session = self.session
        stop = session.begin("probe")
        self._probe(session, stop, indexes)
        self.refresh_bindings()

    @work(thread=True, group="probe", exit_on_error=False)
    def _probe(self, session: Session, stop: threading.Event, indexes: Sequence[int]) -> None:
        configuration = session.configuration
        if configuration is None:
            return
        last = 0.0
        fresh: dict[int, Diagnosis] = {}

        def progress(done: int, _: int) -> None:
            nonlocal last, fresh
            now = time.monotonic()
            if len(indexes) > 1 and now - last > _FRAME:
                last = now
                self.app.call_from_thread(self._progress, session, stop, done, fresh)
                fresh = {}

        def found(place: int, diagnosis: Diagnosis) -> None:
            fresh[indexes[place]] = diagnosis

        def observe(probe: ProbeReport) -> None:
            if len(indexes) == 1:
                self.app.call_from_thread(self._observed, session, stop, indexes[0], probe)

        routes = [configuration.routes[index] for index in indexes]
        report: Report | None = None
        error = ""
        try:
            report = self.wizard.engine.diagnose(
                configuration,
                session.scope,
                routes,
                progress,
                observe,
                stop,
                found if len(indexes) > 1 else None,
            )
        except (WizardError, OSError) as problem:
            error = describe(problem)
        if not stop.is_set():
            self.app.call_from_thread(self._done, session, stop, indexes, report, error)

    def _progress(
        self, session: Session, stop: threading.Event, done: int, fresh: dict[int, Diagnosis]
    ) -> None:
        """Show what is known by now; it stays if the rest is cancelled."""
        if not stop.is_set():
            session.diagnoses.update(fresh)
            self.query_one(ProgressBar).update(progress=done)
            self.query_one(RouteTable).refresh_states(session)

    def _observed(
        self, session: Session, stop: threading.Event, index: int, probe: ProbeReport
    ) -> None:
        if not stop.is_set() and index == session.current and session.route is not None:
            self.query_one(Picture).watch_probe(session.route, probe)

    def _done(
        self,
        session: Session,
        stop: threading.Event,
        indexes: Sequence[int],
        report: Report | None,
        error: str,
    ) -> None:
        if session.is_over("probe", stop):
            return
        self.query_one(ProgressBar).display = False
        self.refresh_bindings()
        session.probe_error = error
        if report is not None:
            session.diagnoses.update(zip(indexes, report.diagnoses, strict=True))
            if len(indexes) > 1:
                self.query_one(RouteTable).fill(session)
                self.open_tab("tab-all", "#results")
        self.wizard.refresh_step()

    def action_search(self) -> None:
        """Go to the search field of the results."""
        self.open_tab("tab-all", "#results-search")

    @on(Input.Changed, "#results-search")
    def _search(self, event: Input.Changed) -> None:
        self.query_one(RouteTable).narrow(self.session, event.value)

    @on(Input.Submitted, "#results-search")
    def _search_done(self) -> None:
        self.query_one(RouteTable).focus()

    @on(RouteTable.RowSelected, "#results")
    def _chosen(self, event: RouteTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self.session.choose(int(event.row_key.value))
            self.open_tab("tab-chain")
            self.show()

    def show(self) -> None:
        """What is known of the current route's backend."""
        session = self.session
        route, diagnosis = session.route, session.diagnosis
        picture = self.query_one(Picture)
        if route is None:
            picture.say("Load a configuration with a proxied route first: press 1.")
        elif diagnosis is not None:
            picture.finish(route, diagnosis)
        elif session.probe_error:
            picture.say(session.probe_error)
        else:
            picture.watch_probe(route, None)
            if "probe" not in session.stops:
                self._begin([session.current])
        probe = diagnosis.case.probe if diagnosis else None
        self.query_one("#chain", Static).update(probe_text.chain(diagnosis, self.glyphs))
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
