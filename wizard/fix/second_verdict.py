"""What the second verdict, on the patched configuration, says of a plan. Pure."""

from __future__ import annotations

from dataclasses import replace

from wizard.findings.table import STRUCTURE_SLUGS
from wizard.fix.decide import best_practice, handover
from wizard.fix.decide.route_repair import SHADOWED, leaf_of
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import FixPlan, Intended, Resolved
from wizard.model.remark import Point, as_told, remark

_SEEN = STRUCTURE_SLUGS.union(
    best_practice.OFF.values(),
    ("engine-off", "verification-optional", "ca-not-configured"),
    ("missing-trailing-slash", SHADOWED),
)
"""What the configuration alone shows, whatever else is wrong."""
_NO_START = ("config", "start")
"""Stages at which httpd refuses a configuration as a whole."""


def told(made: FixPlan, before: Report, after: Report) -> FixPlan:
    """The plan, with what the second verdict says of it."""
    made = handover.with_side_effects(made, pairs(before, after))
    return _with_notes(_judged_again(made, before, after), before, after)


def _judged_again(made: FixPlan, before: Report, after: Report) -> FixPlan:
    """The plan; what it seemed to leave counts as resolved where the second verdict is without it.

    Not for a temporary exception: a check that is off finds nothing.
    """
    if made.policy == "temporary":
        return made
    resolved = {new.case.route.id: _resolved(old, new) for old, new in pairs(before, after)}
    gone = tuple(
        one
        for one in made.unresolved
        if not one.handed_over and one.finding.slug in resolved.get(one.route, ())
    )
    return replace(
        made,
        resolved=made.resolved + tuple(Resolved(one.route, one.finding.slug) for one in gone),
        unresolved=tuple(one for one in made.unresolved if one not in gone),
    )


def _resolved(old: Diagnosis, new: Diagnosis) -> set[str]:
    """The findings of a failing route that a plan resolves, whomever it was made for.

    Of a route that fails afterwards too, the new cause may hide others than its old one.
    """
    was, is_now = old.case.route, new.case.route
    touched = was.backend.url != is_now.backend.url or old.reached.stage in _NO_START
    touched |= any(
        best_practice.value(was, name) != best_practice.value(is_now, name)
        for name in best_practice.FIELDS
    )
    if old.reached.outcome != "fail" or new.reached.outcome == "unknown" or not touched:
        return set()
    there = {f.slug for f in old.findings}
    if new.reached.outcome == "fail":
        there &= _SEEN.union(f.slug for f in old.findings[: bool(new.findings)])
    return there - {f.slug for f in new.findings}


def _with_notes(made: FixPlan, before: Report, after: Report) -> FixPlan:
    """The plan, with notes on what fails after it, and with the causes that it left unsaid.

    A backend that is reached may answer an error; correcting a misspelt ProxyPass adds a route that
    was not diagnosed before. Where httpd does not start, no route is repaired.
    """
    known = before.by_route
    planned = {entry.route for entry in made.resolved}
    planned |= {route for route, change in made.intended.items() if change != Intended()}
    handed = handover.by_route(made)
    said = {(left.route, left.finding.slug) for left in made.unresolved}
    notes, unsaid = [], []
    for one in after.diagnoses:
        if one.reached.outcome != "fail":
            continue
        if answers(one):
            point = Point.BACKENDS_OWN_ANSWER
        elif one.case.route.id not in known:
            point = Point.BECOMES_A_ROUTE
        elif one.reached.stage in _NO_START or (
            one.case.route.id in planned and not handover.explains(one, handed)
        ):
            point = Point.NOT_REPAIRED
            route, causes = one.case.route, one.findings[:1]
            unsaid += [
                handover.explained(cause, one.case, route, leaf_of(one.case), None)
                for cause in causes
                if (route.id, cause.slug) not in said
            ]
        else:
            continue
        notes.append(remark(point, route=one.case.route.id.label, why=as_told(one.reached.reason)))
    return replace(
        made, notes=made.notes + tuple(notes), unresolved=made.unresolved + tuple(unsaid)
    )


def answers(diagnosis: Diagnosis) -> bool:
    """Whether httpd passes on the backend's answer, though it is an error.

    What httpd makes of an answer that it cannot pass on has another status, or the answer none.
    """
    probe = diagnosis.case.probe
    answered = probe.http.status if probe is not None and probe.http is not None else None
    passed = answered is not None and answered == diagnosis.reached.status
    return passed and [f.slug for f in diagnosis.findings[:1]] == ["backend-error-status"]


def pairs(before: Report, after: Report) -> list[tuple[Diagnosis, Diagnosis]]:
    """The diagnoses before and after of each route that exists in both."""
    there = after.by_route
    return [(old, there[route]) for route, old in before.by_route.items() if route in there]
