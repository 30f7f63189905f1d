"""May this plan be applied? Values in, a value out: the command line and the wizard ask here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from wizard.engine.steps import by_hand, foremost, side
from wizard.findings.table import SHOWN_BY_ANSWER
from wizard.model.diagnosis import Diagnosis, Outcome
from wizard.model.permission import OFFERS, Allowed, Ask, Concern, Consent, Reason, Refused
from wizard.model.plan import Offer, OfferKind, Repair
from wizard.model.rehearsal import Rehearsal, Run
from wizard.model.remark import Point
from wizard.model.route_id import RouteId

_OWN_STAGES = frozenset({"access", "rewrite"})
"""Stages at which httpd answers itself."""


def nothing_to_apply(repair: Repair) -> Refused | None:
    """Why a plan changes nothing.

    Returns:
        None: it changes something.
    """
    plan = repair.plan
    if not plan.is_empty:
        return None
    if not plan.unresolved:
        failing = _with_outcome(repair, "fail")
        if failing:
            return Refused(_without_patch(repair), failing)
        undecided = _with_outcome(repair, "unknown")
        return Refused(Reason.UNDETERMINED if undecided else Reason.NOTHING_WRONG, undecided)
    if any(left.needs_choice for left in plan.unresolved):
        return Refused(Reason.CA_UNKNOWN)
    if any(left.handed_over for left in plan.unresolved):
        return Refused(Reason.LEFT_TO_BACKEND)
    return Refused(_without_patch(repair))


def _without_patch(repair: Repair) -> Reason:
    """Where it is to be done what no patch does, or what comes before one."""
    if any(left.reason.point is Point.NAME_FOR_ADDRESS for left in repair.plan.unresolved):
        return Reason.ON_THIS_MACHINE
    failing = (d for d in repair.report.diagnoses if d.reached.outcome == "fail")
    causes = [cause for one in failing for cause in one.findings[:1]]
    causes = causes or [left.finding for left in repair.plan.unresolved]
    first = (foremost(cause) for cause in causes)
    sides = {side(remedy) for remedy in first if remedy is not None}
    if "configuration" in sides:
        return Reason.BY_HAND
    if "machine" in sides:
        return Reason.ON_THIS_MACHINE
    return Reason.BY_HAND if any(map(by_hand, causes)) else Reason.NOT_IN_CONFIGURATION


def _with_outcome(repair: Repair, outcome: Outcome) -> tuple[Concern, ...]:
    return tuple(
        Concern(d.case.route.id, d.reached.reason)
        for d in repair.report.diagnoses
        if d.reached.outcome == outcome
    )


def waits(repair: Repair) -> Refused | None:
    """What has to be so on this machine before a plan may be applied.

    Returns:
        None: it waits for nothing.
    """
    conditions = repair.plan.conditions
    return Refused(Reason.WAITS_FOR_NAME, conditions=conditions) if conditions else None


def still_failing(repair: Repair, rehearsals: Sequence[Rehearsal] = ()) -> tuple[Diagnosis, ...]:
    """Routes that fail once the plan is applied.

    Args:
        repair: holds the plan, and what was found with it.
        rehearsals: with the plan; where one brought the backend's answer, it counts more.
    """
    works = {one.route for one in rehearsals if one.last.proxied}
    found = repair.after or repair.report
    return tuple(
        one
        for one in found.diagnoses
        if one.reached.outcome == "fail" and one.case.route.id not in works
    )


def is_half(repair: Repair) -> bool:
    """Whether a route that the plan touches, or makes, fails after it, for what the plan leaves."""
    half = (Point.NOT_REPAIRED, Point.BECOMES_A_ROUTE)
    return any(note.point in half for note in repair.plan.notes)


def awaits_ca(repair: Repair) -> bool:
    """Whether the plan leaves something that the configuration could repair, were the CA known."""
    return bool(_open(repair))


def _open(repair: Repair) -> set[RouteId]:
    """The routes for which it is not known which CA to trust."""
    return {left.route for left in repair.plan.unresolved if left.needs_choice}


def decide(
    repair: Repair, rehearsals: Sequence[Rehearsal], consent: Consent
) -> Allowed | Ask | Refused:
    """Whether a plan may be applied.

    Args:
        repair: holds the plan.
        rehearsals: of every route that the plan repairs, and of those that it can touch; empty:
            it could not be rehearsed.
        consent: what the operator has said so far.

    Returns:
        A refusal first, unless ``consent`` overrides it; then one question after the other, unless
        ``consent`` answers it: about an impostor that is let in, each kind of offer, and whether
        to write.
    """
    nothing = nothing_to_apply(repair)
    if nothing is not None:
        return nothing
    for refusal in refusals(repair, rehearsals):
        if refusal.reason not in consent.despite:
            return refusal
    opened = tuple(_opened(repair, rehearsals))
    if opened and Reason.IMPOSTOR_LET_IN not in consent.accepted:
        return Ask(Reason.IMPOSTOR_LET_IN, tuple(Concern(one.route) for one in opened))
    for kind, offers in groupby(sorted(repair.plan.offers, key=_kind), key=_kind):
        reason = OFFERS[kind]
        if reason not in consent.accepted:
            return Ask(reason, tuple(Concern(o.route, offered=o.remark) for o in offers))
    repaired = _repaired(repair)
    played = {rehearsal.route: rehearsal for rehearsal in rehearsals}
    if not consent.write:
        unshown = tuple(_unshown(repaired, played, _of_answers(repair)))
        return Ask(Reason.ONLY_PREDICTED if unshown else Reason.UNCONFIRMED, unshown)
    return Allowed(repair.plan, tuple(repaired))


def _kind(offer: Offer) -> int:
    return list(OfferKind).index(offer.kind)


def _repaired(repair: Repair) -> dict[RouteId, None]:
    """The routes that work once the plan is applied, in its order."""
    left = {left.route for left in repair.plan.unresolved if left.handed_over}
    if repair.after is not None:
        after = repair.after.by_route
        left |= {who for who in _open(repair) if after[who].reached.outcome == "fail"}
    return dict.fromkeys(entry.route for entry in repair.plan.resolved if entry.route not in left)


def refusals(repair: Repair, rehearsals: Sequence[Rehearsal]) -> Iterator[Refused]:
    """What speaks against a plan, whatever the operator says to it; see ``decide``.

    Those that are not ``OVERRIDABLE`` stay.
    """
    if (waiting := waits(repair)) is not None:
        yield waiting
    repaired = _repaired(repair)
    played = {rehearsal.route: rehearsal for rehearsal in rehearsals}
    missing = [Concern(route) for route in repaired if route not in played]
    if missing or not played:
        yield Refused(Reason.NOT_REHEARSED, tuple(missing))
    after = repair.after.by_route if repair.after is not None else {}
    works = {route for route, d in after.items() if d.reached.outcome == "ok"}
    asked = [played[route] for route in repaired if route in played]
    # where httpd keeps everybody out, or answers as was predicted, the second verdict decides
    own = {route: d.verdict.status for route, d in after.items() if d.verdict.stage in _OWN_STAGES}
    silent = [
        one
        for one in asked
        if not (one.last.proxied or (one.kept_out_alike and one.route in works))
        and own.get(one.route, 0) != one.last.status
    ]
    if silent:
        yield Refused(Reason.NO_ANSWER, _concerns(silent))
    broken = [one for one in played.values() if one.breaks]
    if broken:
        yield Refused(Reason.BREAKS_ROUTE, _concerns(broken))
    opened = [one for one in _opened(repair, rehearsals) if not _is_excepted(one.route, repair)]
    if opened:
        yield Refused(Reason.IMPOSTOR_LET_IN, tuple(Concern(one.route) for one in opened))


def _opened(repair: Repair, rehearsals: Sequence[Rehearsal]) -> Iterator[Rehearsal]:
    """Those after which an impostor is let in, as far as the plan has to do with it: it repairs
    the route, or every impostor is refused without the plan. Where the CA is not known, one that
    is let in already is not the plan's doing."""
    repaired, unknown = _repaired(repair), _open(repair)
    for one in rehearsals:
        already = one.route in unknown and one.before.lets_in
        if one.last.lets_in and not already and (one.route in repaired or one.opens):
            yield one


def _is_excepted(route: RouteId, repair: Repair) -> bool:
    """Whether the operator may let an impostor in: a route gets TLS before its CA is known, or
    there is an exception that counts for it: its own, or that of another to the same backend in its
    virtual host, which uses the same ``<Proxy>`` section."""
    if repair.plan.policy != "temporary":
        return route in _open(repair)
    backends = {
        each.id: (each.vhost.source, each.backend.scheme, each.backend.host, each.backend.port)
        for each in repair.report.configuration.routes
    }
    repaired = _repaired(repair)
    return route in repaired or backends.get(route) in {
        backends[each] for each in repaired if each in backends
    }


def _unshown(
    repaired: Iterable[RouteId], played: Mapping[RouteId, Rehearsal], of_answers: set[RouteId]
) -> Iterator[Concern]:
    """The routes whose repair the rehearsal did not show, though it went well."""
    for route in repaired:
        one = played.get(route)
        if one is None:
            continue
        if one.kept_out_alike:
            yield Concern(route, str(one.last.status))
        elif route in of_answers and not one.changes_answer:
            yield Concern(route, str(one.last.status), of_backend=True)


def _of_answers(repair: Repair) -> set[RouteId]:
    """The routes of which a plan repairs what shows in status, Location or cookies alone."""
    slugs: dict[RouteId, set[str]] = {}
    for one in repair.plan.resolved:
        slugs.setdefault(one.route, set()).add(one.slug)
    return {route for route, found in slugs.items() if found <= SHOWN_BY_ANSWER}


def _concerns(rehearsals: Iterable[Rehearsal]) -> tuple[Concern, ...]:
    return tuple(Concern(r.route, _detail(r.last)) for r in rehearsals)


def _detail(run: Run) -> str:
    """Httpd's own words where it does not start; else the status, or why there is none."""
    if not run.started:
        return " ".join(run.errors[:1])
    return run.error if run.status is None else str(run.status)
