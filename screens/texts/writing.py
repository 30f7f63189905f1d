"""The question whether to write: the changed lines first, then what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from screens.texts import changed
from wizard.engine import gate, weakening
from wizard.model.permission import OVERRIDABLE
from wizard.model.remark import Point
from wizard.text import fingerprint
from wizard.wording import certificate, confirmation, permission, remarks

if TYPE_CHECKING:
    from wizard.model.permission import Ask, Consent
    from wizard.model.plan import Repair, TrustChoice
    from wizard.model.rehearsal import Rehearsal

MOST_LINES = 8
"""Changed lines on top: what comes of them is in view as well, at 24 rows."""
_LABEL = 13
"""Columns of the words before a fact."""
_HALF = 16 * 3 - 1
"""Characters of 16 bytes with colons between them."""


@dataclass(frozen=True)
class WriteText:
    """What the operator sees before a yes, drawn at the width of the screen.

    Args:
        title: the question.
        repair: holds the plan.
        patch: the plan as a patch.
        played: its rehearsals.
        spoken: what the operator overrode, and what the question rests on, with their styles.
    """

    title: str
    repair: Repair
    patch: bytes
    played: Sequence[Rehearsal] = ()
    spoken: tuple[tuple[str, str], ...] = ()

    @property
    def weakens(self) -> bool:
        """Whether a check is weakened."""
        return bool(weakening.weakened(self.repair))

    def above(self, width: int) -> Text:
        """The changed lines and what comes of them."""
        text = changed.lines(
            self.repair, self.patch, width, context=0, titled=True, most=MOST_LINES
        )
        text.append("\n")
        for words, style in self.spoken:
            text.append_text(changed.paragraph(Text(words, style), "", width)).append("\n\n")
        last = ""
        for label, told in self._facts():
            text.append(f"{label if label != last else '':<{_LABEL}}", "dim")
            text.append_text(changed.paragraph(told, " " * _LABEL, width)).append("\n")
            last = label
        for choice in self.repair.plan.trust:
            text.append_text(_trusted(choice, width))
        then = changed.paragraph(Text(f"Then: {confirmation.NEXT}", "dim"), "", width)
        return text.append("\n").append_text(then)

    def below(self, width: int) -> Text:
        """The whole patch, without diff headers."""
        text = Text().append("\nThe whole patch\n", "bold")
        return text.append_text(
            changed.lines(self.repair, self.patch, width, context=changed.ALL_CONTEXT, titled=True)
        )

    @property
    def rows(self) -> int:
        """How many lines the whole patch has."""
        return changed.count(self.repair, self.patch)

    def _facts(self) -> Iterator[tuple[str, Text]]:
        yield "Counts for", Text(changed.counts_for(self.repair))
        yield "Checks", changed.checks(self.repair)
        for told in changed.rehearsed(self.played):
            yield "Rehearsal", told
        for told in changed.impostors(self.played):
            yield "Impostor", told
        failing = gate.still_failing(self.repair, self.played)
        for piece in confirmation.still(failing, self.repair.plan, reasons=False, wizard=True):
            if piece.role == "caution":
                yield "Still fails", Text(piece.text, "yellow")
        for piece in confirmation.cautions(self.repair.plan, wizard=True):
            yield "Note", Text(piece.text, "yellow")


def question(
    repair: Repair,
    patch: bytes,
    played: Sequence[Rehearsal],
    asked: Ask,
    consent: Consent,
    accepts: Sequence[str] = (),
) -> WriteText:
    """The last question before a plan is written.

    Args:
        repair: holds the plan.
        patch: the plan as a patch.
        played: its rehearsals.
        asked: the question, as ``wizard.engine.gate.decide`` gives it.
        consent: what the operator has said so far.
        accepts: what a yes accepts besides, printable lines.
    """
    despite = [
        (permission.overridden(reason), "bold red")
        for reason in OVERRIDABLE
        if reason in consent.despite
    ]
    concerns = [(line, "yellow") for line in (*accepts, *permission.concerns(asked))]
    return WriteText(
        permission.question(asked), repair, patch, tuple(played), (*despite, *concerns)
    )


def _trusted(choice: TrustChoice, width: int) -> Text:
    """A CA that httpd is to trust, its fingerprint in full: the operator answers for it."""
    root, *others = choice.certificates
    words = (
        f"{certificate.called(root.subject)}, until {root.not_after:%Y-%m-%d}. Its SHA-256, to be "
        "compared with its owner's:"
    )
    text = Text().append(f"{'Trusted CA':<{_LABEL}}", "dim")
    text.append_text(changed.paragraph(Text(words), " " * _LABEL, width))
    digits = fingerprint(root.sha256)
    # below the words where there is room: its halves are not folded
    indent = " " * (_LABEL if width >= _LABEL + _HALF else 2)
    for half in (digits[:_HALF], digits[_HALF + 1 :]):
        text.append(f"\n{indent}{half}")
    told = [f"With the intermediate {certificate.called(one.subject)}." for one in others]
    if choice.basis.point is not Point.NAMED_BY_OPERATOR:  # who did so knows it
        basis = remarks.sentence(choice.basis, wizard=True)
        told.append(f"{basis[:1].upper()}{basis[1:]}.")
    for each in told:
        text.append(f"\n{' ' * _LABEL}")
        text.append_text(changed.paragraph(Text(each), " " * _LABEL, width))
    return text.append("\n")
