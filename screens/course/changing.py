"""Writing the plan, once the gate and the operator allow it; undoing and finishing changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from textual import work
from textual.screen import ModalScreen

from screens import order
from screens.course.base import Course
from screens.ended import Ended
from screens.session import Done
from screens.texts import change as texts
from screens.texts import writing
from screens.texts.steps import CASE
from wizard.engine import gate
from wizard.errors import StoppedError, WizardError
from wizard.model.change import BusyError
from wizard.model.permission import OVERRIDABLE, SEPARATE, Allowed, Ask, Consent, Reason, Refused
from wizard.wording import patch, permission
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from rich.text import Text

    from screens.host import Host
    from screens.lifetime import Making, Observer
    from screens.session import Planned, Session
    from wizard.engine.changes import Held
    from wizard.engine.engine import Engine
    from wizard.model.change import Change, Deployed, Holder
    from wizard.model.config import Route
    from wizard.model.plan import Repair
    from wizard.model.scope import Scope

    _Make = Callable[[Engine, Held, Observer], Deployed]
    _Words = Callable[[Deployed], Ended]


@dataclass(frozen=True)
class Proposal:
    """What is asked about, and written after a yes: whatever the screens show meanwhile.

    Args:
        scope: of the route.
        route: that is to be repaired.
        repair: holds the plan.
        planned: the plan as it was shown, its patch and its rehearsals.
    """

    scope: Scope
    route: Route
    repair: Repair
    planned: Planned


class Changing(Course):
    """Changes files, after asking."""

    #: Every change that is in the journal, the last first, each with who makes it just now.
    changes: tuple[tuple[Change, Holder | None], ...] = ()
    #: Why the journal cannot be read; empty: it was read.
    changes_error: str = ""
    #: Whom a change waits for.
    waits_for: Holder | None = None
    _place: str | None = None
    _reading: object = None

    @property
    def is_making_here(self) -> bool:
        """Whether a change is being made that was begun in the configuration in view."""
        return self.is_making and self._place == self.session.scope.path

    @property
    def obstacle(self) -> str:
        """Why ``apply`` would not ask whether to write; empty: it would."""
        session = self.session
        if self.is_making:
            return "A change is being written already."
        if session.is_on_its_way:
            return ""
        if session.repair is None or session.route is None:
            return session.plan_error or "There is no plan yet."
        if order.asks_for_ca(session):
            return "First answer the question which CA httpd may trust."
        if session.repair.plan.is_empty:
            return "There is nothing to write here."
        if not session.rehearsals and not session.rehearsal_error:
            return "The change is rehearsed first: r does it."
        decision = gate.decide(session.repair, session.rehearsals, Consent())
        if isinstance(decision, Refused) and decision.reason not in OVERRIDABLE:
            return permission.headline(decision.reason)
        return ""

    def apply(self) -> None:
        """Show what will be written where, and ask."""
        session = self.session
        if not self.is_making and session.is_on_its_way:
            session.is_wanted = True
            self.notify("It is asked as soon as the change is rehearsed; Esc takes that back.")
        elif why := self.obstacle:
            self.notify(why, severity="warning", markup=False)
        elif session.repair is not None and session.route is not None:
            session.is_chosen = True  # a probe that ends meanwhile leads to no other route
            self._permit(
                Proposal(
                    self.narrowed_scope(), session.route, session.repair, replace(session.planned)
                ),
                Consent(),
            )

    def _permit(self, proposal: Proposal, consent: Consent, concerns: tuple[str, ...] = ()) -> None:
        """Write the change if the gate allows it; else ask what it needs to be asked.

        A refusal is overridden by its name, typed; then come the questions that stand by
        themselves; the last one is whether to write. A name from the certificate is no question by
        itself: it is what the changed line says, and a yes to that is a yes to both.

        Args:
            proposal: what is written, and nothing else.
            consent: what the operator has said so far.
            concerns: what a yes to the last question accepts besides.
        """
        decision = gate.decide(proposal.repair, proposal.planned.rehearsals, consent)
        if isinstance(decision, Allowed):
            self._write(proposal, decision)
            return

        def go_on() -> None:
            self._permit(proposal, consent.to(decision.reason), concerns)

        if isinstance(decision, Refused):
            if decision.reason in OVERRIDABLE:
                self._override(decision, proposal.planned.rehearsal_error, go_on)
            else:
                self.notify(permission.headline(decision.reason), severity="error", markup=False)
        elif decision.reason is Reason.CERTIFICATE_NAME:
            more = (*concerns, *permission.concerns(decision))
            self._permit(proposal, consent.to(decision.reason), more)
        elif decision.reason in SEPARATE:
            self.ask(permission.question(decision), texts.separate(decision), go_on)
        else:
            self.ask_to_write(proposal, decision, consent, concerns, go_on)

    def ask_to_write(
        self,
        proposal: Proposal,
        question: Ask,
        consent: Consent,
        concerns: tuple[str, ...],
        carry_out: Callable[[], None],
    ) -> None:
        """The last question, whether to write.

        Args:
            proposal: what would be written.
            question: the gate's.
            consent: what the operator has said so far.
            concerns: what a yes accepts besides, printable lines.
            carry_out: called after a yes.
        """
        from screens.dialogues.confirm import WriteQuestion
        from screens.dialogues.save import SaveDialogue
        from screens.widgets.step_bar import StepBar

        repair, planned = proposal.repair, proposal.planned
        text = writing.question(
            repair, planned.patch, planned.rehearsals, question, consent, concerns
        )

        def save() -> None:
            private = self.engine.is_private(repair)
            self.push_screen(SaveDialogue("proxy-wizard.patch", planned.patch, private=private))

        def answered(yes: bool | None) -> None:
            if yes:
                carry_out()

        host = cast("Host", self)
        self.push_screen(WriteQuestion(text, save, lambda: StepBar(CASE, host)), answered)

    def _override(self, refusal: Refused, error: str, go_on: Callable[[], None]) -> None:
        from screens.dialogues.override import OverrideDialogue

        def answered(typed: str | None) -> None:
            if typed is not None:
                go_on()

        self.push_screen(
            OverrideDialogue(texts.refusal(refusal, error), refusal.reason.value), answered
        )

    def ask(
        self,
        question: str,
        text: Text | Callable[[int], Text],
        carry_out: Callable[[], object],
    ) -> None:
        """Ask a question whose yes is ``y``.

        Args:
            question: as its title.
            text: what the operator has to see before, or what makes it for so many columns.
            carry_out: called after a yes.
        """
        from screens.dialogues.confirm import ConfirmDialogue

        def answered(yes: bool | None) -> None:
            if yes:
                carry_out()

        self.push_screen(ConfirmDialogue(question, text), answered)

    def _write(self, proposal: Proposal, allowed: Allowed) -> None:
        repair = proposal.repair
        self._change(
            lambda engine, held, step: engine.deploy(
                held, repair, allowed, asked=proposal.route, step=step
            ),
            lambda done: texts.made(done, repair, proposal.planned.rehearsals),
            proposal,
        )

    def _change(self, make: _Make, words: _Words, proposal: Proposal | None = None) -> None:
        """Make a change, unless one is being made, while nobody else does.

        Args:
            make: makes it.
            words: what came of it.
            proposal: what is made; None: one of the journal is finished or taken back.
        """
        if self.is_making:
            self.notify("A change is being written already.", severity="warning")
            return
        session = self.session
        self._place = session.scope.path
        engine = self.engine.about(proposal.scope if proposal else None, stop=session.begin("wait"))
        made: list[Deployed] = []
        untouched = is_told = False

        def locked(step: Observer) -> Ended:
            nonlocal untouched
            try:
                with self._locked(session, engine) as held:
                    made.append(make(engine, held, step))
                    return words(made[0])
            except (WizardError, OSError) as problem:
                untouched = isinstance(problem, StoppedError | BusyError)
                return texts.not_made(problem)

        def show(making: Making) -> None:
            nonlocal is_told
            if making.ended is not None and not is_told:  # steps are told late, after the end
                is_told = True
                self._wait(session, None)
                self._made(self._done(making.ended, next(iter(made), None), proposal), untouched)
            self.refresh_step()

        self.make_change(locked, show)
        self.refresh_step()

    def _done(self, ended: Ended, made: Deployed | None, proposal: Proposal | None) -> Done:
        now = self.engine.now or datetime.now(UTC)
        if proposal is None:
            undone = made is not None and made.change.state == "undone"
            return Done(ended, self.session.current, now, made, undone=undone)
        repair, route = proposal.repair, proposal.route.id
        changed = patch.files(proposal.planned.patch, repair.sources) if made else ()
        found = repair.report.by_route.get(route)
        return Done(
            ended, route, now, made, changed, found.verdict.status if found is not None else None
        )

    def _made(self, done: Done, untouched: bool) -> None:
        """A change is over: every step shows what is now.

        Args:
            done: the change.
            untouched: it was not even begun, so nothing can be otherwise.
        """
        self.read_changes()
        is_here = self._place == self.session.scope.path
        if not is_here or done.route != self.session.current:  # the operator went on meanwhile
            first = done.ended.text.plain.strip().partition("\n")[0]
            about = done.route.label if is_here and done.route else self._place or "httpd's own"
            self.notify(
                f"{about}: {first}", markup=False,
                severity="information" if done.deployed is not None else "error",
            )  # fmt: skip
        if is_here:
            self.session.done = done
            if not untouched:
                self.read_again(keep=True)

    @contextlib.contextmanager
    def _locked(self, session: Session, engine: Engine) -> Iterator[Held]:
        """The engine's lock, in a worker; while another has it, the screen says who."""
        with engine.locked("wizard", lambda who, _: self.post(self._wait, session, who)) as held:
            self.post(self._wait, session, None)
            yield held

    def _wait(self, session: Session, holder: Holder | None) -> None:
        self.waits_for = holder if self.is_making else None
        if holder is None:
            session.stops.pop("wait", None)
        self.refresh_step()

    def cancel_wait(self) -> bool:
        """End the wait for another command; nothing is changed.

        Returns:
            Whether it waited.
        """
        self.waits_for = None
        return self.session.stop("wait")

    def undo(self, change: Change) -> None:
        """Take a change back, after asking."""
        if self.is_making:
            self.notify("A change is being written already.", severity="warning")
        elif change.state == "undone":
            self.notify("This change is undone already.")
        else:
            self._ask_undo(self.session.scope.path, change)

    @work(thread=True, exclusive=True, group="undoing", description="undoing", exit_on_error=False)
    def _ask_undo(self, place: str | None, change: Change) -> None:
        told = texts.Undoing(change)
        with contextlib.suppress(WizardError, OSError):  # the undoing itself will say it
            told = texts.Undoing(change, *self.engine.restoring(change))
        self.post(self._undo_asked, place, change, told)

    def _undo_asked(self, place: str | None, change: Change, told: texts.Undoing) -> None:
        """Ask, if the operator is still where the key was pressed."""
        if place == self.session.scope.path and not isinstance(self.screen, ModalScreen):
            self.ask("Undo this change?", told.at, lambda: self.take_back(change))

    def take_back(self, change: Change) -> None:
        """Take a change back that the operator wants to be taken back."""
        self._change(
            lambda engine, held, step: engine.roll_back(held, change, step=step),
            texts.taken_back,
        )

    def finish(self, change: Change) -> None:
        """Finish an interrupted change, after asking."""
        if self.is_making:
            self.notify("A change is being written already.", severity="warning")
        elif change.state in ("undone", "applied"):
            self.notify(f"This change is {change.state} already.")
        else:
            self.ask("Finish this change?", texts.finish(change), lambda: self.complete(change))

    def complete(self, change: Change) -> None:
        """Finish an interrupted change that the operator wants to be finished."""
        self._change(
            lambda engine, held, step: engine.finish(held, change, step=step),
            texts.made,
        )

    def read_changes(self) -> None:
        """Read the journal; the screen is told later."""
        self._reading = object()
        self._read_changes(self._reading)

    @work(thread=True, exclusive=True, group="changes", description="changes", exit_on_error=False)
    def _read_changes(self, reading: object) -> None:
        problem = ""
        changes: tuple[tuple[Change, Holder | None], ...] = ()
        try:
            changes = tuple(reversed(self.engine.listed()))
        except (WizardError, OSError) as error:
            problem = describe(error, wizard=True)
        self.post(self._have_changes, reading, changes, problem)

    def _have_changes(
        self, reading: object, changes: tuple[tuple[Change, Holder | None], ...], problem: str
    ) -> None:
        if reading is not self._reading:  # it was read again since
            return
        self.changes = changes
        self.changes_error = problem
        self.refresh_step()
