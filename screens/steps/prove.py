"""Step 5: the rehearsal before and after, then the change itself, and its roll-back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable, Static, TabbedContent, TabPane

from screens.lifetime import Ended
from screens.steps.base import StepScreen
from screens.texts import prove, steps
from screens.texts.pieces import styled
from screens.widgets.table import Table
from wizard.engine import gate
from wizard.errors import WizardError
from wizard.exit_codes import of_error
from wizard.model.permission import OVERRIDABLE, Allowed, Consent, Refused
from wizard.wording import permission
from wizard.wording import rehearsal as wording
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from screens.lifetime import Making, Observer
    from screens.session import Session
    from wizard.engine.changes import Held
    from wizard.engine.engine import Engine
    from wizard.model.change import Change, Holder
    from wizard.model.config import Route
    from wizard.model.plan import Repair
    from wizard.model.progress import Progress
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope

    _Make = Callable[[Engine, Held, Observer], Ended]


class ProveScreen(StepScreen):
    """What a throw-away httpd does before and after the plan, side by side; then the real one."""

    STEP = steps.PROVE
    AUTO_FOCUS = "#before-pane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rehearse", "Rehearse", id="prove.rehearse",
                tooltip="Try the plan in a throw-away httpd on loopback"),
        Binding("w", "apply", "Apply", id="prove.apply",
                tooltip="Write the change, test it and reload httpd; asks first"),
        Binding("u", "undo", "Undo", id="prove.undo",
                tooltip="Undo a change; asks first"),
        Binding("f", "finish", "Finish", id="prove.finish", show=False,
                tooltip="Finish a change that was interrupted; asks first"),
        Binding("v", "view", "View", show=False, id="prove.view",
                tooltip="The rehearsal, the change being applied, or the list of changes"),
        Binding("escape", "cancel", "Cancel", id="prove.cancel",
                tooltip="Stop the rehearsal, or the wait for another command"),
    ]  # fmt: skip

    def compose_body(self) -> Iterable[Widget]:
        """The sentence on top; the rehearsal, the change and the list of changes in tabs."""
        yield Static("", id="outcome", classes="headline", markup=False)
        with TabbedContent(id="prove"):
            with TabPane("Rehearsal", id="tab-rehearsal"), Vertical():
                with Horizontal(id="rehearsal"):
                    for run in ("before", "after"):
                        with VerticalScroll(id=f"{run}-pane", classes="pane", can_focus=True):
                            yield Static("", id=run, markup=False)
                yield Static("", id="rehearsal-notes", classes="state", markup=False)
            with TabPane("Apply", id="tab-apply"), VerticalScroll(can_focus=True):
                yield Static("", id="applying", markup=False)
            with TabPane("Changes", id="tab-changes"), Vertical():
                yield Table(id="changes", cursor_type="row")
                with VerticalScroll(id="change-outcome", can_focus=True):
                    yield Static("", id="change-state", markup=False)

    def on_mount(self) -> None:
        """The columns of the list of changes."""
        self.query_one("#before-pane").border_title = "As it is"
        self.query_one("#after-pane").border_title = "With the plan"
        self.query_one("#changes", DataTable).add_columns("State", "Made", "Files", "Reason")
        self._changes: tuple[Change, ...] = ()
        self._applied: Ended | None = None
        self._result = Text("")
        self._read_changes()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a rehearsal and the wait for another command can be cancelled."""
        if action == "cancel":
            return not {"rehearsal", "wait"}.isdisjoint(self.session.stops)
        return super().check_action(action, parameters)

    def action_cancel(self) -> None:
        """End the rehearsal under way, or the wait for another command."""
        if self.session.stop("wait"):
            return
        self.session.stop("rehearsal")
        self.session.rehearsal_error = "Cancelled. Press r to rehearse the plan."
        self.refresh_bindings()
        self.show()

    def action_rehearse(self) -> None:
        """Rehearse the plan (again)."""
        session = self.session
        if session.repair is None or session.route is None:
            self.show()
            return
        session.rehearsals = ()
        session.rehearsal_error = ""
        self.open_tab("tab-rehearsal")
        stop = session.begin("rehearsal")
        self.refresh_bindings()
        self._rehearse(session, stop, self.wizard.narrowed_scope(), session.route, session.repair)
        self.show()

    @work(thread=True, group="rehearse", description="rehearse", exit_on_error=False)
    def _rehearse(
        self, session: Session, stop: threading.Event, scope: Scope, route: Route, repair: Repair
    ) -> None:
        found: tuple[Rehearsal, ...] = ()
        error = ""

        def progress(at: Progress) -> None:
            if at.done < at.total:
                self.app.call_from_thread(self._show_progress, stop, at.done, at.total)

        try:
            engine = self.wizard.engine.about(scope, progress=progress, stop=stop)
            found = engine.rehearse(repair, route)
        except (WizardError, OSError) as problem:
            error = describe(problem, wizard=True)
        if not stop.is_set():
            self.app.call_from_thread(self._rehearsed, session, stop, found, error)

    def _show_progress(self, stop: threading.Event, done: int, total: int) -> None:
        if not stop.is_set():
            self.query_one("#outcome", Static).update(prove.so_far(done, total))

    def _rehearsed(
        self, session: Session, stop: threading.Event, found: tuple[Rehearsal, ...], error: str
    ) -> None:
        if not session.is_over("rehearsal", stop):
            session.rehearsals = found
            session.rehearsal_error = error
            self.refresh_bindings()
            self.wizard.refresh_step()

    def action_apply(self) -> None:
        """Show what will be written where, and ask."""
        session = self.session
        repair, route = session.repair, session.route
        if repair is None or repair.plan.is_empty or route is None:
            self.notify("There is no plan to apply: press 4.")
            return
        if not session.rehearsals and not session.rehearsal_error:
            wait = "rehearsal" in session.stops
            self.notify("It is being rehearsed." if wait else "Rehearse it first: press r.")
            return
        self._permit(route, repair, session.rehearsals, Consent())

    def _permit(
        self, route: Route, repair: Repair, rehearsals: tuple[Rehearsal, ...], consent: Consent
    ) -> None:
        """Write the change if the gate allows it; else ask what it needs to be asked."""
        decision = gate.decide(repair, rehearsals, consent)
        if isinstance(decision, Allowed):
            self.open_tab("tab-apply")
            self._change(
                self.wizard.narrowed_scope(),
                lambda engine, held, step: prove.made(
                    engine.deploy(held, repair, decision, asked=route, step=step),
                    repair,
                    rehearsals,
                ),
                self._deploying,
            )
        elif isinstance(decision, Refused) and decision.reason not in OVERRIDABLE:
            self.notify(permission.headline(decision.reason), severity="error")
        elif isinstance(decision, Refused):
            self._override(
                decision,
                lambda: self._permit(route, repair, rehearsals, consent.to(decision.reason)),
            )
        else:
            self._ask(
                permission.question(decision),
                prove.asked(self.session, decision, consent),
                lambda: self._permit(route, repair, rehearsals, consent.to(decision.reason)),
            )

    def _override(self, refusal: Refused, go_on: Callable[[], None]) -> None:
        from screens.dialogues.override import OverrideDialogue

        def answered(typed: str | None) -> None:
            if typed is not None:
                go_on()

        text = prove.refusal(refusal, self.session.rehearsal_error)
        self.app.push_screen(OverrideDialogue(text, refusal.reason.value), answered)

    def _change(self, scope: Scope | None, make: _Make, show: Callable[[Making], None]) -> None:
        """Make a change, unless one is being made, while nobody else does."""
        if self.wizard.is_making:
            self.notify("A change is being written already.", severity="warning")
            return
        engine = self.wizard.engine.about(scope, stop=self.session.begin("wait"))

        def locked(step: Observer) -> Ended:
            try:
                with self._locked(engine) as held:
                    return make(engine, held, step)
            except (WizardError, OSError) as problem:
                return Ended(prove.failure(problem), of_error(problem))

        self.wizard.make_change(locked, show)

    @contextlib.contextmanager
    def _locked(self, engine: Engine) -> Iterator[Held]:
        """The engine's lock, in a worker; while another has it, the screen says who."""
        with engine.locked("wizard", lambda who, _: self.wizard.post(self._wait, who)) as held:
            self.wizard.post(self._begin, engine.stop)
            yield held

    def _wait(self, holder: Holder) -> None:
        text = prove.waiting(holder)
        for place in ("#applying", "#change-state"):
            self.query_one(place, Static).update(text)
        self.refresh_bindings()

    def _begin(self, stop: threading.Event) -> None:
        self.session.is_over("wait", stop)
        self.refresh_bindings()

    def _deploying(self, making: Making) -> None:
        text = prove.applying(making.steps)
        if making.ended is not None:
            text.append_text(prove.with_advice(making.ended))
        self.query_one("#applying", Static).update(text)
        if making.ended is not None:
            self._applied = making.ended if making.ended.id else None
            self._result = Text("")
            self._read_changes()
            if self._applied:
                self.wizard.read_again()

    @property
    def _chosen(self) -> Change | None:
        row = self.query_one("#changes", DataTable).cursor_row
        return self._changes[row] if 0 <= row < len(self._changes) else None

    def action_undo(self) -> None:
        """Take the chosen change back, after asking."""
        change = self._changeable("applied")
        if change is not None:
            self._ask_undo(change)

    @work(thread=True, exclusive=True, group="undoing", description="undoing", exit_on_error=False)
    def _ask_undo(self, change: Change) -> None:
        counts: dict[str, tuple[int, int]] = {}
        with contextlib.suppress(WizardError, OSError):  # the undoing itself will say it
            counts = self.wizard.engine.undoing(change)
        told = prove.undo(change, counts)
        self.app.call_from_thread(self._ask, "Undo this change?", told, lambda: self._undo(change))

    def action_finish(self) -> None:
        """Finish the chosen change, after asking."""
        change = self._changeable("interrupted")
        if change is not None:
            self._ask("Finish this change?", prove.finish(change), lambda: self._finish(change))

    def _changeable(self, state: str) -> Change | None:
        """The chosen change, if it is no further than a state; else the operator is told."""
        self.open_tab("tab-changes")
        change = self._chosen
        if change is None:
            self.notify("There is no change in this list.")
        elif change.state == "undone" or (state == "interrupted" and change.state == "applied"):
            self.notify(f"This change is {change.state} already.")
        else:
            return change
        return None

    def _undo(self, change: Change) -> None:
        self._change(
            None,
            lambda engine, held, step: prove.taken_back(engine.roll_back(held, change, step=step)),
            self._settling,
        )

    def _finish(self, change: Change) -> None:
        self._change(
            None,
            lambda engine, held, step: prove.made(engine.finish(held, change, step=step)),
            self._settling,
        )

    def _settling(self, making: Making) -> None:
        if making.ended is not None:
            self._applied = None
            self._result = prove.with_advice(making.ended)
            self._read_changes()
            self.wizard.read_again()

    def _ask(self, question: str, text: Text, carry_out: Callable[[], object]) -> None:
        from screens.dialogues.confirm import ConfirmDialogue

        def answered(yes: bool | None) -> None:
            if yes:
                carry_out()

        self.app.push_screen(ConfirmDialogue(question, text), answered)

    @work(thread=True, exclusive=True, group="changes", description="changes", exit_on_error=False)
    def _read_changes(self) -> None:
        problem = ""
        changes: tuple[tuple[Change, Holder | None], ...] = ()
        try:
            changes = tuple(reversed(self.wizard.engine.listed()))
        except (WizardError, OSError) as error:
            problem = describe(error, wizard=True)
        self.app.call_from_thread(self._show_changes, changes, problem)

    def _show_changes(
        self, changes: tuple[tuple[Change, Holder | None], ...], problem: str
    ) -> None:
        self._changes = tuple(change for change, _ in changes)
        table = self.query_one("#changes", DataTable)
        table.clear()
        for change, maker in changes:
            table.add_row(*prove.change_row(change, maker))
        text = self._result.copy()
        text.append(problem or ("" if changes or text else "No change was made here."))
        self.query_one("#change-state", Static).update(text)

    def show(self) -> None:
        """The rehearsal, or what it lacks; a plan is rehearsed when this step is first shown."""
        session = self.session
        planned = session.repair is not None and not session.repair.plan.is_empty
        known = session.rehearsals or session.rehearsal_error or "rehearsal" in session.stops
        if planned and not known:
            self.action_rehearse()  # comes back here
            return
        outcome = prove.outcome(session, self.glyphs)
        if self._applied and session.repair is None:
            outcome = prove.applied(self._applied)
        self.query_one("#outcome", Static).update(outcome)
        rehearsal = session.rehearsal
        for name in ("before", "after"):
            run = getattr(rehearsal, name) if rehearsal else None
            text = styled(wording.run(name.title(), run, whole=False) if run else ())
            self.query_one(f"#{name}", Static).update(text)
        notes = prove.notes(session)
        self.query_one("#rehearsal-notes", Static).update(notes)
        self._settle()

    def _settle(self) -> None:
        """Do what the operator wants done with an interrupted change."""
        if self.wizard.settling is None:
            return
        answer, change = self.wizard.settling
        self.wizard.settling = None
        self.open_tab("tab-changes")
        if answer == "undo":
            self._undo(change)
        else:
            self._finish(change)

    def readable(self) -> tuple[str, str]:
        """Both runs, one below the other."""
        session = self.session
        parts = [prove.outcome(session, self.glyphs).plain]
        if session.rehearsal is not None:
            parts.append(styled(wording.pieces(session.rehearsal)).plain)
        return "rehearsal.txt", "\n\n".join(part.rstrip() for part in parts) + "\n"
