"""Planning the repair of the current route, and looking for CAs on this machine."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from screens.course.base import Course
from screens.decisions import COPIED, Decisions, digits, presented
from screens.session import Planned
from wizard.errors import WizardError
from wizard.model.plan import Authorities
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Configuration
    from wizard.model.diagnosis import Case
    from wizard.model.plan import FixChoice
    from wizard.model.scope import Scope


class Planning(Course):
    """Plans."""

    def was_copied(self, text: str) -> bool:
        """Whether a fingerprint was handed to the clipboard by this program."""
        raise NotImplementedError

    def decide(self, decisions: Decisions) -> None:
        """Plan with other decisions about the current route."""
        self.session.decide(decisions)
        if self.session.repair is None:
            self.begin_plan()
        self.refresh_step()

    def plan(self) -> None:
        """Plan with the decisions (again)."""
        session = self.session
        if session.route is not None and session.diagnosis is not None:
            session.forget_plan()
            self.begin_plan()
        self.refresh_step()

    def preview(self, file: str) -> None:
        """Plan as it would be with the CA of a file; empty: show no such plan."""
        session = self.session
        decisions = replace(session.decisions, trust="file", ca_file=file, fingerprint="")
        if session.preview is not None and session.preview.decisions == decisions:
            return
        session.stop("preview")
        session.preview = Planned(decisions) if file else None
        choice = decisions.choice(())
        if session.preview is not None and not isinstance(choice, str):
            scope = self.narrowed_scope()
            self._plan(session, "preview", session.begin("preview"), scope, choice)

    def begin_plan(self) -> None:
        """Plan with the decisions; the screen is told by who calls."""
        session = self.session
        decisions = session.decisions
        choice = decisions.choice(presented(session.diagnosis))
        if decisions.trust == "fingerprint" and self.was_copied(digits(decisions.fingerprint)):
            choice = COPIED
        if isinstance(choice, str):
            session.planned.error = choice
            return
        self._plan(session, "plan", session.begin("plan"), self.narrowed_scope(), choice)

    @work(thread=True, group="plan", description="plan", exit_on_error=False)
    def _plan(
        self, session: Session, name: str, stop: threading.Event, scope: Scope, choice: FixChoice
    ) -> None:
        made = Planned()
        try:
            engine = self.engine.about(scope, stop=stop)
            made.repair = engine.repair(choice)
            made.patch = engine.patch(made.repair)
        except (WizardError, OSError) as problem:
            made.error = describe(problem, wizard=True)
        if not stop.is_set():
            self.post(self._planned, session, name, stop, made)

    def _planned(self, session: Session, name: str, stop: threading.Event, made: Planned) -> None:
        if session.is_over(name, stop):
            return
        target = session.planned if name == "plan" else session.preview
        if target is not None:
            target.repair, target.patch, target.error = made.repair, made.patch, made.error
        self.refresh_step()

    def search(self) -> None:
        """Look for CAs on this machine, for the current route; the screen is told later."""
        session = self.session
        diagnosis, configuration = session.diagnosis, session.configuration
        if diagnosis is not None and configuration is not None:
            session.search_error = ""
            self._search(session, session.begin("search"), diagnosis.case, configuration)

    @work(thread=True, group="search", description="search", exit_on_error=False)
    def _search(
        self, session: Session, stop: threading.Event, case: Case, configuration: Configuration
    ) -> None:
        found: Authorities | None = None
        error = ""
        try:
            found = self.engine.authorities(case, configuration)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            self.post(self._searched, session, stop, found, error)

    def _searched(
        self, session: Session, stop: threading.Event, found: Authorities | None, error: str
    ) -> None:
        if not session.is_over("search", stop):
            session.authorities = found
            session.search_error = error
            self.refresh_step()
