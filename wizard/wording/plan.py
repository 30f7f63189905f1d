"""A plan in words, for stderr: what each edit does, what is left and who can do it."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.model.plan import Edit, FixPlan, Unresolved
from wizard.text import fingerprint, printable
from wizard.wording import remarks
from wizard.wording.fold import wrap


def lines(plan: FixPlan) -> Iterator[str]:
    """The plan, one printable line at a time."""
    for edit in plan.edits:
        yield from _edit(edit)
    for file in plan.new_files:
        yield f"{printable(file.path)}: new file"
        yield wrap(printable(file.reason), "    ")
    for trust in plan.trust:
        for certificate in trust.certificates:
            yield f"trust: {printable(certificate.subject)}"
            yield f"    SHA-256 {fingerprint(certificate.sha256)}"
        yield wrap(remarks.sentence(trust.basis), "    ")
    for entry in plan.repairs:
        yield f"repairs: {printable(entry)}"
    for left in plan.left:
        yield from _unresolved(left)
    for note in plan.notes:
        yield wrap(remarks.sentence(note), "note: ", "    ")


def _edit(edit: Edit) -> Iterator[str]:
    yield f"{printable(edit.file)}:{edit.first_line}: {_what(edit)}"
    for line in edit.new_lines:
        yield f"    {printable(line.decode('utf-8', 'surrogateescape').strip())}"
    yield wrap(printable(edit.reason), "    ")
    if edit.affects:
        yield wrap(f"counts for {printable(', '.join(edit.affects))} as well", "    ")


def _what(edit: Edit) -> str:
    if edit.last_line < edit.first_line:
        return "insert"
    return "change to" if edit.new_lines else "delete"


def _unresolved(left: Unresolved) -> Iterator[str]:
    yield f"left: {printable(left.route.label)}: {left.finding.slug}"
    yield wrap(remarks.sentence(left.reason), "    ")
    for command in left.commands:
        yield f"        {printable(command)}"  # on a line of its own: it is there to be copied
