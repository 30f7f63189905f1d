"""Pieces of a repair: what it looks up on this machine, and which routes it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.fix.decide.route_repair import leaf_of
from wizard.fix.plan import make
from wizard.fix.trust import name_lookup
from wizard.fix.trust import select as trust
from wizard.model.config import Route, SourceFile
from wizard.model.diagnosis import Case, Report
from wizard.model.host_names import folded
from wizard.model.plan import Condition, FixChoice, FixPlan, Repair
from wizard.model.probe import peer
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.model.scope import Assumed
from wizard.x509.peer_names import covers

if TYPE_CHECKING:
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


def outlook(report: Report) -> FixPlan:
    """The plan that a repair of a report begins with.

    Nothing is probed or looked up: what depends on that is left, and no repair was found to work.
    """
    led = {one.name: frozenset({one.address}) for one in report.scope.resolve}
    choice = FixChoice()
    found = trust.find(report, choice, resolve=lambda name: led.get(folded(name), frozenset()))
    return make(report, choice, found)


def look_up(resolver: Resolver | None, assumed: Sequence[Assumed] = ()) -> name_lookup.Resolve:
    """A resolver for callers that cannot wait in a loop of their own.

    Args:
        resolver: None: the system's.
        assumed: names that it is not asked for.
    """
    led = {one.name: frozenset({one.address}) for one in assumed}

    def addresses(name: str) -> frozenset[str]:
        if resolver is None:
            return name_lookup.system_resolver(name)
        import asyncio  # `check --no-probe` starts without it

        return frozenset(asyncio.run(resolver.resolve(name, 0, _LOOK_UP)).addresses)

    return lambda name: led.get(folded(name)) or addresses(name)


def completed(repair: Repair, resolver: Resolver | None) -> Repair:
    """The repair, whose plan has it as a condition what was assumed and is not so, and notes on the
    files to edit.

    Args:
        repair: made with names that were assumed.
        resolver: as for ``look_up``.
    """
    led = {one.name: one for one in repair.report.scope.resolve}
    there = repair.after.by_route if led and repair.after is not None else {}
    resting: dict[Assumed, dict[RouteId, None]] = {}
    for entry in repair.plan.resolved:
        found = peer(there[entry.route].case.route) if entry.route in there else None
        if found is not None and (one := led.get(folded(found[0]))) is not None:
            resting.setdefault(one, {})[entry.route] = None
    really = look_up(resolver)
    conditions = [
        Condition(one.name, one.address, tuple(routes), tuple(sorted(now)))
        for one, routes in resting.items()
        if one.address not in (now := really(one.name))
    ]
    notes = repair.plan.notes + other_names(repair.plan, repair.report.configuration.files)
    conditions = [*repair.plan.conditions, *conditions]
    return replace(repair, plan=replace(repair.plan, notes=notes, conditions=tuple(conditions)))


def unneeded(assumed: Sequence[Assumed], cases: Sequence[Case]) -> tuple[Assumed, ...]:
    """Names that httpd looks up for none of some routes, and that no certificate is for.

    Args:
        assumed: these.
        cases: probed, or not.
    """
    looked_up = {folded(found[0]) for case in cases if (found := peer(case.route))}
    leaves = [leaf for case in cases if (leaf := leaf_of(case)) is not None]
    return tuple(
        one
        for one in assumed
        if one.name not in looked_up and not any(covers(leaf, one.name) for leaf in leaves)
    )


def routes(repair: Repair, asked: Route | None) -> dict[RouteId, Route]:
    """The routes of a report, one of them with the request that is asked for."""
    found = {d.case.route.id: d.case.route for d in repair.report.diagnoses}
    if asked is not None:
        found[asked.id] = asked
    return found
