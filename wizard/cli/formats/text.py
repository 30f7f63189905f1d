"""``--format text``: for people, at a glance; with ``-v`` everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wizard.cli import heading, layout, output
from wizard.cli.formats.counted import counts
from wizard.cli.formats.glance import BRIEF, DETAILS, Glance, title
from wizard.text import printable
from wizard.wording import balancer, entries, next_step
from wizard.wording.entries import Entry
from wizard.wording.fold import width, wrap

if TYPE_CHECKING:
    from wizard.model.config import Problem
    from wizard.model.diagnosis import Report
    from wizard.model.plan import FixPlan
    from wizard.wording.next_step import NextStep

PROBLEMS = {"warning": ("yellow", "note"), "reload": ("yellow", "at a reload")}
"""Style and label of a problem, by its phase; the rest are errors."""
_SCREENS = {1: 16, 2: 24, 3: 30}
"""Rows that a report is to fit into, by the number of causes, if it can be said in so few."""
_MOST_PROBLEMS = 5
_MOST_RECALLED = 12
"""Entries that the summary names again."""
_MOST_BALANCERS = 5


def write(report: Report, *, verbose: bool, plan: FixPlan | None = None) -> None:
    """Write the report to stdout.

    Args:
        report: it.
        verbose: with everything that is known.
        plan: as ``wizard.engine.planning.outlook`` makes it; None: there is none.
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
    step = next_step.after(report, found, plan)
    head = [*heading.lines(report.configuration, report.scope.resolve)]
    if report.configuration.partial:
        head.append("  note: a lone virtual host file; httpd's defaults stand for the rest")
    head += _problems(report, palette)
    end = [*_balancers(report), *_summary(report, found, palette), *_next(step, palette)]
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
    worst = [entry for entry in found if entry.state == found[0].state]
    if len(worst) not in _SCREENS:
        worst = []
    shown = [glance.entry(entry, DETAILS[0]) for entry in worst]
    most = _SCREENS.get(len(worst), 0) - others - 1 - len(worst)
    for detail in DETAILS[1:]:
        for place in reversed(range(len(worst))):
            if sum(map(len, shown)) > most:
                shown[place] = glance.entry(worst[place], detail)
    shown += [glance.entry(entry, BRIEF) for entry in found[len(worst) :]]
    return [row for rows in shown for row in ("", *rows)]


def _problems(report: Report, palette: output.Palette) -> Iterator[str]:
    """What is wrong with the configuration itself, but for what an entry says; each once."""
    findings = (f for one in report.diagnoses for f in one.findings if f.severity != "info")
    said = {finding.place for finding in findings}
    problems = report.configuration.problems
    shown = [one for one in problems if said & {one.place, one.file}]
    loaded = {one.modules for one in shown if one.modules}  # their other directives come with them
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for one in problems:
        if one not in shown and one.modules not in loaded:
            alike.setdefault((one.phase, one.message, one.hint), []).append(one)
    for first, *others in list(alike.values())[:_MOST_PROBLEMS]:
        yield from _problem(first, len(others), palette)
    if len(alike) > _MOST_PROBLEMS:
        yield f"  and {len(alike) - _MOST_PROBLEMS} more: see check -v"


def _problem(problem: Problem, others: int, palette: output.Palette) -> list[str]:
    style, label = PROBLEMS.get(problem.phase, ("red", "error"))
    place = problem.place + (f" and {others} other line{'s' * (others > 1)}" if others else "")
    told = f"{place}: {problem.message}"
    if problem.hint:
        told = f"{told.rstrip('.')}. {problem.hint.rstrip('.')}."
    told = wrap(printable(told, 300), f"  {label}: ", "    ")
    return told.replace(label, palette(label, style), 1).split("\n")


def _balancers(report: Report) -> Iterator[str]:
    """What clients get of each balancer that has a member that does not answer well."""
    told = [text for one in report.balancers if (text := balancer.sentence(one))]
    for text in told[:_MOST_BALANCERS]:
        yield from wrap(text, "", "  ").split("\n")
    if len(told) > _MOST_BALANCERS:
        yield f"and {len(told) - _MOST_BALANCERS} more balancers: see --format json"


def _summary(report: Report, found: Sequence[Entry], palette: output.Palette) -> Iterator[str]:
    """How many routes are how well, where there is more to read, and what fails."""
    causes = list(dict.fromkeys(entry.cause.slug for entry in found if entry.cause is not None))
    more = f"more: proxy-wizard rules {causes[0] if len(causes) == 1 else 'NAME'}"
    plain = counts(report, output.Palette(enabled=False))
    beside = not causes or len(f"{plain}   {more}") <= width()
    yield counts(report, palette) + (f"   {more}" if causes and beside else "")
    failing = [entry for entry in found if entry.state == "FAIL"]
    for entry in failing[:_MOST_RECALLED]:
        cause = printable(entry.cause.slug if entry.cause else entry.first.verdict.reason, 60)
        told = wrap(f"{title(entry)}   {cause}", "FAIL  ", "      ")
        told = told.replace("FAIL", palette("FAIL", "bold", "red"), 1)
        yield from told.replace(cause, palette(cause, "bold")).split("\n")
    if len(failing) > _MOST_RECALLED:
        yield f"      and {len(failing) - _MOST_RECALLED} more causes"
    if not beside:
        yield more


def _next(step: NextStep | None, palette: output.Palette) -> Iterator[str]:
    if step is not None:
        yield from layout.next_lines(step, palette)
