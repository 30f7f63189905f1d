"""What somebody else has to do, in a text to hand on; and whose turn it is."""

from __future__ import annotations

from dataclasses import replace
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
    from collections.abc import Iterator, Sequence

    from screens.session import Session
    from wizard.model.plan import Repair
    from wizard.model.steps import Deed, Side, Step

HINT: Final = "s saves it, c copies it"
_MOST_SEEN: Final = 6
_HERE: Final = frozenset({"you", "configuration", "machine", "network"})
_OF_THIS_MACHINE: Final = ("/", "default ", "httpd's default")
"""How evidence begins that is about this machine's files."""
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
    """The text for whose turn it is: what to do, what was seen, and what else could be done."""
    return styled(_told(session, alone=False), dense=True)


def saved(session: Session) -> str:
    """The letter as it is saved and copied: with the route, the backend and what httpd does; where
    it is for somebody else, only what is theirs."""
    route, diagnosis = session.route, session.diagnosis
    if route is None or diagnosis is None:
        return ""
    head = (
        f"Route    {printable(route.id.label)}\nBackend  {printable(route.backend.url)}\n"
        f"httpd    {printable(diagnosis.sentence)}\n"
    )
    found = diagnosis.findings[0] if diagnosis.findings else None
    why = f"Cause    {printable(found.title)}\n" if found is not None else ""
    told = styled(_told(session, alone=True), dense=True).plain.strip()
    return f"{head}{why}\n{told}\n"


def _told(session: Session, *, alone: bool) -> Iterator[Piece]:
    repair = session.repair
    if repair is None or session.diagnosis is None:
        return
    found = steps(repair)
    if not found:
        yield Piece("text", "Nothing to repair: the route follows its row of the table.")
        return
    here = found[0].deeds[0].side in _HERE if found[0].deeds else True
    mine = [replace(one, deeds=_deeds(one, here=here)) for one in found]
    yield from _steps([one for one in mine if one.deeds], repair)
    yield from _seen(session, here=here)
    if not alone and not here:
        others = [replace(one, deeds=_deeds(one, here=True)) for one in found]
        yield from _steps([one for one in others if one.deeds], repair)
    for note in repair.plan.notes:
        if here and note.point in NOT_CONSIDERED:
            yield Piece("note", sentence(note, wizard=True))


def _deeds(step: Step, *, here: bool) -> tuple[Deed, ...]:
    """What is done on this machine, or what others do; all where the first is done here."""
    first = step.deeds[0].side in _HERE if step.deeds else True
    if here and first:
        return step.deeds
    return tuple(one for one in step.deeds if (one.side in _HERE) is here)


def _steps(found: Sequence[Step], repair: Repair) -> Iterator[Piece]:
    for number, step in enumerate(found, 1):
        place = number if len(found) > 1 else 0
        told = wording.pieces(place, step, repair.plan, None, wording.Patch())
        first = next(told, None)
        if place and first is not None:  # alone, the title of its frame says whose turn it is
            yield first
        yield from told


def _seen(session: Session, *, here: bool) -> Iterator[Piece]:
    """The evidence; for somebody else without lines of this machine's files."""
    found = session.diagnosis.findings[:1] if session.diagnosis else ()
    lines = [line.strip() for one in found for line in one.evidence]
    lines = lines if here else [one for one in lines if not one.startswith(_OF_THIS_MACHINE)]
    if lines:
        yield Piece("heading", "What was seen")
    for line in lines[:_MOST_SEEN]:
        yield Piece("quote", printable(line, 400))
