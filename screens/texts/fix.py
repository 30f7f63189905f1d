"""The plan in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from screens.decisions import digits
from screens.texts import changed
from screens.texts.pieces import styled
from wizard.engine.steps import notes, steps
from wizard.text import printable
from wizard.wording import certificate, condition, plan
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece
from wizard.wording.remarks import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screens.session import Session
    from wizard.model.plan import FixPlan, Repair

_AS_IF = "Step 5 tries it as if that were done; i in step 2 does so in every step."
_FINGERPRINT = re.compile(r"\b(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}\b|\b[0-9A-Fa-f]{64}\b")


def words(repair: Repair) -> Text:
    """The steps, whom else an edit touches, and what follows."""
    hide = _hiding(_vouched(repair.plan))
    others = (piece for edit in repair.plan.edits for piece in plan.shared(edit))
    told = (*_steps(repair), *others, *_notes(repair))
    return styled(piece._replace(text=hide(piece.text)) for piece in told)


def above_diff(repair: Repair) -> Text:
    """Which step the patch is, and what has to be so before it is applied."""
    found = steps(repair)
    place = next((number for number, step in enumerate(found, 1) if step.is_patch), 0)
    told: list[Piece] = []
    if place and len(found) > 1:
        told.append(Piece("heading", f"Step {place} of {len(found)}; v shows the steps."))
    for one in repair.plan.conditions:
        told.append(Piece("caution", f"First: {condition.sentence(one)}"))
        told.append(Piece("command", condition.command(one)))
    if repair.plan.conditions:
        told.append(Piece("note", _AS_IF))
    return styled(told, dense=True)


def _steps(repair: Repair) -> Iterator[Piece]:
    found = steps(repair)
    for number, step in enumerate(found, 1):
        place = number if len(found) > 1 else 0
        yield from wording.pieces(place, step, repair.plan, None, wording.Patch())


def _notes(repair: Repair) -> Iterator[Piece]:
    for note in notes(repair.plan, steps(repair)):
        yield Piece("note", sentence(note, wizard=True), "note")


def _vouched(made: FixPlan) -> set[str]:
    return {c.sha256 for choice in made.trust for c in choice.certificates}


def _hiding(vouched: set[str]) -> Callable[[str], str]:
    """Takes out fingerprints that nobody vouched for: here they would only be copied."""

    def shown(found: re.Match[str]) -> str:
        return found[0] if digits(found[0]) in vouched else "(ask the CA's owner)"

    return lambda text: _FINGERPRINT.sub(shown, text)


def below(session: Session) -> Text:
    """Which CA is in use, for whom the change counts, what it waits for, and what follows."""
    repair = session.repair
    if repair is None:
        return Text("")
    told: list[Piece] = []
    if not repair.plan.is_empty:
        told.append(Piece("note", changed.counts_for(repair), "Counts for"))
    for choice in repair.plan.trust:
        name = certificate.called(choice.certificates[0].subject)
        told.append(Piece("text", f"{name}, {printable(choice.origin)}", "CA in use"))
    for one in repair.plan.conditions:
        told.append(Piece("caution", f"First: {condition.sentence(one)}"))
        told.append(Piece("command", condition.command(one)))
    told += plan.consequences(repair.plan, wizard=True)
    return styled(told, dense=True)
