"""Step 4: the row of the best-practice table, the trust, and the resulting diff."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, RadioSet, Static, TabbedContent, TabPane

from screens.steps.base import StepScreen
from screens.texts import fix, steps
from screens.widgets.alternatives import AlternativeList
from screens.widgets.choice import Choice
from screens.widgets.diff import DiffView
from screens.widgets.path import PathField
from wizard.errors import WizardError
from wizard.masking import lines as masking
from wizard.model.plan import FixChoice
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.plan import FixPolicy, Repair
    from wizard.model.scope import Scope

_POLICIES: tuple[FixPolicy, ...] = ("production", "internal-ca", "temporary")
_DEFAULT_DAYS = 14
"""A temporary exception's length to begin with: long enough for a CA to answer."""


class FixScreen(StepScreen):
    """On the left the operator's decisions, on the right the resulting plan."""

    STEP = steps.FIX
    AUTO_FOCUS = "#policy-choice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "plan", "Plan again", id="fix.plan", tooltip="Check and plan once more"),
        Binding("c", "authorities", "Found CAs", id="fix.authorities",
                tooltip="The CAs on this machine, and which of them signed the backend's chain"),
        Binding("f", "file", "CA file", id="fix.file", tooltip="Choose a CA certificate file"),
        Binding("v", "view", "View", id="fix.view",
                tooltip="The diff, the steps, or other ways with their pros and cons"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """The choices and the plan."""
        with Horizontal(id="fix", classes="panes"):
            with VerticalScroll(id="fix-choices", classes="pane"):
                yield Label("What is this proxy for?", classes="title")
                with RadioSet(id="policy-choice", compact=True):
                    for policy in _POLICIES:
                        yield Choice(fix.POLICIES[policy][0], id=policy,
                                          value=policy == "production")  # fmt: skip
                yield Static("", id="consequence", markup=False)
                yield Input("", placeholder="last day, YYYY-MM-DD", id="until", compact=True)
                yield Label("Which CA may httpd trust for it?", classes="title")
                with RadioSet(id="trust-choice", compact=True):
                    yield Choice("one found on this machine (c lists them)", id="found", value=True)
                    yield Choice("one from a file that I name", id="from-file")
                    yield Choice("the one that the backend shows", id="presented")
                yield Static("", id="trust-state", markup=False)
                yield PathField("", "ca-file", "CA file (f opens a list)", compact=True)
                yield Input("", placeholder="SHA-256 fingerprint, as its owner told you",
                            id="fingerprint", compact=True)  # fmt: skip
            with TabbedContent(id="fix-plan", classes="pane"):
                with TabPane("Diff", id="tab-diff"):
                    yield DiffView()
                with TabPane("Steps", id="tab-words"), VerticalScroll(can_focus=True):
                    yield Static("", id="plan-words", markup=False)
                with TabPane("Other ways", id="tab-alternatives"):
                    yield AlternativeList()

    def on_mount(self) -> None:
        """Set a first date; show only the fields that count."""
        self.query_one("#fix-choices").border_title = "Decide"
        self.query_one("#fix-plan").border_title = "What follows"
        day = datetime.now(UTC).date() + timedelta(days=_DEFAULT_DAYS)
        self.query_one("#until", Input).value = day.isoformat()
        #: The row to go back to from a temporary exception.
        self._kept: FixPolicy = "production"
        self._show_fields()

    @property
    def _policy(self) -> FixPolicy:
        return _POLICIES[max(0, self.query_one("#policy-choice", RadioSet).pressed_index)]

    @property
    def _trust(self) -> str:
        pressed = self.query_one("#trust-choice", RadioSet).pressed_button
        return (pressed.id or "found") if pressed else "found"

    @on(RadioSet.Changed)
    def _changed(self) -> None:
        if self._policy != "temporary":
            self._kept = self._policy
        self._show_fields()
        self.action_plan()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_plan()

    @on(Input.Blurred)
    def _left(self) -> None:
        """What was typed counts without Enter, too."""
        if self._choice() not in (self.session.choice, self.session.plan_error):
            self.action_plan()

    def _show_fields(self) -> None:
        self.query_one("#until").display = self._policy == "temporary"
        self.query_one("#ca-file").display = self._trust == "from-file"
        self.query_one("#fingerprint").display = self._trust == "presented"
        self.query_one("#consequence", Static).update(fix.POLICIES[self._policy][1])

    def _choice(self) -> FixChoice | str:
        """The choice in the fields, or what is missing there."""
        choice = FixChoice(self._policy, leave=tuple(sorted(self.session.left)))
        if self._policy == "temporary":
            try:
                until = date.fromisoformat(self.query_one("#until", Input).value.strip())
            except ValueError:
                return "Enter the last day of the exception as YYYY-MM-DD."
            choice = replace(choice, until=until)
        if self._trust == "from-file":
            file = self.query_one("#ca-file", Input).value.strip()
            if not file:
                return "Enter the CA's certificate file, or press f."
            choice = replace(choice, ca_files=(file,))
        if self._trust == "presented":
            fingerprint = self.query_one("#fingerprint", Input).value.strip()
            if not fingerprint:
                return fix.ASK_OWNER
            if fix.digits(fingerprint) not in {c.sha256 for c in fix.presented(self.session)}:
                return fix.NO_SUCH
            choice = replace(choice, accept_fingerprint=fingerprint)
        return choice

    def action_plan(self) -> None:
        """Check and plan with what was chosen."""
        session = self.session
        if session.route is None or session.diagnosis is None:
            self.show()
            return
        session.forget_plan()
        choice = self._choice()
        if isinstance(choice, str):
            session.choice = None
            session.plan_error = choice
            self.show()
            return
        session.choice = choice
        self._plan(session, session.begin("plan"), self.wizard.narrowed_scope(), choice)
        self.show()

    @work(thread=True, group="plan", description="plan", exit_on_error=False)
    def _plan(
        self, session: Session, stop: threading.Event, scope: Scope, choice: FixChoice
    ) -> None:
        repair: Repair | None = None
        patch = b""
        error = ""
        try:
            engine = self.wizard.engine.about(scope, stop=stop)
            repair = engine.repair(choice)
            patch = engine.patch(repair)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            self.app.call_from_thread(
                self._planned, session, stop, repair, patch=patch, error=error
            )

    def _planned(
        self,
        session: Session,
        stop: threading.Event,
        repair: Repair | None,
        *,
        patch: bytes,
        error: str,
    ) -> None:
        if not session.is_over("plan", stop):
            session.repair = repair
            session.patch = patch
            session.plan_error = error
            self.wizard.refresh_step()

    def show(self) -> None:
        """The plan, or why there is none; it is made when this step is first shown."""
        session = self.session
        known = session.repair is not None or session.plan_error or "plan" in session.stops
        if session.diagnosis is not None and not known:
            self.action_plan()  # comes back here
            return
        view = self.query_one(DiffView)
        words = self.query_one("#plan-words", Static)
        asks = self._trust == "presented" and session.plan is None
        self.query_one("#trust-state", Static).update(
            fix.offered(session) if asks else fix.trust(session)
        )
        findings = session.diagnosis.findings if session.diagnosis else ()
        self.query_one(AlternativeList).show([f.slug for f in findings], session.left, self._policy)
        if session.repair is None:
            sentence = session.plan_error or "Checking and planning …"
            if session.diagnosis is None:
                sentence = session.unprobed
            view.say(sentence)
            words.update(sentence)
            return
        words.update(fix.words(session.repair))
        if session.repair.plan.is_empty:
            view.say(fix.empty(session.repair))
        else:
            view.show(session.patch, session.repair.sources, fix.above_diff(session.repair))

    @on(AlternativeList.Taken)
    def _taken(self, event: AlternativeList.Taken) -> None:
        if event.take != "temporary":
            self._take(event, self._kept)
            return

        def answered(day: str | None) -> None:
            if day is not None:
                self.query_one("#until", Input).value = day
                self._take(event, "temporary")

        self.ask(
            "Last day of the exception",
            "YYYY-MM-DD. Until then somebody has to repair it: after that day `check` counts the "
            "route as failing.",
            self.query_one("#until", Input).value,
            answered,
        )

    def _take(self, taken: AlternativeList.Taken, policy: FixPolicy) -> None:
        """Plan with an alternative."""
        self.session.left -= {taken.slug}
        if taken.take == "leave":
            self.session.left |= {taken.slug}
        if policy == self._policy:
            self.action_plan()
        else:
            self.query_one(f"#{policy}", Choice).value = True  # its message plans

    def action_file(self) -> None:
        """Choose the CA's certificate in a list."""
        from screens.dialogues.open import OpenDialogue

        self.app.push_screen(
            OpenDialogue(
                "CA certificate",
                "The root that signed the backend's chain: PEM, DER or PKCS#7.",
                self.query_one("#ca-file", Input).value or self._beside(),
            ),
            self._trust_file,
        )

    def action_authorities(self) -> None:
        """Choose among the CAs that lie on this machine."""
        from screens.dialogues.authorities import AuthoritiesDialogue

        diagnosis, configuration = self.session.diagnosis, self.session.configuration
        if diagnosis is None or configuration is None:
            self.notify(self.session.unprobed)
            return
        search = partial(self.wizard.engine.authorities, diagnosis.case, configuration)
        self.app.push_screen(AuthoritiesDialogue(search, self.glyphs), self._trust_file)

    def _trust_file(self, path: str | None) -> None:
        """Plan with the CA of a file; None: nothing was chosen."""
        if path is None:
            return
        self.query_one("#ca-file", Input).value = path
        button = self.query_one("#from-file", Choice)
        if button.value:
            self.action_plan()
        else:
            button.value = True  # its message plans

    def _beside(self) -> str:
        """The directory of the configuration: a CA often lies near it."""
        configuration = self.session.configuration
        return f"{Path(configuration.root).parent}/" if configuration else ""

    def readable(self) -> tuple[str, str]:
        """The patch as it is shown: what is saved has its secrets, to be applied."""
        name, data = self.saved()
        repair = self.session.repair
        shown, secrets = masking.for_showing(data, repair.sources if repair else {})
        return name, (shown if secrets else data).decode("utf-8", "backslashreplace")

    def is_private(self) -> bool:
        """As the files that the patch changes."""
        repair = self.session.repair
        return repair is not None and self.wizard.engine.is_private(repair)

    def saved(self) -> tuple[str, bytes]:
        """The patch, byte for byte."""
        repair = self.session.repair
        if repair is None or repair.plan.is_empty:
            return "proxy-wizard.patch", self.query_one(DiffView).sentence.encode() + b"\n"
        return "proxy-wizard.patch", self.session.patch
