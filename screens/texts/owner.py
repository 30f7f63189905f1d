"""What somebody else has to do, in a text to hand on; and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.texts.pieces import styled
from wizard.engine import gate
from wizard.engine.steps import steps
from wizard.model.permission import Reason
from wizard.model.remark import NOT_CONSIDERED
from wizard.text import printable
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece
from wizard.wording.remarks import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.session import Session
    from wizard.model.plan import Repair

_TURNS: Final = {
    Reason.NOTHING_WRONG: "Nothing to do",
    Reason.UNDETERMINED: "Not determined",
    Reason.CA_UNKNOWN: "For the owner of the CA or the backend",
    Reason.LEFT_TO_BACKEND: "For the backend's owner",
    Reason.BY_HAND: "By hand, in the configuration",
    Reason.ON_THIS_MACHINE: "On this machine first",
    Reason.NOT_IN_CONFIGURATION: "For the backend's owner",
}


def turn(repair: Repair) -> str:
    """Whose turn it is where a plan changes nothing."""
    refused = gate.nothing_to_apply(repair)
    return _TURNS[refused.reason] if refused is not None else ""


def letter(session: Session) -> Text:
    """The text for whose turn it is: what was seen, and what to do."""
    repair, diagnosis = session.repair, session.diagnosis
    if repair is None or diagnosis is None:
        return Text("")
    told = list(_deeds(repair))
    if not told:
        return Text("Nothing to repair: the route follows its row of the table.")
    return styled((*_seen(session), *told), dense=True)


def _seen(session: Session) -> Iterator[Piece]:
    diagnosis = session.diagnosis
    if diagnosis is None or not diagnosis.findings:
        return
    for line in diagnosis.findings[0].evidence[:3]:
        yield Piece("quote", printable(line.strip(), 400))


def _deeds(repair: Repair) -> Iterator[Piece]:
    found = steps(repair)
    for number, step in enumerate(found, 1):
        place = number if len(found) > 1 else 0
        yield from wording.pieces(place, step, repair.plan, None, wording.Patch())
    for note in repair.plan.notes:
        if note.point in NOT_CONSIDERED:
            yield Piece("note", sentence(note, wizard=True))


def saved(session: Session) -> str:
    """The letter as it is saved and copied: with the route, the backend and what httpd does."""
    route, diagnosis = session.route, session.diagnosis
    if route is None or diagnosis is None:
        return ""
    head = (
        f"Route    {printable(route.id.label)}\nBackend  {printable(route.backend.url)}\n"
        f"httpd    {printable(diagnosis.sentence)}\n"
    )
    found = diagnosis.findings[0] if diagnosis.findings else None
    why = f"Cause    {printable(found.title)}\n" if found is not None else ""
    return f"{head}{why}\n{letter(session).plain.strip()}\n"
