"""``--format text``: for people, at a glance; with ``-v`` everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wizard.cli import heading, output
from wizard.cli.formats.counted import counts
from wizard.cli.formats.glance import BRIEF, DETAILS, Glance, title
from wizard.findings import shell
from wizard.text import printable
from wizard.wording import entries, next_step
from wizard.wording.entries import Entry
from wizard.wording.fold import width, wrap

if TYPE_CHECKING:
    from wizard.model.config import Problem
    from wizard.model.diagnosis import Report
    from wizard.model.plan import FixPlan

_PROBLEMS = {"warning": ("yellow", "note"), "reload": ("yellow", "at a reload")}
"""Style and label of a problem, by its phase; the rest are errors."""
_SCREENS = {1: 16, 2: 24, 3: 30}
"""Rows that a report is to fit into, by the number of causes, if it can be said in so few."""
_MOST_PROBLEMS = 5
_MOST_RECALLED = 12
"""Entries that the summary names again."""


def write(report: Report, *, verbose: bool, plan: FixPlan | None = None) -> None:
    """Write the report to stdout.

    Args:
        report: it.
        verbose: with everything that is known.
        plan: as ``wizard.engine.engine.Engine.outlook`` makes it; None: it is not known.
    """
    palette = output.Palette()
    if verbose:
        from wizard.cli.formats import text_verbose

        output.write(text_verbose.render(report, palette))
    else:
        output.write(render(report, palette, plan))


def render(report: Report, palette: output.Palette, plan: FixPlan | None = None) -> str:
    """The report as text, ready to print."""
    found = entries.of(report)
    head = [*heading.lines(report.configuration)]
    if report.configuration.partial:
        head.append("  note: a lone virtual host file; httpd's defaults stand for the rest")
    head += _problems(report, found, palette)
    end = [*_summary(report, found, palette), *_next(report, found, plan, palette)]
    glance = Glance(report, plan, palette)
    rows = _entries(glance, found, len(head) + len(end))
    return "\n".join([*head, *rows, "", *end]) + "\n"


def _entries(glance: Glance, found: Sequence[Entry], others: int) -> list[str]:
    """The rows of all entries: the worst as fully as there is room on a screen.

    Args:
        glance: makes them.
        found: the entries, the worst first.
        others: rows of the report besides.
    """
    causes = [entry for entry in found if entry.state == found[0].state]
    most = _SCREENS.get(len(causes), 0) - others - 1
    rows: list[str] = []
    for detail in DETAILS if len(causes) in _SCREENS else (BRIEF,):
        rows = [row for entry in causes for row in ("", *glance.entry(entry, detail))]
        if len(rows) <= most:
            break
    rest = found[len(causes) :]
    return rows + [row for entry in rest for row in ("", *glance.entry(entry, BRIEF))]


def _problems(report: Report, found: Sequence[Entry], palette: output.Palette) -> Iterator[str]:
    """What is wrong with the configuration itself, but for what an entry says."""
    said = {place for entry in found for place in _places(entry)}
    left = [
        one
        for one in report.configuration.problems
        if f"{one.file}:{one.line}" not in said and one.file not in said
    ]
    for problem in left[:_MOST_PROBLEMS]:
        yield from _problem(problem, palette)
    if len(left) > _MOST_PROBLEMS:
        yield f"  and {len(left) - _MOST_PROBLEMS} more: see check -v"


def _places(entry: Entry) -> Iterator[str]:
    for finding in (entry.cause, *entry.also):
        if finding is not None:
            yield finding.place


def _problem(problem: Problem, palette: output.Palette) -> list[str]:
    style, label = _PROBLEMS.get(problem.phase, ("red", "error"))
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    hint = f" {problem.hint.rstrip('.')}." if problem.hint else ""
    told = wrap(printable(f"{place}: {problem.message}{hint}", 300), f"  {label}: ", "    ")
    return told.replace(label, palette(label, style), 1).split("\n")


def _summary(report: Report, found: Sequence[Entry], palette: output.Palette) -> Iterator[str]:
    yield counts(report, palette)
    failing = [entry for entry in found if entry.state == "FAIL"]
    for entry in failing[:_MOST_RECALLED]:
        cause = printable(entry.cause.slug if entry.cause else entry.first.verdict.reason, 60)
        yield f"{palette('FAIL', 'bold', 'red')}  {title(entry)}   {palette(cause, 'bold')}"
    if len(failing) > _MOST_RECALLED:
        yield f"      and {len(failing) - _MOST_RECALLED} more causes"


def _next(
    report: Report, found: Sequence[Entry], plan: FixPlan | None, palette: output.Palette
) -> Iterator[str]:
    """Where there is more to read, and what to do; the last line is a command."""
    causes = list(dict.fromkeys(entry.cause.slug for entry in found if entry.cause is not None))
    if causes:
        more = f"proxy-wizard rules {causes[0]}"
        yield f"more: {more if len(causes) == 1 else shell.again('check', report.scope, '-v')}"
    step = next_step.after(report, found, plan) if plan is not None else None
    if step is None:
        return
    command = printable(step.command)
    note = f"   ({step.note})" if step.note else ""
    room = width() - len(f"next: {command}{note}") >= 0
    yield f"next: {palette(command, 'bold')}{note if room else ''}"
    if note and not room:
        yield from wrap(note.strip(), "      ").split("\n")
