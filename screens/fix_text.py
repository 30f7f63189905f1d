"""The plan in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wizard.text import printable

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.plan import FixPolicy, Repair

#: Policy → (as an operator would say it, what follows).
POLICIES: dict[FixPolicy, tuple[str, str]] = {
    "production": (
        "production: check everything",
        "httpd demands a chain that ends at a trusted CA, the right name and valid dates. "
        "An impostor gets nothing.",
    ),
    "internal-ca": (
        "an internal CA: trust it, keep checking",
        "Your company's CA goes into a file that only this proxy uses; every check stays on.",
    ),
    "temporary": (
        "a test: one exception, for a while",
        "Only the check that fails is switched off, with a comment that says until when. Anyone "
        "between httpd and the backend can then read and change everything. check fails after "
        "that day.",
    ),
}


def trust(session: Session) -> Text:
    """What is trusted, and why; before that, what the backend shows."""
    plan = session.plan
    text = Text()
    for choice in plan.trust if plan else ():
        for certificate in choice.certificates:
            text.append(f"{printable(certificate.subject, 200)}\n")
            text.append(f"  SHA-256 {certificate.sha256}\n", "dim")
        text.append(f"  {printable(choice.basis, 400)}\n", "dim")
    if text.plain:
        return text
    probe = session.diagnosis.case.probe if session.diagnosis else None
    shown = probe.tls.chain if probe and probe.tls else ()
    authority = next((c for c in reversed(shown) if c.is_ca), None)
    if authority is not None:
        text.append(f"The backend shows {printable(authority.subject, 200)}\n", "dim")
    return text


def words(repair: Repair) -> Text:
    """Every edit with its reason, what it repairs, and what is left for others."""
    plan = repair.plan
    text = Text()
    for entry in plan.resolved:
        text.append_text(Text.assemble(("repairs  ", "green"), f"{printable(entry)}\n"))
    for edit in plan.edits:
        text.append(f"\n{printable(edit.file)}:{edit.first_line}\n", "bold")
        text.append(f"  {printable(edit.reason)}\n")
        if edit.affects:
            others = printable(", ".join(edit.affects), 500)
            text.append(f"  counts for {others} as well\n", "yellow")
    for file in plan.new_files:
        text.append(f"\n{printable(file.path)} (new)\n", "bold")
        text.append(f"  {printable(file.reason)}\n")
    for left in plan.unresolved:
        text.append_text(
            Text.assemble(("\nleft  ", "yellow"), f"{printable(left.route)}: {left.finding.slug}\n")
        )
        text.append(f"  {printable(left.reason)}\n")
        for command in left.commands:
            text.append(f"{printable(command)}\n")  # on a line of its own: it is to be copied
    for note in plan.notes:
        text.append(f"\n{printable(note)}\n", "dim")
    return text


def empty(repair: Repair) -> str:
    """Why the plan changes nothing."""
    if repair.plan.unresolved:
        return "\n\n".join(
            f"{left.finding.slug}: {printable(left.reason)}" for left in repair.plan.unresolved
        )
    return "Nothing to repair: the route follows its row of the table."
