"""What the operator sees before the question whether to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import FixPlan, Repair, TrustChoice, Unresolved
from wizard.model.rehearsal import Rehearsal
from wizard.model.remark import Point
from wizard.text import fingerprint, printable
from wizard.wording import certificate, patch, plan, rehearsal, remarks
from wizard.wording.pieces import Piece
from wizard.wording.route import several

MOST_LINES: Final = 12
"""Changed lines that are shown before the question: with the rest a screen of 24 rows."""
_HALF: Final = 16 * 3
"""Characters of 16 bytes with their colons."""
_SAID: Final = frozenset(
    {
        Point.BUNDLE_GOES_TO, Point.NOT_WRITTEN_TO, Point.NOT_CONSIDERED,
        Point.NOT_CONSIDERED_BY_LINK, Point.NOT_CONSIDERED_EITHER, Point.NOT_REPAIRED,
    }
)  # fmt: skip
"""Notes of a plan that tell how it was made, or what stands here already."""
NEXT: Final = (
    "backup, httpd -t, graceful reload, one request to each repaired route. If httpd -t or the "
    "reload fails, the old files are put back."
)
"""What happens after a yes."""
_NEXT_WITHOUT_RELOAD: Final = (
    "backup, httpd -t. If that fails, the old files are put back. httpd is not reloaded "
    "(--no-reload)."
)


def pieces(
    repair: Repair,
    diff: bytes,
    played: Sequence[Rehearsal],
    failing: Sequence[Diagnosis],
    *,
    reload: bool = True,
) -> Iterator[Piece]:
    """What a plan changes, what comes of it, and what happens after a yes.

    Args:
        repair: holds the plan.
        diff: the plan as a patch.
        played: rehearsals of what it touches; empty: it was not rehearsed.
        failing: routes that fail afterwards, as ``wizard.engine.gate.still_failing`` gives them.
        reload: httpd is to be reloaded.
    """
    changed = patch.files(diff, repair.sources)
    yield Piece("heading", "changed files:")
    for file in changed:
        yield Piece("text", f"{file.path}   {_counts(file)}")
    for edit in repair.plan.edits:
        yield from plan.shared(edit)
    yield from _trusted(repair.plan)
    if played:
        yield Piece("heading", "tried in a throw-away httpd:")
        yield from rehearsal.brief(played)
    yield from still(failing, repair.plan, reasons=False)
    yield from cautions(repair.plan)
    lines = tuple(_lines(changed))
    if lines:
        yield Piece("heading", "changed lines:")
        yield from lines
    yield Piece("note", NEXT if reload else _NEXT_WITHOUT_RELOAD, "then")


def cautions(made: FixPlan, *, wizard: bool = False) -> Iterator[Piece]:
    """What follows from a plan, and is not only how it was made.

    Args:
        made: the plan.
        wizard: for the wizard.
    """
    for note in made.notes:
        if note.point not in _SAID:
            yield Piece("caution", remarks.sentence(note, wizard=wizard))


def still(
    failing: Sequence[Diagnosis], made: FixPlan, *, reasons: bool = True, wizard: bool = False
) -> Iterator[Piece]:
    """Routes that fail after a plan; those of one virtual host with the same cause together.

    Args:
        failing: diagnoses of the configuration as the plan makes it.
        made: the plan, which leaves them.
        reasons: also why it does.
        wizard: for the wizard.
    """
    causes: dict[tuple[str | None, str, str], list[str]] = {}
    for one in failing:
        left = _left(one, made)
        findings = one.findings if left is None else (left.finding,)
        cause = findings[0].slug if findings else one.verdict.reason
        reason = "" if left is None else remarks.sentence(left.reason, wizard=wizard)
        where = one.case.route.id
        causes.setdefault((where.server_name, cause, reason), []).append(where.label)
    if causes:
        yield Piece("heading", "still fails afterwards:")
    for (_, cause, reason), labels in causes.items():
        yield Piece("caution", f"{several(labels)}   {printable(cause)}")
        if reason and reasons:
            yield Piece("text", reason, "why")


def _left(failing: Diagnosis, made: FixPlan) -> Unresolved | None:
    """What a plan says of a route's cause, or else of its first finding that it leaves."""
    cause = failing.findings[0].slug if failing.findings else ""
    found = [left for left in made.unresolved if left.route == failing.case.route.id]
    return min(found, key=lambda left: left.finding.slug != cause, default=None)


def _counts(file: patch.Changed) -> str:
    if file.new:
        pem = f" ({file.pem} lines of PEM)" if file.pem else ""
        return f"new{pem}"
    counts = ((file.added, "+"), (file.removed, "-"))
    return " ".join(f"{sign}{count}" for count, sign in counts if count)


def _trusted(made: FixPlan) -> Iterator[Piece]:
    if made.trust:
        yield Piece("heading", "trusted for backends:")
    for trust in made.trust:
        yield from _choice(trust)


def _choice(trust: TrustChoice) -> Iterator[Piece]:
    root, *others = trust.certificates
    yield Piece("text", f"{certificate.called(root.subject)}   until {root.not_after:%Y-%m-%d}")
    digits = fingerprint(root.sha256)  # in two rows, which are compared one after the other
    yield Piece("quote", digits[:_HALF], "SHA-256")
    yield Piece("quote", digits[_HALF:], " " * len("SHA-256"))
    for one in others:
        yield Piece(
            "text",
            f"with the intermediate {certificate.called(one.subject)}, which the backend does not "
            "send",
        )
    if trust.basis.point is not Point.NAMED_BY_OPERATOR:  # who did so knows it
        yield Piece("text", remarks.sentence(trust.basis))


def _lines(changed: Sequence[patch.Changed]) -> Iterator[Piece]:
    room = MOST_LINES
    more = 0
    for file in changed:
        shown = file.lines[:room]
        more += len(file.lines) - len(shown)
        room -= len(shown)
        below = None
        for line in shown:
            if below is None:
                yield Piece("text", file.path if file.new else f"{file.path}:{line.number}")
            elif line.number > below + 1:
                yield Piece("text", f"line {line.number}")
            below = line.number
            yield Piece("change", line.text, line.sign)
    if more:
        yield Piece(
            "text", f"… {more} more line{'s' * (more != 1)}: proxy-wizard fix shows the patch"
        )
