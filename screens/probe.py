"""Step 2: what the backend is, stage by stage, as httpd would meet it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import ProgressBar, Static, TabbedContent, TabPane
from textual.worker import get_current_worker

from screens import probe_text, steps
from screens.step_screen import StepScreen
from screens.widgets.picture import Picture
from wizard.errors import WizardError, describe

if TYPE_CHECKING:
    from wizard.model.config import Route
    from wizard.model.diagnosis import Report


class ProbeScreen(StepScreen):
    """The picture, the stages with their times, the chain, and the command to repeat it by hand."""

    STEP = steps.PROBE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "probe", "Retry", id="probe.retry", tooltip="Connect to the backend again"),
        Binding("h", "host", "Host", id="probe.host",
                tooltip="Imagine a client that sends another Host header"),
        Binding("a", "all", "All routes", id="probe.all", tooltip="Probe every route"),
        Binding("escape", "cancel", "Cancel", id="probe.cancel", tooltip="Stop probing"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """Picture and stages on top, tabs below."""
        with Vertical(id="probe"):
            yield Picture(self.glyphs)
            yield ProgressBar(id="progress", show_eta=False)
            with TabbedContent():
                with (
                    TabPane("Chain", id="tab-chain"),
                    VerticalScroll(classes="sideways", can_focus=True),
                ):
                    yield Static("", id="chain", markup=False)
                with TabPane("With and without SNI", id="tab-sni"), VerticalScroll(can_focus=True):
                    yield Static("", id="sni", markup=False)
                with TabPane("By hand", id="tab-hand"), VerticalScroll(can_focus=True):
                    yield Static("", id="hand", markup=False)

    def on_mount(self) -> None:
        """Nothing is being counted yet."""
        self.query_one(ProgressBar).display = False
        self._asked: Route | None = None
        self._cancelled = False

    def action_probe(self) -> None:
        """Probe the current route (again)."""
        self._cancelled = False
        self.session.diagnoses.pop(self.session.current, None)
        self.session.forget_plan()
        self._asked = None
        self.show()

    def _begin(self) -> None:
        """Probe the current route unless that is under way."""
        route = self.session.route
        if route is not None and self._asked is not route:
            self._asked = route
            self.query_one(Picture).begin(route)
            self._probe([self.session.current])

    def action_all(self) -> None:
        """Probe every route of the configuration."""
        if self.session.routes:
            bar = self.query_one(ProgressBar)
            bar.update(total=len(self.session.routes), progress=0)
            bar.display = True
            self._probe(range(len(self.session.routes)))

    def action_cancel(self) -> None:
        """Forget what is under way; its answers are not waited for."""
        if self.workers.cancel_group(self, "probe"):
            self.query_one(ProgressBar).display = False
            self.query_one(Picture).stop()
            self._cancelled = True
            self.notify("Cancelled.")

    def action_host(self) -> None:
        """Ask for the Host header of the imagined client."""
        from screens.dialogues import TextDialogue

        def answered(host: str | None) -> None:
            if host is not None:
                self.wizard.read_again(host=host)

        current = self.session.route.client_host if self.session.route else ""
        self.app.push_screen(
            TextDialogue(
                "Host header of the client",
                "With ProxyPreserveHost On it decides which name httpd asks the backend for and "
                "checks. Empty: the virtual host's ServerName.",
                current,
            ),
            answered,
        )

    @work(thread=True, exclusive=True, group="probe", exit_on_error=False)
    def _probe(self, indexes: Sequence[int]) -> None:
        worker = get_current_worker()
        session = self.session
        configuration = session.configuration
        if configuration is None:
            return

        def progress(done: int, _: int) -> None:
            if len(indexes) > 1 and not worker.is_cancelled:
                self.app.call_from_thread(self._progress, done)

        routes = [session.routes[index] for index in indexes]
        report: Report | None = None
        error = ""
        try:
            report = self.wizard.engine.diagnose(configuration, session.scope, routes, progress)
        except (WizardError, OSError) as problem:
            error = describe(problem)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._done, indexes, report, error)

    def _progress(self, done: int) -> None:
        self.query_one(ProgressBar).update(progress=done)

    def _done(self, indexes: Sequence[int], report: Report | None, error: str) -> None:
        self.query_one(ProgressBar).display = False
        self._asked = None
        if report is None:
            self._cancelled = True
            self.notify(error, severity="error", markup=False)
            return
        self.session.diagnoses.update(zip(indexes, report.diagnoses, strict=True))
        self.wizard.refresh_step()

    def show(self) -> None:
        """What is known of the current route's backend."""
        route = self.session.route
        diagnosis = self.session.diagnosis
        picture = self.query_one(Picture)
        if route is None:
            picture.empty("Load a configuration with a proxied route first: press 1.")
        elif diagnosis is None and not self._cancelled:
            self._begin()
        elif diagnosis is not None:
            picture.finish(route, diagnosis)
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
