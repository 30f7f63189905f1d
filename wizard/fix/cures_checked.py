"""Whether the cures of a plan help, and harm nobody. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from wizard.findings.table import ANSWER_SLUGS
from wizard.model.cure import Cure
from wizard.model.diagnosis import Diagnosis, Finding, Report
from wizard.model.plan import FixPlan, Resolved
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId

Cured = tuple[RouteId, str]
"""A route and the slug of its finding."""


def planned(report: Report, made: FixPlan) -> frozenset[Cured]:
    """The findings whose cures a plan writes."""
    resolved = frozenset(made.resolved)
    return frozenset(
        (route, f.slug)
        for route, one in report.by_route.items()
        for f in one.findings
        if f.cures and Resolved(route, f.slug) in resolved
    )


def useless(
    report: Report, after: Report, made: FixPlan, failing: Mapping[RouteId, Remark]
) -> dict[Cured, Remark]:
    """The cures that are to be taken back, and why: they do not help, or harm a route.

    Args:
        report: what is wrong; with what earlier rounds revealed.
        after: the patched configuration.
        made: the plan for it.
        failing: routes that the plan does not help, or harms, and how.
    """
    written, there = planned(report, made), after.by_route
    why = remark(Point.CURE_WITHOUT_EFFECT)
    found = {
        (route, slug): why
        for route, slug in written
        if (new := there.get(route)) is not None
        and (old := _named(report.by_route[route], slug)) is not None
        and (same := _named(new, slug)) is not None
        and same.severity != "info"
        and not _new_cures(old, same)
    }
    cured = {route for route, _ in written}
    for route, new in there.items():
        was = report.by_route.get(route)
        if was is None or was.reached.outcome != "ok":
            continue
        harm = failing.get(route) if route in cured else None
        if route not in cured | made.intended.keys() and _is_worse(was, new):
            harm = remark(Point.CURE_WOULD_HARM, route=route.label)
        if harm is not None:
            found |= dict.fromkeys(to_blame(written - found.keys(), [route]), harm)
    return found


def to_blame(written: Collection[Cured], failing: Iterable[RouteId]) -> list[Cured]:
    """The cures that may do harm to routes: their own, those of their virtual hosts, or all."""
    routes = set(failing)
    own = [key for key in written if key[0] in routes]
    hosts = {route.vhost for route in routes}
    return own or [key for key in written if key[0].vhost in hosts] or list(written)


def all_of(report: Report, left: Mapping[Cured, Remark]) -> dict[Cured, Remark]:
    """Every cure left out: the last resort."""
    why = remark(Point.REPAIRS_CONTRADICT)
    return {
        (route, f.slug): left.get((route, f.slug), why)
        for route, one in report.by_route.items()
        for f in one.findings
        if f.cures
    }


def with_more(old: Finding, new: Diagnosis) -> Finding:
    """A finding with the cures that only the patched configuration shows to be needed too."""
    same = _named(new, old.slug) if old.cures else None
    more = _new_cures(old, same) if same is not None else ()
    return replace(old, cures=(*old.cures, *more)) if more else old


def as_revealed(finding: Finding) -> Finding:
    """A finding of the patched configuration: lines that it changes are not those of the files."""
    moved = any(cure.replaced is not None for cure in finding.cures)
    return replace(finding, cures=()) if moved else finding


def _named(diagnosis: Diagnosis, slug: str) -> Finding | None:
    return next((f for f in diagnosis.findings if f.slug == slug), None)


def _new_cures(old: Finding, new: Finding) -> tuple[Cure, ...]:
    known = {(cure.where, cure.line) for cure in old.cures}
    fresh = tuple(c for c in new.cures if (c.where, c.line) not in known)
    return () if any(cure.replaced is not None for cure in fresh) else fresh


def _is_worse(old: Diagnosis, new: Diagnosis) -> bool:
    """Whether answers are wrong that were not before."""
    worse = {f.slug for f in new.findings if f.severity != "info"} & ANSWER_SLUGS
    return bool(worse - {f.slug for f in old.findings})
