"""Step 4: the row of the best-practice table, the trust, and the diff that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, RadioSet, Static, TabbedContent, TabPane
from textual.worker import get_current_worker

from screens import fix_text, steps
from screens.step_screen import StepScreen
from screens.widgets.choice import Choice
from screens.widgets.diff import DiffView
from wizard.errors import WizardError, describe
from wizard.model.plan import FixChoice

if TYPE_CHECKING:
    from wizard.model.plan import FixPolicy, Repair
    from wizard.model.scope import Scope

_POLICIES: tuple[FixPolicy, ...] = ("production", "internal-ca", "temporary")
_DEFAULT_DAYS = 14
"""A temporary exception's length to begin with: long enough for a CA to answer."""


class FixScreen(StepScreen):
    """On the left what the operator decides, on the right what follows from it."""

    STEP = steps.FIX
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "plan", "Plan again", id="fix.plan", tooltip="Check and plan once more"),
        Binding("f", "file", "CA file", id="fix.file", tooltip="Choose a CA certificate file"),
    ]

    def compose_body(self) -> Iterable[Widget]:
        """The choices and the plan."""
        with Horizontal(id="fix", classes="panes"):
            with VerticalScroll(id="fix-choices", classes="pane"):
                yield Label("What is this proxy for?", classes="title")
                with RadioSet(id="policy-choice", compact=True):
                    for policy in _POLICIES:
                        yield Choice(fix_text.POLICIES[policy][0], id=policy,
                                          value=policy == "production")  # fmt: skip
                yield Static("", id="consequence", markup=False)
                yield Input("", placeholder="last day, YYYY-MM-DD", id="until", compact=True)
                yield Label("Which CA may httpd trust for it?", classes="title")
                with RadioSet(id="trust-choice", compact=True):
                    yield Choice("one found on this machine", id="found", value=True)
                    yield Choice("one from a file that I name", id="from-file")
                    yield Choice("the one that the backend shows", id="presented")
                yield Static("", id="trust-state", markup=False)
                yield Input("", placeholder="CA file (f opens a list)", id="ca-file", compact=True)
                yield Input("", placeholder="SHA-256 fingerprint, as its owner told you",
                            id="fingerprint", compact=True)  # fmt: skip
            with TabbedContent(id="fix-plan", classes="pane"):
                with TabPane("Diff", id="tab-diff"):
                    yield DiffView()
                with TabPane("In words", id="tab-words"), VerticalScroll(can_focus=True):
                    yield Static("", id="plan-words", markup=False)

    def on_mount(self) -> None:
        """A date to begin with; only the fields that count are shown."""
        day = datetime.now(UTC).date() + timedelta(days=_DEFAULT_DAYS)
        self.query_one("#until", Input).value = day.isoformat()
        self._show_fields()

    def on_screen_resume(self) -> None:
        """Plan when the step is first looked at."""
        super().on_screen_resume()
        session = self.session
        if session.diagnosis is not None and session.repair is None and not session.plan_error:
            self.action_plan()

    @property
    def _policy(self) -> FixPolicy:
        return _POLICIES[max(0, self.query_one("#policy-choice", RadioSet).pressed_index)]

    @property
    def _trust(self) -> str:
        pressed = self.query_one("#trust-choice", RadioSet).pressed_button
        return (pressed.id or "found") if pressed else "found"

    @on(RadioSet.Changed)
    def _changed(self) -> None:
        self._show_fields()
        self.action_plan()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_plan()

    def _show_fields(self) -> None:
        self.query_one("#until").display = self._policy == "temporary"
        self.query_one("#ca-file").display = self._trust == "from-file"
        self.query_one("#fingerprint").display = self._trust == "presented"
        self.query_one("#consequence", Static).update(fix_text.POLICIES[self._policy][1])

    def _choice(self) -> FixChoice | str:
        """What the fields say, or what is missing in them."""
        choice = FixChoice(self._policy)
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
            choice = replace(choice, ca_file=file)
        if self._trust == "presented":
            fingerprint = self.query_one("#fingerprint", Input).value.strip()
            if not fingerprint:
                return (
                    "Ask the owner of the CA for the SHA-256 fingerprint of its certificate, by "
                    "telephone or on paper, and enter it. Do not copy it from this screen: what "
                    "the backend shows may be an attacker's."
                )
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
            session.plan_error = choice
            self.show()
            return
        session.choice = choice
        self.query_one(DiffView).say("checking and planning …")
        self._plan(self.wizard.narrowed_scope(), choice)

    @work(thread=True, exclusive=True, group="plan", exit_on_error=False)
    def _plan(self, scope: Scope, choice: FixChoice) -> None:
        worker = get_current_worker()
        repair: Repair | None = None
        error = ""
        try:
            repair = self.wizard.engine.repair(scope, choice)
        except (WizardError, OSError) as problem:
            error = describe(problem)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._planned, repair, error)

    def _planned(self, repair: Repair | None, error: str) -> None:
        self.session.repair = repair
        self.session.plan_error = error
        self.wizard.refresh_step()

    def show(self) -> None:
        """The plan, or why there is none."""
        session = self.session
        view = self.query_one(DiffView)
        words = self.query_one("#plan-words", Static)
        self.query_one("#trust-state", Static).update(fix_text.trust(session))
        if session.diagnosis is None:
            view.say("Probe the route first: press 2.")
            words.update("")
        elif session.plan_error:
            view.say(session.plan_error)
            words.update(session.plan_error)
        elif session.repair is not None:
            words.update(fix_text.words(session.repair))
            if session.repair.plan.is_empty:
                view.say(fix_text.empty(session.repair))
            else:
                view.show(self.wizard.engine.patch(session.repair))

    def action_file(self) -> None:
        """Choose the CA's certificate in a list."""
        from screens.dialogues import OpenDialogue

        def chosen(path: str | None) -> None:
            if path is not None:
                self.query_one("#ca-file", Input).value = path
                button = self.query_one("#from-file", Choice)
                if button.value:
                    self.action_plan()
                else:
                    button.value = True  # its message plans

        self.app.push_screen(
            OpenDialogue("CA certificate", "The root that signed the backend's chain: PEM, DER or "
                         "PKCS#7.", self.query_one("#ca-file", Input).value),
            chosen,
        )  # fmt: skip

    def readable(self) -> tuple[str, str]:
        """The patch."""
        return "proxy-wizard.patch", self.saved()[1].decode("utf-8", "backslashreplace")

    def saved(self) -> tuple[str, bytes]:
        """The patch, byte for byte."""
        repair = self.session.repair
        if repair is None or repair.plan.is_empty:
            return "proxy-wizard.patch", self.query_one(DiffView).sentence.encode() + b"\n"
        return "proxy-wizard.patch", self.wizard.engine.patch(repair)
