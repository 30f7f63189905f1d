"""What somebody else has to do, in a text to hand on; and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.texts.pieces import styled
from wizard.engine.steps import steps
from wizard.model.remark import NOT_CONSIDERED
from wizard.text import printable
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece
from wizard.wording.remarks import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.session import Session
    from wizard.model.plan import Repair
    from wizard.model.steps import Side

HINT: Final = "s saves it, c copies it"
_MOST_SEEN: Final = 6
_WHOSE: Final[dict[Side, str]] = {
    "you": "Your decision",
    "configuration": "By hand, in the configuration",
    "machine": "On this machine first",
    "network": "For whoever runs the network",
    "backend": "For the backend's owner",
    "ca": "For the CA's owner",
}


def turn(repair: Repair) -> str:
    """Whose turn it is where a plan changes nothing: who does the first thing."""
    found = steps(repair)
    deeds = found[0].deeds if found else ()
    return _WHOSE[deeds[0].side] if deeds else "Nothing to do"


def letter(session: Session) -> Text:
    """The text for whose turn it is: what to do, and what was seen."""
    repair, diagnosis = session.repair, session.diagnosis
    if repair is None or diagnosis is None:
        return Text("")
    told = list(_deeds(repair))
    if not told:
        return Text("Nothing to repair: the route follows its row of the table.")
    return styled((*told, *_seen(session)), dense=True)


def _seen(session: Session) -> Iterator[Piece]:
    diagnosis = session.diagnosis
    if diagnosis is None or not diagnosis.findings:
        return
    yield Piece("heading", "What was seen")
    for line in diagnosis.findings[0].evidence[:_MOST_SEEN]:
        yield Piece("quote", printable(line.strip(), 400))


def _deeds(repair: Repair) -> Iterator[Piece]:
    found = steps(repair)
    for number, step in enumerate(found, 1):
        place = number if len(found) > 1 else 0
        told = wording.pieces(place, step, repair.plan, None, wording.Patch())
        first = next(told, None)
        if place and first is not None:  # alone, the title of its frame says whose turn it is
            yield first
        yield from told
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
