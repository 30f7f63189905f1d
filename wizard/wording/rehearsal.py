"""A rehearsal in words: before, after, and where the verdict said otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.model.diagnosis import Diagnosis
from wizard.model.rehearsal import Rehearsal, Run
from wizard.text import printable
from wizard.wording.fold import wrap


def lines(
    rehearsal: Rehearsal, before: Diagnosis | None = None, after: Diagnosis | None = None
) -> Iterator[str]:
    """One rehearsal, one printable line at a time.

    Args:
        rehearsal: of a route.
        before: what was predicted for it; None: nothing was.
        after: what was predicted for the patched configuration.
    """
    yield (
        f"{printable(rehearsal.route.label)}: GET {printable(rehearsal.path)}, "
        f"Host {printable(rehearsal.host)}"
    )
    yield from _performance("before" if rehearsal.after else "now", rehearsal.before, before)
    if rehearsal.after is not None:
        yield from _performance("after", rehearsal.after, after)
    for note in rehearsal.notes:
        yield wrap(printable(note), "  note: ", "    ")


def summary(performance: Run) -> str:
    """One run in a few words, printable."""
    if not performance.started:
        return "httpd does not start"
    if performance.status is None:
        return printable(performance.error)
    gate = (
        f"{performance.kept_out} from httpd's access control; with that set aside "
        if performance.kept_out is not None
        else ""
    )
    if performance.proxied:
        return f"{gate}{performance.status}, the backend's answer"
    return f"{gate}{performance.status} from httpd itself, the backend's answer did not arrive"


def _performance(label: str, run: Run, predicted: Diagnosis | None) -> Iterator[str]:
    yield f"  {label + ':':<8}{summary(run)}"
    for line in (*run.errors, *run.log):
        yield f"    {printable(line)}"
    if run.certificates:
        yield f"    certificates: {printable('; '.join(run.certificates))}"
    if predicted is not None and _differs(run, predicted):
        verdict = predicted.verdict
        yield wrap(
            f"the verdict was {verdict.outcome}, {verdict.status or 'no status'}: "
            f"{printable(verdict.reason or 'no reason')} The rehearsal counts.",
            "    ",
        )


def _differs(run: Run, predicted: Diagnosis) -> bool:
    verdict = predicted.verdict
    if verdict.outcome == "unknown" or predicted.case.route.shadowed_by is not None:
        return False  # nothing was predicted, or not for the route that answers
    if not run.started:
        return verdict.outcome == "ok"
    return run.proxied != (verdict.outcome == "ok")
