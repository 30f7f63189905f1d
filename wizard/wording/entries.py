"""A report's entries: routes that fail alike are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from wizard.model.diagnosis import Diagnosis, Finding, Remedy, Report
from wizard.record import record

State = Literal["FAIL", "UNKNOWN", "WARN", "SKIP", "OK"]
_STATES: Mapping[str, State] = {"critical": "FAIL", "warning": "WARN", "ok": "OK"}
ORDER: tuple[State, ...] = ("FAIL", "UNKNOWN", "WARN", "SKIP", "OK")
"""The worst first."""


@record
class Entry:
    """Routes with the same cause and the same remedy.

    Args:
        state: how they are.
        diagnoses: of the routes, in the order of the configuration.
        cause: the finding to show, of the first of them; None: no rule knows the cause, or it is
            not a finding.
        places: ``FILE:LINE`` of each line to edit, once.
        also: what else was found in any of them, once.
    """

    state: State
    diagnoses: tuple[Diagnosis, ...]
    cause: Finding | None
    places: tuple[str, ...] = ()
    also: tuple[Finding, ...] = ()

    @property
    def first(self) -> Diagnosis:
        """The route that stands for the others."""
        return self.diagnoses[0]


def state(diagnosis: Diagnosis, *, probed: bool = True) -> State:
    """How a route is, in a word; ``SKIP``: its backend was not asked.

    Args:
        diagnosis: of the route.
        probed: whether backends were to be asked; if not, a weakness is all that can be known.
    """
    if diagnosis.severity != "unknown":
        return _STATES[diagnosis.severity]
    if not probed and _shown(diagnosis):
        return "WARN"
    return "SKIP" if diagnosis.case.probe is None else "UNKNOWN"


def of(report: Report) -> tuple[Entry, ...]:
    """The entries of a report, the worst first; routes that are well have none."""
    groups: dict[tuple[State, tuple[object, ...]], list[Diagnosis]] = {}
    for diagnosis in report.diagnoses:
        word = state(diagnosis, probed=report.probed)
        if word != "OK":
            groups.setdefault((word, tuple(_alike(diagnosis))), []).append(diagnosis)
    made = [_entry(key[0], members) for key, members in groups.items()]
    return tuple(sorted(made, key=lambda entry: ORDER.index(entry.state)))


def best(finding: Finding, where: str | None = None) -> Remedy | None:
    """The remedy to show: the first that changes something.

    Args:
        finding: it.
        where: whose side it is to be, if there is one of that side.
    """
    acts = [remedy for remedy in finding.remedies if not remedy.looks]
    there = [remedy for remedy in acts if remedy.where == where]
    return next(iter(there or acts or finding.remedies), None)


def gets(entry: Entry) -> str:
    """What the client of httpd gets, in a few words; empty: what it wants, or it is not known."""
    verdict = entry.first.verdict
    if entry.state == "SKIP":
        return "not asked"
    if entry.state != "FAIL" or verdict.outcome == "ok":  # an exception that is over still works
        return ""
    if verdict.stage in ("config", "start"):
        return "httpd does not start"
    return f"client gets {verdict.status}" if verdict.status else ""


def _shown(diagnosis: Diagnosis) -> list[Finding]:
    return [finding for finding in diagnosis.findings if finding.severity != "info"]


def _alike(diagnosis: Diagnosis) -> Iterator[object]:
    """What routes of one entry have in common."""
    found = _shown(diagnosis)
    if not found or diagnosis.severity == "unknown":
        yield diagnosis.verdict.reason
    if not found:
        return
    yield diagnosis.verdict.status
    cause, remedy = found[0], best(found[0])
    yield cause.slug
    yield cause.title
    yield remedy
    if remedy is not None and remedy.where in ("backend", "network"):
        backend = diagnosis.case.route.backend
        yield from (backend.scheme, backend.host, backend.port, backend.socket)


def _entry(word: State, members: list[Diagnosis]) -> Entry:
    causes = [found[0] for one in members if (found := _shown(one))]
    cause = causes[0] if causes and word in ("FAIL", "WARN") else None
    also = tuple(_others(members, cause))
    if cause is None:
        return Entry(word, tuple(members), None, also=also)
    places = tuple(dict.fromkeys(one.place for one in causes if one.place))
    return Entry(word, tuple(members), cause, places, also)


def _others(members: Iterable[Diagnosis], cause: Finding | None) -> Iterator[Finding]:
    """What else was found, once."""
    seen = {cause.slug} if cause is not None else set()
    for finding in (finding for one in members for finding in _shown(one)):
        if finding.slug not in seen:
            seen.add(finding.slug)
            yield finding
