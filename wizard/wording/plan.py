"""A plan in words: what it repairs, what each edit does, what is left and who can do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wizard.masking import lines as masking
from wizard.model.plan import Edit, FixPlan, Offer, TrustChoice, Unresolved
from wizard.model.remark import Point
from wizard.text import fingerprint, printable
from wizard.wording import certificate, condition, remarks
from wizard.wording.pieces import Piece

_BESIDE_THE_LINES: Final = frozenset(
    {
        Point.HOST_CHANGES,
        Point.COMMENT_SAYS_OPPOSITE,
        Point.COMMENT_SPEAKS_OF_IT,
        Point.MORE_COMMENTS,
    }
)


def pieces(plan: FixPlan) -> Iterator[Piece]:
    """The plan, with the reason of each change.

    Args:
        plan: of the fix.
    """
    for entry in plan.repairs:
        yield Piece("heading", printable(entry), "repairs")
    yield from _changes(plan)
    for trust in plan.trust:
        yield from trusted(trust)
    for offer in plan.offers:
        yield from offered(offer)
    for one in plan.conditions:
        yield Piece("note", condition.sentence(one), "first")
        yield Piece("command", condition.command(one))
    for left in plan.left:
        yield from _unresolved(left)
    for note in plan.notes:
        yield Piece("note", remarks.sentence(note), "note")


def _changes(plan: FixPlan) -> Iterator[Piece]:
    """What a plan changes, and why."""
    for edit in plan.edits:
        yield from _edit(edit)
    for file in plan.new_files:
        yield Piece("heading", f"{printable(file.path)}: new file")
        yield Piece("text", printable(file.reason))


def trusted(trust: TrustChoice, *, wizard: bool = False) -> Iterator[Piece]:
    """What is trusted, and why."""
    for one in trust.certificates:
        yield from certificate.identity(one, "trust")
        yield Piece("quote", f"SHA-256 {fingerprint(one.sha256)}")
    yield Piece("text", remarks.sentence(trust.basis, wizard=wizard))


def offered(offer: Offer) -> Iterator[Piece]:
    """What the operator is asked before the plan is applied."""
    text = f"{printable(offer.route.label)}: {remarks.sentence(offer.remark)}"
    yield from certificate.paragraph("note", text, "apply asks")


def consequences(made: FixPlan, *, wizard: bool = False) -> Iterator[Piece]:
    """What the changed lines bring with them for others: the application, and who reads the file.

    Args:
        made: the plan.
        wizard: for the wizard.
    """
    for note in made.notes:
        if note.point in _BESIDE_THE_LINES:
            yield Piece("caution", remarks.sentence(note, wizard=wizard))


def _edit(edit: Edit) -> Iterator[Piece]:
    yield Piece("heading", f"{printable(edit.file)}:{edit.first_line}: {_what(edit)}")
    new = [line.decode("utf-8", "surrogateescape").strip() for line in edit.new_lines]
    for text in masking.configuration(new):
        yield Piece("quote", printable(text))
    yield Piece("text", printable(edit.reason))
    yield from shared(edit)


def shared(edit: Edit) -> Iterator[Piece]:
    """Which other routes an edit changes too, if any."""
    if edit.affects:
        others = printable(", ".join(edit.affects), 500)
        yield Piece("caution", f"counts for {others} as well")


def _what(edit: Edit) -> str:
    if edit.last_line < edit.first_line:
        return "insert"
    return "change to" if edit.new_lines else "delete"


def _unresolved(left: Unresolved) -> Iterator[Piece]:
    yield Piece("heading", f"{printable(left.route.label)}: {left.finding.slug}", "left")
    yield Piece("text", remarks.sentence(left.reason))
    for command in left.commands:
        yield Piece("command", printable(command))
