"""The plan in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from screens.texts.pieces import styled
from wizard.engine.steps import notes, steps
from wizard.model.remark import NOT_CONSIDERED
from wizard.text import fingerprint, printable
from wizard.wording import certificate, condition, plan
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece
from wizard.wording.remarks import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.findings.rule import Alternative
    from wizard.model.certificate import Certificate
    from wizard.model.plan import Authorities, Candidate, FixPlan, FixPolicy, Repair

#: Policy → (as an operator would say it, what follows).
POLICIES: dict[FixPolicy, tuple[str, str]] = {
    "production": (
        "production: check everything",
        "httpd demands a chain that ends at a trusted CA, the right name and valid dates. Every "
        "line of that is written out, and lines that say otherwise go.",
    ),
    "internal-ca": (
        "an internal CA: trust it, keep checking",
        "Your company's CA goes alone into a file that only this proxy uses; every check stays "
        "on, and what httpd checks by default is not written out.",
    ),
    "temporary": (
        "a test: one exception, for a while",
        "Only the check that fails is switched off, with a comment that says until when. Anyone "
        "between httpd and the backend can then read and change everything. check fails after "
        "that day.",
    ),
}
ASK_OWNER = (
    "Ask the owner of the CA for the SHA-256 fingerprint of its certificate, by telephone or on "
    "paper, and enter it. It is not shown here: what the backend shows may be an attacker's."
)
NO_SUCH = (
    "The backend shows no certificate with this fingerprint. Either it was mistyped, or somebody "
    "else answers in the backend's place. Compare it with the CA's owner once more; do not take "
    "it from the backend."
)
_AS_IF = "Step 5 tries it as if that were done; i in step 2 does so in every step."
_FINGERPRINT = re.compile(r"\b(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}\b|\b[0-9A-Fa-f]{64}\b")


def presented(session: Session) -> tuple[Certificate, ...]:
    """The certificates of the current backend that its owner may vouch for: its authorities, or
    one that signed itself."""
    probe = session.diagnosis.case.probe if session.diagnosis else None
    shown = probe.tls.chain if probe and probe.tls else ()
    return tuple(c for c in shown if c.is_ca or c.self_issued)


def digits(fingerprint: str) -> str:
    """A SHA-256 fingerprint however it was written, as its digits."""
    return re.sub(r"[:\s]", "", fingerprint.rpartition("=")[2]).lower()


def trust(session: Session) -> Text:
    """What is trusted, and why."""
    choices = session.plan.trust if session.plan else ()
    return styled(piece for choice in choices for piece in plan.trusted(choice, wizard=True))


def offered(session: Session) -> Text:
    """What the backend shows and could be trusted; nothing of it can be copied as proof."""
    shown = presented(session)
    if not shown:
        return Text("The backend shows no CA: its owner has to give you the file.")
    text = Text("The backend shows:\n")
    text.append_text(styled(piece for one in shown for piece in certificate.identity(one)))
    return text.append(ASK_OWNER, "dim")


def authorities(found: Authorities) -> str:
    """What a list of authorities says, in a sentence, and what was passed over."""
    return "\n".join((_good(found.candidates), *map(sentence, found.passed_over)))


def _good(found: Sequence[Candidate]) -> str:
    if not found:
        return (
            "None was found beside the site's certificates or among this system's. Escape, then f."
        )
    good = sum(not candidate.problem for candidate in found)
    if not good:
        return "None of these signed the chain that the backend shows. Ask its owner for the file."
    return f"{good} of these signed the chain that the backend shows. Enter trusts one."


def authority(candidate: Candidate, glyphs: Glyphs) -> Text:
    """One authority: what it is good for, its names, and where it lies."""
    shown = candidate.certificate
    sign, style = (glyphs.bad, "bold red") if candidate.problem else (glyphs.good, "green")
    short = fingerprint(shown.sha256[:16])
    return Text.assemble(
        (f"{sign} ", style),
        (f"{printable(shown.subject, 200)}\n", "bold"),
        (f"  {candidate.problem or 'signed the chain'}\n", style),
        (f"  until {shown.not_after:%Y-%m-%d}, SHA-256 {short}{glyphs.ellipsis}\n", "dim"),
        f"  {printable(candidate.file)}, owner root",
    )


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


def empty(repair: Repair) -> str:
    """Why the plan changes nothing, and what is to be done."""
    told = [piece.whole for piece in _steps(repair)]
    if not told:
        return "Nothing to repair: the route follows its row of the table."
    passed = [sentence(note) for note in repair.plan.notes if note.point in NOT_CONSIDERED]
    return _hiding(_vouched(repair.plan))("\n".join((*told, *passed)))


def way(way: Alternative, *, taken: bool) -> Table:
    """One of several ways to repair a fault, with what speaks for and against it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3)
    table.add_column()
    table.add_row(("(*)" if taken else "( )") if way.take else "", Text(way.title, "bold"))
    for sign, what in (("+", way.good), ("-", way.bad)):
        point = Table.grid(padding=(0, 1))  # a second line begins below the first
        point.add_row(sign, Text(what))
        table.add_row("", point)
    return table
