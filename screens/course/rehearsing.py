"""Rehearsing the plan in a throw-away httpd."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from screens.course.base import Course
from wizard.errors import WizardError
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.plan import Repair
    from wizard.model.progress import Progress
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope


class Rehearsing(Course):
    """Rehearses."""

    clock: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds, for how long a rehearsal takes."""

    def rehearse(self) -> None:
        """Rehearse the plan (again)."""
        self.begin_rehearsal()
        self.refresh_step()

    def begin_rehearsal(self) -> None:
        """Rehearse the plan; the screen is told by who calls."""
        session = self.session
        if session.repair is None or session.route is None:
            return
        session.planned.rehearsals = ()
        session.planned.rehearsal_error = ""
        session.rehearsing = None
        stop = session.begin("rehearsal")
        self._rehearse(session, stop, self.narrowed_scope(), session.route, session.repair)

    def cancel_rehearsal(self) -> bool:
        """End the rehearsal under way.

        Returns:
            Whether one was.
        """
        if not self.session.stop("rehearsal"):
            return False
        self.session.planned.rehearsal_error = "Cancelled. r rehearses the plan."
        self.session.rehearsing = None
        self.refresh_step()
        return True

    @work(thread=True, group="rehearse", description="rehearse", exit_on_error=False)
    def _rehearse(
        self, session: Session, stop: threading.Event, scope: Scope, route: Route, repair: Repair
    ) -> None:
        found: tuple[Rehearsal, ...] = ()
        error = ""
        began = self.clock()

        def progress(at: Progress) -> None:
            if at.done < at.total:
                self.post(self._rehearsing, session, stop, at.done, at.total)

        try:
            engine = self.engine.about(scope, progress=progress, stop=stop)
            found = engine.rehearse(repair, route)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            took = self.clock() - began
            self.post(self._rehearsed, session, stop, found, error, took)

    def _rehearsing(self, session: Session, stop: threading.Event, done: int, total: int) -> None:
        if not stop.is_set():
            session.rehearsing = done, total
            self.refresh_step()

    def _rehearsed(
        self,
        session: Session,
        stop: threading.Event,
        found: tuple[Rehearsal, ...],
        error: str,
        took: float,
    ) -> None:
        if not session.is_over("rehearsal", stop):
            session.rehearsing = None
            session.planned.rehearsals = found
            session.planned.rehearsal_error = error
            session.planned.seconds = took
            self.refresh_step()
