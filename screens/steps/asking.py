"""What the case and step 4 share: the question which CA httpd may trust, and whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import OptionList

from screens import order
from screens.steps.base import StepScreen
from screens.texts import owner
from screens.widgets.question import Question

if TYPE_CHECKING:
    from screens.texts.question import Answer


_WIDEST = 104
"""Columns of the question at most: longer lines are hard to read."""


class AskingScreen(StepScreen):
    """A screen with one framed question where a decision is missing."""

    def __init__(self) -> None:
        super().__init__()
        self._gave_keys = False

    @property
    def asks(self) -> bool:
        """Whether the question stands there."""
        return order.asks_for_ca(self.session)

    @property
    def room(self) -> int:
        """Columns of the question."""
        return min(self.size.width, _WIDEST)

    @property
    def answers_have_keys(self) -> bool:
        """Whether the arrows choose an answer."""
        return self.focused is not None and self.focused.id == "answers"

    def show_question(self) -> None:
        """Show the question, and give it the keys once there are answers."""
        self.query_one(Question).show(self.session, self.room, asks=self.asks)
        options = self.query_one("#answers", OptionList)
        answers = self.asks and options.option_count > 0
        if answers and not self._gave_keys:
            self._gave_keys = True
            options.focus()
        elif not answers and self._gave_keys:
            self._gave_keys = False
            if self.focused is None or self.answers_have_keys:
                self.query_one(self.AUTO_FOCUS).focus()

    def can_apply(self, *, shown: bool) -> bool | None:
        """Whether a change is, or will be, there to be applied; None: not as things stand.

        Args:
            shown: the change is what is in view.
        """
        session = self.session
        empty = session.repair is not None and session.repair.plan.is_empty
        if not shown or self.asks or empty or session.diagnosis is None:
            return False
        if session.repair is None and not session.is_on_its_way:
            return False
        return None if self.wizard.obstacle else True

    @property
    def can_leave(self) -> bool:
        """Whether Escape leads out of the answers, or out of the text for their owner."""
        return self.answers_have_keys or self.session.decisions.trust == "none"

    def leave_question(self) -> bool:
        """Out of the owner's text, or out of the answers.

        Returns:
            Whether the operator was there.
        """
        decisions = self.session.decisions
        if decisions.trust == "none" or (decisions.trust != "found" and self.asks):
            self.wizard.decide(replace(decisions, trust="found", ca_file="", fingerprint=""))
            return True
        if self.answers_have_keys:
            self.query_one(self.AUTO_FOCUS).focus()
            return True
        return False

    @on(Question.Marked)
    def _marked(self, event: Question.Marked) -> None:
        if self.asks:
            self.wizard.preview(event.file)

    @on(Question.Answered)
    def _answered(self, event: Question.Answered) -> None:
        answer: Answer = event.answer
        if answer.kind == "file":
            self.take_file(answer.file)
        elif answer.kind == "refused":
            told = f"httpd would go on refusing the backend with it: {answer.problem}."
            self.notify(told, severity="warning", markup=False)
        elif answer.kind == "other":
            self.action_file()
        elif answer.kind == "fingerprint":
            self.ask_fingerprint()
        else:
            self.wizard.decide(replace(self.session.decisions, trust="none"))

    def take_file(self, file: str | None) -> None:
        """Plan with the CA of a file; None: nothing was chosen."""
        if file:
            decisions = self.session.decisions
            self.wizard.decide(replace(decisions, trust="file", ca_file=file, fingerprint=""))

    def action_file(self) -> None:
        """Name the CA's certificate file."""
        from screens.dialogues.open import OpenDialogue

        session = self.session
        root = session.configuration.root if session.configuration else ""
        self.app.push_screen(
            OpenDialogue(
                "CA certificate",
                "What signed the backend's chain, or signed itself: PEM, DER or PKCS#7.",
                session.decisions.ca_file or (f"{Path(root).parent}/" if root else ""),
            ),
            self.take_file,
        )

    def ask_fingerprint(self) -> None:
        """Ask for the fingerprint that the owner tells, and plan with it."""
        from screens.dialogues.fingerprint import FingerprintDialogue

        def answered(text: str | None) -> None:
            if text:
                decisions = self.session.decisions
                self.wizard.decide(
                    replace(decisions, trust="fingerprint", fingerprint=text, ca_file="")
                )

        self.app.push_screen(FingerprintDialogue(self.session, self.wizard.was_copied), answered)

    @property
    def is_others_turn(self) -> bool:
        """Whether what is shown is the text for somebody else."""
        plan = self.session.plan
        return plan is not None and plan.is_empty and not self.asks

    @property
    def has_patch(self) -> bool:
        """Whether there is a patch: while a CA is asked for, the one that was found is not trusted
        yet."""
        repair = self.session.repair
        return repair is not None and not repair.plan.is_empty and not self.asks

    def saved(self) -> tuple[str, bytes]:
        """The patch, byte for byte; the text for whose turn it is; or what is readable."""
        session = self.session
        if self.is_others_turn:
            return "for-the-owner.txt", owner.saved(session).encode("utf-8", "surrogateescape")
        if self.has_patch:
            return "proxy-wizard.patch", session.patch
        return super().saved()

    @property
    def save_label(self) -> str:
        """What is saved."""
        if self.is_others_turn:
            return "Save text"
        return "Save patch" if self.has_patch else "Save"

    def is_private(self) -> bool:
        """As the files that the patch changes."""
        repair = self.session.repair
        return repair is not None and self.has_patch and self.wizard.engine.is_private(repair)
