"""Writing the plan, once the gate and the operator allow it; undoing and finishing changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work

from screens.course.base import Course
from screens.ended import Ended
from screens.session import Done
from screens.texts import change as texts
from wizard.engine import gate
from wizard.errors import WizardError
from wizard.exit_codes import of_error
from wizard.model.permission import OVERRIDABLE, Allowed, Consent, Refused
from wizard.wording import patch, permission
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from rich.text import Text

    from screens.lifetime import Making, Observer
    from wizard.engine.changes import Held
    from wizard.engine.engine import Engine
    from wizard.model.change import Change, Deployed, Holder
    from wizard.model.config import Route
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope

    _Make = Callable[[Engine, Held, Observer], Deployed]
    _Words = Callable[[Deployed], Ended]


class Changing(Course):
    """Changes files, after asking."""

    #: Every change that is in the journal, the last first, each with who makes it just now.
    changes: tuple[tuple[Change, Holder | None], ...] = ()
    #: Why the journal cannot be read; empty: it was read.
    changes_error: str = ""
    #: Whom a change waits for.
    waits_for: Holder | None = None

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
            self._permit(session.route, session.repair, session.rehearsals, Consent())

    def _permit(
        self, route: Route, repair: Repair, rehearsals: tuple[Rehearsal, ...], consent: Consent
    ) -> None:
        """Write the change if the gate allows it; else ask what it needs to be asked."""
        decision = gate.decide(repair, rehearsals, consent)
        if isinstance(decision, Allowed):
            self._change(
                self.narrowed_scope(),
                lambda engine, held, step: engine.deploy(
                    held, repair, decision, asked=route, step=step
                ),
                lambda done: texts.made(done, repair, rehearsals),
            )
        elif isinstance(decision, Refused) and decision.reason not in OVERRIDABLE:
            self.notify(permission.headline(decision.reason), severity="error", markup=False)
        elif isinstance(decision, Refused):
            self._override(
                decision,
                lambda: self._permit(route, repair, rehearsals, consent.to(decision.reason)),
            )
        else:
            self.ask(
                permission.question(decision),
                texts.asked(self.session, decision, consent),
                lambda: self._permit(route, repair, rehearsals, consent.to(decision.reason)),
            )

    def _override(self, refusal: Refused, go_on: Callable[[], None]) -> None:
        from screens.dialogues.override import OverrideDialogue

        def answered(typed: str | None) -> None:
            if typed is not None:
                go_on()

        text = texts.refusal(refusal, self.session.rehearsal_error)
        self.push_screen(OverrideDialogue(text, refusal.reason.value), answered)

    def ask(self, question: str, text: Text, carry_out: Callable[[], object]) -> None:
        """Ask a question whose yes is ``y``.

        Args:
            question: as its title.
            text: what the operator has to see before.
            carry_out: called after a yes.
        """
        from screens.dialogues.confirm import ConfirmDialogue

        def answered(yes: bool | None) -> None:
            if yes:
                carry_out()

        self.push_screen(ConfirmDialogue(question, text), answered)

    def _change(self, scope: Scope | None, make: _Make, words: _Words) -> None:
        """Make a change, unless one is being made, while nobody else does."""
        if self.is_making:
            self.notify("A change is being written already.", severity="warning")
            return
        session = self.session
        route = session.current
        changed = patch.files(session.patch, session.repair.sources) if session.repair else ()
        found = session.diagnosis
        was = found.verdict.status if found is not None else None
        engine = self.engine.about(scope, stop=session.begin("wait"))
        made: list[Deployed] = []

        def locked(step: Observer) -> Ended:
            try:
                with self._locked(engine) as held:
                    made.append(make(engine, held, step))
                    return words(made[0])
            except (WizardError, OSError) as problem:
                return Ended(texts.failure(problem), of_error(problem))

        def show(making: Making) -> None:
            if making.ended is not None:
                deployed = made[0] if made else None
                undone = deployed is not None and deployed.change.state == "undone"
                self.session.done = Done(
                    making.ended, route, datetime.now(UTC), deployed,
                    () if undone else changed, was, undone,
                )  # fmt: skip
                self.read_changes()
                if made:
                    self.read_again(keep=True)
            self.refresh_step()

        self.make_change(locked, show)
        self.refresh_step()

    @contextlib.contextmanager
    def _locked(self, engine: Engine) -> Iterator[Held]:
        """The engine's lock, in a worker; while another has it, the screen says who."""
        with engine.locked("wizard", lambda who, _: self.post(self._wait, who)) as held:
            self.post(self._wait, None)
            yield held

    def _wait(self, holder: Holder | None) -> None:
        self.waits_for = holder
        if holder is None:
            self.session.stops.pop("wait", None)
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
        if change.state == "undone":
            self.notify("This change is undone already.")
        else:
            self._ask_undo(change)

    @work(thread=True, exclusive=True, group="undoing", description="undoing", exit_on_error=False)
    def _ask_undo(self, change: Change) -> None:
        counts: dict[str, tuple[int, int]] = {}
        with contextlib.suppress(WizardError, OSError):  # the undoing itself will say it
            counts = self.engine.undoing(change)
        told = texts.undo(change, counts)
        self.post(self.ask, "Undo this change?", told, lambda: self.take_back(change))

    def take_back(self, change: Change) -> None:
        """Take a change back that the operator wants to be taken back."""
        self._change(
            None,
            lambda engine, held, step: engine.roll_back(held, change, step=step),
            texts.taken_back,
        )

    def finish(self, change: Change) -> None:
        """Finish an interrupted change, after asking."""
        if change.state in ("undone", "applied"):
            self.notify(f"This change is {change.state} already.")
        else:
            self.ask("Finish this change?", texts.finish(change), lambda: self.complete(change))

    def complete(self, change: Change) -> None:
        """Finish an interrupted change that the operator wants to be finished."""
        self._change(
            None,
            lambda engine, held, step: engine.finish(held, change, step=step),
            texts.made,
        )

    @work(thread=True, exclusive=True, group="changes", description="changes", exit_on_error=False)
    def read_changes(self) -> None:
        """Read the journal."""
        problem = ""
        changes: tuple[tuple[Change, Holder | None], ...] = ()
        try:
            changes = tuple(reversed(self.engine.listed()))
        except (WizardError, OSError) as error:
            problem = describe(error, wizard=True)
        self.post(self._have_changes, changes, problem)

    def _have_changes(
        self, changes: tuple[tuple[Change, Holder | None], ...], problem: str
    ) -> None:
        self.changes = changes
        self.changes_error = problem
        self.refresh_step()
