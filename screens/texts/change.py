"""A change that is made or taken back, in words: the questions before it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.ended import Ended
from screens.texts import changed
from screens.texts.pieces import styled
from screens.texts.writing import MOST_LINES
from wizard.engine import gate
from wizard.engine import outcome as judgement
from wizard.errors import EditedError, FileError, WizardError
from wizard.exit_codes import of_error
from wizard.model.permission import Ask, Refused
from wizard.wording import change as wording
from wizard.wording import confirmation, patch, permission
from wizard.wording.errors import describe, edits

if TYPE_CHECKING:
    from wizard.model.change import Change, Deployed, DeployStep, Holder, Waiting
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal

_UNDO: Final = "u undoes it.\n"


def refusal(decision: Refused, error: str) -> Text:
    """Why a plan is refused.

    Args:
        decision: the gate's.
        error: why there is no rehearsal; empty if there is one.
    """
    text = Text.assemble((f"{permission.headline(decision.reason)}\n\n", "bold red"))
    for line in (error, *permission.concerns(decision)):
        text.append(f"{line}\n" if line else "")
    return text


def separate(question: Ask) -> Text:
    """What a question rests on that stands by itself."""
    style = "bold red" if permission.is_risky(question) else ""
    return Text.assemble(("\n\n".join(permission.concerns(question)), style))


def applying(steps: Sequence[DeployStep | Waiting]) -> Text:
    """The steps of a change, as they are done."""
    return Text("".join(f"{wording.step(step)} …\n" for step in steps))


def made(
    done: Deployed, repair: Repair | None = None, rehearsals: Sequence[Rehearsal] = ()
) -> Ended:
    """A change that was made.

    Args:
        done: the change.
        repair: what it was made for; None: that is not known any more.
        rehearsals: of that.
    """
    text = Text("\n").append_text(_ended(done))
    failing = gate.still_failing(repair, rehearsals) if repair else ()
    if repair:
        text.append_text(styled(confirmation.still(failing, repair.plan, wizard=True)))
    return Ended(text, judgement.exit_code(done, failing), done.change.id, _UNDO)


def taken_back(done: Deployed) -> Ended:
    """A change that was undone."""
    return Ended(_ended(done), judgement.exit_code(done), done.change.id)


def _ended(done: Deployed) -> Text:
    words = wording.headline(done)
    style = "bold green" if done.outcome == "good" else "bold red"
    text = Text.assemble((f"{words[0].upper()}{words[1:]}: {done.change.id}\n", style))
    return text.append_text(styled(wording.deployed(done)))


def not_made(error: WizardError | OSError) -> Ended:
    """A change that was not made, or not wholly."""
    left = error.left if isinstance(error, WizardError) else None
    leaves = left is not None and bool(left.new or left.other)
    return Ended(failure(error), of_error(error), leaves=leaves)


def failure(error: WizardError | OSError) -> Text:
    """Why a change was not made, and what is on disk; with what somebody edited meanwhile."""
    text = Text.assemble((f"\n{describe(error, wizard=True)}\n", "bold red"))
    if isinstance(error, FileError) and error.obstacle in ("permission", "read-only", "forbidden"):
        text.append(
            "Start the wizard as somebody who may, or save the patch (s) and hand it on: "
            "patch -p1 -d / < proxy-wizard.patch\n"
        )
    if isinstance(error, EditedError):
        text.append_text(_edited(edits(error)))
    return text


def _edited(lines: Sequence[str]) -> Text:
    """A diff without its head: the sentence above names the file."""
    text = Text()
    for number, line in enumerate(lines):
        if number > 1 or not line.startswith(("--- ", "+++ ")):
            text.append(f"{line}\n", {"+": "green", "-": "red"}.get(line[:1], "dim"))
    return text


@dataclass(frozen=True)
class Undoing:
    """What undoing a change does, the lines that come back and that go first.

    Args:
        item: the change.
        patch: takes the change back, as far as it can be told.
        sources: what its files hold now, by path.
    """

    item: Change
    patch: bytes = b""
    sources: Mapping[str, bytes] = field(default_factory=dict)

    def at(self, width: int) -> Text:
        """The text for so many columns."""
        text = changed.restored(self.patch, self.sources, width, MOST_LINES)
        text.append("\n" if text else "")
        told = wording.undo(self.item, patch.counts(self.patch, self.sources), wizard=True)
        return text.append_text(styled(told, dense=True))


def finish(item: Change) -> Text:
    """What finishing a change does."""
    return styled(wording.finish(item, wizard=True), dense=True)


def waiting(holder: Holder) -> Text:
    """For whom a change waits."""
    return Text(
        f"{wording.waiting(holder, wizard=True)}\nEsc: do not wait; nothing is changed.\n", "yellow"
    )
