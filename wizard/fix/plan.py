"""The plan: the repairs of all routes as one consistent set of edits.

Pure: the same report, choice and trust give the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from wizard.fix.comments import outdated
from wizard.fix.decide import best_practice, temporary_exceptions
from wizard.fix.decide.decide import decide_route
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place import (
    backend_urls,
    balancer_members,
    cures,
    permitted,
    positions,
    refused_directives,
    route_order,
)
from wizard.fix.place.bundle_files import Bundles
from wizard.fix.place.pinned import Pinned
from wizard.fix.place.placer import Placer
from wizard.fix.place.reach import Reach
from wizard.fix.source.draft import Draft
from wizard.model.config import LONGEST_EXCEPTION, Route, TemporaryException
from wizard.model.diagnosis import Report
from wizard.model.plan import (
    Condition,
    FixChoice,
    FixPlan,
    NewFile,
    Offer,
    Resolved,
    RouteTrust,
    TrustChoice,
    TrustFound,
    Unresolved,
)
from wizard.model.remark import ChoiceError, Point, Remark, Value, as_told, remark
from wizard.model.route_id import RouteId


def make(
    report: Report,
    choice: FixChoice,
    trust: TrustFound,
    *,
    leave: Mapping[RouteId, Remark] | None = None,
    uncured: Mapping[tuple[RouteId, str], Remark] | None = None,
) -> FixPlan:
    """The plan for a whole report.

    Args:
        report: every failing or weak route of it is repaired, if configuration can do that.
        choice: the operator's.
        trust: from ``trust.find`` for the same report.
        leave: routes whose TLS settings stay as they are, and why: a repair that was tried and
            would not help.
        uncured: findings, by route and slug, whose lines were tried, and why they would not help.

    Returns:
        The plan; empty when nothing is wrong or nothing can be repaired here.
    """
    draft = Draft(report.configuration.files)
    repaired = refused_directives.repair(report.configuration, draft)
    repairs: list[RouteRepair] = []
    pinned = Pinned(report.configuration.routes)
    release = report.configuration.httpd.release
    written_out = choice.policy == "production" and not choice.minimal
    in_full = written_out and not permitted.refused(best_practice.WRITTEN_OUT, release)
    for diagnosis in report.diagnoses:
        route = repaired.route(diagnosis.case.route)
        repair = decide_route(
            diagnosis,
            route,
            trust.routes.get(route.id, RouteTrust()),
            choice,
            pending=repaired.pending.get(route.id, {}),
            in_full=in_full,
            addition=trust.additions.get(route.id),
            kept=(leave or {}).get(route.id),
        )
        if repair is not None:
            added = repair.trust.certificates if repair.trust is not None else ()
            beside = () if repair.alone else pinned.of(diagnosis.case, added)
            kept = replace(repair, pinned=beside)
            kept = route_order.put_in_order(draft, report.configuration, kept)
            repairs.append(_without(kept, repaired))
    repairs, failed = balancer_members.alike(repairs)
    bundles = Bundles(trust.place)
    by_route = {w.route.id: w for w in repairs}
    desired: dict[RouteId, Mapping[str, str]] = {key: w.settings for key, w in by_route.items()}
    placer = Placer(draft, Reach(draft, repaired.configuration, desired), bundles, release)
    failed |= {
        key: reason
        for key, repair in by_route.items()
        if (reason := permitted.refused(repair.settings, release))
    }
    placed = []
    for unit in positions.units(repaired.configuration, draft):
        keys = [r.id for r in unit.routes]
        members = [by_route[key] for key in keys if key in by_route and key not in failed]
        for repair in members:
            problem = backend_urls.rewrite(draft, unit, repair)
            if problem:
                failed[repair.route.id] = problem
        members = [w for w in members if w.route.id not in failed]
        placed.append((unit, placer.groups(members)))
    for unit, groups in placed:
        failed |= placer.place(unit, groups)
    done = [w for w in repairs if w.route.id not in failed]
    _comments(draft, repaired.configuration.routes, done, choice.until)
    files = bundles.new_files(failed)
    cured = cures.write(draft, repaired.configuration, report.diagnoses, uncured or {})
    made = _with_cures(_plan(choice, draft, files, repairs, failed), cured)
    made = _with_comments(made, draft, report.configuration.routes)
    return replace(made, notes=made.notes + bundles.notes) if files else made


def _with_cures(made: FixPlan, cured: cures.Cured) -> FixPlan:
    """The plan with what is written for the findings of answers."""
    return replace(
        made,
        resolved=tuple(dict.fromkeys((*made.resolved, *cured.resolved))),
        unresolved=tuple(dict.fromkeys((*made.unresolved, *cured.unresolved))),
        intended=cured.merged(made.intended),
    )


def _with_comments(made: FixPlan, draft: Draft, routes: Sequence[Route]) -> FixPlan:
    """The plan with the comments that it makes wrong."""
    comments = outdated.found(draft, made.edits, routes, made.intended)
    told = (*made.notes, *outdated.notes(comments))
    return replace(made, comments=comments, notes=tuple(dict.fromkeys(told)))


def check_choice(choice: FixChoice, today: date) -> None:
    """Refuses a temporary exception without a last day, or with one in the past or far ahead.

    Raises:
        UsageError: the choice is such a one, or names a last day without an exception.
    """
    if choice.policy != "temporary":
        if choice.until is not None:
            raise ChoiceError(remark(Point.DAY_WITHOUT_EXCEPTION))
        return
    if choice.until is None:
        raise ChoiceError(remark(Point.EXCEPTION_WITHOUT_DAY))
    if choice.until < today:
        raise ChoiceError(remark(Point.DAY_IS_OVER, day=choice.until))
    if choice.until - today > LONGEST_EXCEPTION:
        latest, days = today + LONGEST_EXCEPTION, LONGEST_EXCEPTION.days
        raise ChoiceError(remark(Point.DAY_IS_TOO_FAR, day=choice.until, days=days, latest=latest))


def _without(repair: RouteRepair, repaired: refused_directives.Repaired) -> RouteRepair:
    """A repair without the refused directives that could not be repaired."""
    if not repaired.left:
        return repair
    stuck = {"directive-not-allowed-here", "unknown-directive"}
    told = as_told("; ".join(f"{place}: {why}" for place, why in repaired.left.items()))
    staying = [
        Unresolved(repair.route.id, f, told)
        for f in repair.resolved
        if f.slug in stuck and any(place in line for line in f.evidence for place in repaired.left)
    ]
    kept = tuple(f for f in repair.resolved if not any(u.finding is f for u in staying))
    return replace(repair, resolved=kept, unresolved=(*repair.unresolved, *staying))


def _comments(
    draft: Draft, routes: Sequence[Route], repairs: Sequence[RouteRepair], until: date | None
) -> None:
    """The comments of temporary exceptions that this plan ends, or gives a new last day."""
    by_route = {w.route.id: w for w in repairs}
    covered: dict[TemporaryException, list[RouteRepair | None]] = {}
    for route in routes:
        for exception in route.exceptions:
            covered.setdefault(exception, []).append(by_route.get(route.id))
    for exception, covering in covered.items():
        place = exception.source
        if until is not None and any(w and exception in w.renewed for w in covering):
            body = temporary_exceptions.comment(until, exception.slug, exception.settings)
            reason = "the temporary exception gets a new last day"
            draft.replace_comment(place.file, place.line, [body], reason)
        elif all(w and w.ends_exceptions for w in covering):
            draft.replace_comment(place.file, place.line, [], "the temporary exception is over")


def _hosts_together(notes: Sequence[Remark]) -> list[Remark]:
    """The notes, those on one Host that several routes get as one, where the first stands."""
    routes: dict[Value, dict[str, None]] = {}
    for note in notes:
        if note.point is Point.HOST_CHANGES:
            told = dict(note.values)
            routes.setdefault(told["host"], {})[str(told["route"])] = None
    told_once = {}
    for host, (first, *others) in routes.items():
        whose = f"{first} and {len(others)} more" if others else first
        told_once[host] = remark(Point.HOST_CHANGES, route=whose, host=host)
    return [
        told_once[dict(note.values)["host"]] if note.point is Point.HOST_CHANGES else note
        for note in notes
    ]


def _plan(
    choice: FixChoice,
    draft: Draft,
    new_files: tuple[NewFile, ...],
    repairs: Sequence[RouteRepair],
    failed: Mapping[RouteId, Remark],
) -> FixPlan:
    resolved: list[Resolved] = []
    unresolved: list[Unresolved] = []
    taken: dict[tuple[str, ...], TrustChoice] = {}
    notes: list[Remark] = []
    offers: list[Offer] = []
    conditions: dict[str, Condition] = {}
    for repair in repairs:
        unresolved += repair.unresolved
        problem = failed.get(repair.route.id)
        if problem:
            unresolved += [Unresolved(repair.route.id, f, problem) for f in repair.resolved]
            continue
        resolved += [Resolved(repair.route.id, f.slug) for f in repair.resolved]
        notes += repair.notes
        offers += repair.offers
        if (found := repair.condition) is not None:
            first = conditions.setdefault(found.name, found)
            routes = tuple(dict.fromkeys((*first.routes, *found.routes)))
            conditions[found.name] = replace(first, routes=routes)
        if repair.trust is not None and not repair.keep:
            key = tuple(c.sha256 for c in repair.trust.certificates)
            taken.setdefault(key, repair.trust)
    return FixPlan(
        policy=choice.policy,
        edits=draft.edits(),
        new_files=new_files,
        resolved=tuple(dict.fromkeys(resolved)),
        unresolved=tuple(dict.fromkeys(unresolved)),
        trust=tuple(taken.values()),
        offers=tuple(offers),
        conditions=tuple(conditions.values()),
        notes=tuple(dict.fromkeys(_hosts_together(notes))),
        intended={w.route.id: w.intended for w in repairs if w.route.id not in failed},
    )
