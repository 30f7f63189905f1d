"""A rehearsal in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from wizard.engine import gate
from wizard.model.permission import Consent, Refused
from wizard.text import printable
from wizard.wording import change as wording
from wizard.wording import permission, rehearsal

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.change import Change, Holder


def outcome(session: Session, glyphs: Glyphs) -> Text:
    """What came of it, in a sentence."""
    if session.rehearsal_error:
        return Text.assemble((f"{glyphs.unknown} ", "cyan"), session.rehearsal_error)
    played = session.rehearsal
    if played is None:
        if session.repair is None:
            return Text(session.plan_error or "There is no plan to rehearse yet.")
        if "rehearsal" in session.stops:
            return Text("A private httpd on loopback is being asked, before and after …")
        if session.repair.plan.is_empty:
            return Text("The plan changes nothing. Press r to see what httpd does as it is.")
        return Text("Press r to rehearse the plan.")
    refused = _refusal(session)
    good = played.last.proxied and not played.last.lets_in and refused is None
    sign = (f"{glyphs.good} ", "green") if good else (f"{glyphs.bad} ", "bold red")
    text = Text.assemble(sign, f"{printable(played.route.label)}   {rehearsal.course(played)}")
    if refused:
        text.append(f"\n  {permission.headline(refused.reason)}")
    for piece in rehearsal.impostors(played):
        text.append(f"\n  {piece.whole}", "red" if piece.role == "alarm" else "not bold")
    return text


def _refusal(session: Session) -> Refused | None:
    """Why the rehearsal speaks against the plan, if there is one and it does."""
    if session.repair is None or session.repair.plan.is_empty:
        return None
    decision = gate.decide(session.repair, session.rehearsals, Consent())
    return decision if isinstance(decision, Refused) else None


def so_far(done: int, total: int) -> Text:
    """How many virtual hosts of those that the plan can touch were asked."""
    return Text(f"Every route that the plan can touch: {done} of {total} virtual hosts asked …")


def notes(session: Session) -> Text:
    """What speaks against the plan, and in what the rehearsal is not the real thing."""
    played = session.rehearsal
    if played is None:
        return Text("")
    refused = _refusal(session)
    text = Text("".join(f"{line}\n" for line in permission.concerns(refused)) if refused else "")
    text.stylize("bold red")
    return text.append("\n".join(printable(note) for note in played.notes))


def change_row(item: Change, maker: Holder | None = None) -> tuple[Text, Text, Text, Text]:
    """A change for the list.

    Args:
        item: the change.
        maker: who makes it just now.
    """
    files = ", ".join(file.path for file in item.files)
    reasons = "; ".join(item.reasons)
    style = {"applied": "green", "undone": "dim"}.get(item.state, "bold red")
    state = Text(wording.under_way(maker), "yellow") if maker else Text(item.state, style)
    return (
        state,
        Text(item.created),
        Text(printable(files, 120)),
        Text(printable(reasons, 200)),
    )
