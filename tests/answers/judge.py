"""Whether the product finds and repairs cases, as httpd itself says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.answers.cases import Case
from tests.answers.world import Stand, world
from wizard.findings.table import ANSWER_SLUGS


def judged(directory: Path, cases: Sequence[Case]) -> dict[str, list[str]]:
    """What is wrong with cases, by name; those are left out with which nothing is.

    Args:
        directory: where files may be made; httpd's user can read it.
        cases: to be found, repaired and asked for again.
    """
    faults: dict[str, list[str]] = {}
    with world(directory, cases) as lab:
        by_name = {stand.case.name: stand for stand in lab.stands}
        with lab.running("before", {n: s.site.read_text() for n, s in by_name.items()}):
            for name, stand in by_name.items():
                faults[name] = [*_not_there(stand), *_not_told(stand), *_changed(stand)]
        with lab.running("after", {n: s.patched for n, s in by_name.items()}):
            for name, stand in by_name.items():
                left = _not_so_after(stand)
                faults[name] += [*left, stand.patched] if left else []
    return {name: said for name, said in faults.items() if said}


def _told(stand: Stand) -> list[str]:
    possible = stand.case.values.get("possible", False)
    found = (f for d in stand.repair.report.diagnoses for f in d.findings)
    return [f.slug for f in found if f.slug in ANSWER_SLUGS and (f.severity == "info") == possible]


def _not_there(stand: Stand) -> list[str]:
    """A case whose sign shows nothing before the repair proves nothing."""
    case = stand.case
    if not case.is_fault or stand.judge.failing(case.request, [case.values["sign"]]):
        return []
    return ["the fault does not show in httpd's answer"]


def _not_told(stand: Stand) -> list[str]:
    case, told = stand.case, _told(stand)
    if "slugs" in case.values and told != case.values["slugs"]:
        return [f"told is {told}"]
    return [] if told or not case.is_fault else ["nothing is told"]


def _changed(stand: Stand) -> list[str]:
    """What is changed of a case in which nothing is to be repaired."""
    unchanged = not stand.case.is_fault or stand.case.values.get("possible", False)
    if unchanged and stand.patched != stand.site.read_text():
        return [f"it is changed:\n{stand.patched}"]
    return []


def _not_so_after(stand: Stand) -> list[str]:
    case = stand.case
    possible = case.values.get("possible", False)
    claims = [case.values["sign"]] if "sign" in case.values and not possible else []
    found = stand.judge.failing(case.request, [*claims, *case.values.get("also", [])])
    for more in case.values.get("and", []):
        found += stand.judge.failing(more["request"], more["assert"])
    return found
