"""Asking backends: one, or those of every route, while the screen goes on."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from textual import work

from screens import order
from screens.course.base import Course
from screens.session import Session
from wizard.engine.selection import select
from wizard.errors import UsageError, WizardError
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.timer import Timer

    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis, Report
    from wizard.model.probe import ProbeReport
    from wizard.model.route_id import RouteId

MOST_AT_ONCE: Final = 50
"""Routes of a configuration whose backends are asked without being told to."""
_FRAME = 0.05
"""Seconds between two updates of the progress: watching does not slow a probe down."""
_PATIENCE = 2.0
"""Seconds after which the worst route of those that answered is shown: the rest may hang."""


@dataclass
class Gathered:
    """What the probes of many routes have found, until the screen takes it.

    Args:
        session: whose routes they are.
        total: routes that are probed.
        began: when, by ``time.monotonic``.
        taken: routes of which the screen knows.
        fresh: what was found; the thread that probes appends.
    """

    session: Session
    total: int
    began: float
    taken: int = 0
    fresh: deque[Diagnosis] = field(default_factory=deque)

    def take(self) -> dict[RouteId, Diagnosis]:
        """What was found since the last call."""
        found = [self.fresh.popleft() for _ in range(len(self.fresh))]
        self.taken += len(found)
        return {diagnosis.case.route.id: diagnosis for diagnosis in found}


class Probing(Course):
    """Asks backends."""

    _gathered: Gathered | None = None
    _watching: Timer | None = None

    def probe(self) -> None:
        """Ask the backend of the current route (again), although none was to be asked."""
        session = self.session
        if session.route is None:
            return
        session.scope = replace(session.scope, probe=True)
        session.forget()
        self._begin_probe([session.route])
        self.refresh_step()

    def probe_all(self) -> None:
        """Ask the backend of every route."""
        self.session.scope = replace(self.session.scope, probe=True)
        self._probe_every(self.session.routes)
        self.refresh_step()

    def first_probe(self) -> None:
        """Ask what is asked without being told to: every backend of a small configuration."""
        session = self.session
        try:
            meant = self._meant(session)
        except UsageError as problem:  # there is no such route: nothing is asked by itself
            session.probe_error = describe(problem, wizard=True)
            return
        if not session.is_chosen and meant and session.current not in {r.id for r in meant}:
            session.choose(meant[0].id)
        if not session.diagnoses and 1 < len(meant) <= MOST_AT_ONCE:
            self._probe_every(meant)
        elif session.route is not None:
            self._begin_probe([session.route])

    def _meant(self, session: Session) -> Sequence[Route]:
        """The routes that the operator named, else all; nobody else's backend is asked."""
        scope, configuration = session.scope, session.configuration
        if configuration is None or (scope.vhost is None and scope.route is None):
            return session.routes
        return select(configuration, scope)

    def _probe_every(self, routes: Sequence[Route]) -> None:
        session = self.session
        if routes:
            many = Gathered(session, len(routes), time.monotonic())
            session.asked = 0, many.total
            self._begin_probe(routes, many)

    def cancel_probe(self) -> bool:
        """End the probe under way; its results so far stay.

        Returns:
            Whether one was.
        """
        many = self._end_gathering()
        if not self.session.stop("probe"):
            return False
        if many is not None:
            probed = f"{many.taken} of {many.total} backends were asked"
            self.notify(f"Cancelled: {probed}. A asks all of them again.")
        self.session.probe_error = "Cancelled. r asks the backend again."
        self.refresh_step()
        return True

    def _begin_probe(self, routes: Sequence[Route], many: Gathered | None = None) -> None:
        self._end_gathering()
        session = self.session
        session.probing = None
        session.probe_error = ""
        stop = session.begin("probe")
        self._gathered = many
        if many is not None:
            session.asked = 0, many.total
            if self._watching is None:
                self._watching = self.set_interval(_FRAME, self._take, pause=True)
            self._watching.resume()
        self._probe(session, stop, routes, many)

    def _end_gathering(self) -> Gathered | None:
        """Stop following the probe of all routes, after taking its last results."""
        self._take()
        many, self._gathered = self._gathered, None
        if self._watching is not None:
            self._watching.pause()
        self.session.asked = None
        return many

    def _take(self) -> None:
        """Take the new results; they stay if the rest is cancelled."""
        many = self._gathered
        fresh = many.take() if many else {}
        if many is None or many.session is not self.session:
            return
        session = many.session
        session.diagnoses.update(fresh)
        session.asked = many.taken, many.total
        if fresh or time.monotonic() - many.began > _PATIENCE:
            if time.monotonic() - many.began > _PATIENCE:
                self._go_to_worst()
            if fresh:
                self.refresh_step()

    def _go_to_worst(self) -> None:
        worst = order.worst(self.session)
        if worst is not None:
            self.session.choose(worst)

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
            self.post(self._observed, session, stop, probe)

        report: Report | None = None
        error = ""
        try:
            engine = self.engine.about(session.scope, observe=observe, stop=stop)
            report = engine.diagnose(configuration, routes, found=None if many is None else found)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            self.post(self._probed, session, stop, report, error)

    def _observed(self, session: Session, stop: threading.Event, probe: ProbeReport) -> None:
        """A stage of a backend's probe ended: the screen follows that of the current route."""
        route = session.route
        if stop.is_set() or session is not self.session or route is None:
            return
        backend = route.backend
        if (probe.request.host, probe.request.port) == (backend.host, backend.port):
            session.probing = probe
            self.show_step()

    def _probed(
        self, session: Session, stop: threading.Event, report: Report | None, error: str
    ) -> None:
        if session.is_over("probe", stop):
            return
        if session is not self.session:
            return
        many = self._end_gathering()
        session.probe_error = error
        if report is not None:
            session.diagnoses.update(report.by_route)
            if many is not None:
                self._go_to_worst()
        elif many is not None:
            self.notify(error, severity="error", markup=False)
        self.refresh_step()

    def show_step(self) -> None:
        """Redraw the screen in view."""
        raise NotImplementedError
