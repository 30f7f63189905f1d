"""Pieces of a repair: what it looks up on this machine, and which routes it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from wizard.model.config import Route, SourceFile
from wizard.model.plan import FixPlan, Repair
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.probe.resolve import Resolver

_LOOK_UP = 5.0
"""Seconds for a name of a backend's certificate."""


def other_names(plan: FixPlan, files: Mapping[str, SourceFile]) -> tuple[Remark, ...]:
    """Files to edit that have hard links: a file that is replaced leaves those as they were."""
    notes = []
    for path in dict.fromkeys(edit.file for edit in plan.edits):
        try:
            links = Path(files[path].real_path if path in files else path).stat().st_nlink
        except OSError:  # gone, or out of reach: the step that writes it reports that
            continue
        if links > 1:
            notes.append(remark(Point.HARD_LINKS, file=path, links=links))
    return tuple(notes)


def look_up(resolver: Resolver) -> Callable[[str], frozenset[str]]:
    """A resolver for callers that cannot wait in a loop of their own."""

    def addresses(name: str) -> frozenset[str]:
        return frozenset(asyncio.run(resolver.resolve(name, 0, _LOOK_UP)).addresses)

    return addresses


def routes(repair: Repair, asked: Route | None) -> dict[RouteId, Route]:
    """The routes of a report, one of them with the request that is asked for."""
    found = {d.case.route.id: d.case.route for d in repair.report.diagnoses}
    if asked is not None:
        found[asked.id] = asked
    return found
