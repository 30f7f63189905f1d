"""Whether a plan may be applied, on plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import FAILING, FINDING, report
from wizard.engine.gate import decide, nothing_to_apply
from wizard.model.diagnosis import Diagnosis
from wizard.model.permission import (
    OVERRIDABLE,
    Allowed,
    Ask,
    Concern,
    Consent,
    Reason,
    Refused,
)
from wizard.model.plan import (
    FixPlan,
    NewFile,
    Offer,
    OfferKind,
    Repair,
    Resolved,
    Unresolved,
)
from wizard.model.rehearsal import Rehearsal, Run
from wizard.model.remark import as_told

ROUTE = FAILING.case.route.id
OTHER = replace(ROUTE, path="/other")
NOTHING_SAID = Consent(False, frozenset())
YES = Consent(True, frozenset())
WORKS = Run(True, status=200, backend_status=200, proxied=True)
FAILS = Run(True, status=502)
SILENT = Run(True, error="no answer within 15 s")
DEAD = Run(False, errors=("AH00526: Syntax error", "more"))
KEPT_OUT = Run(True, status=403)
PLAN = FixPlan(
    "production", (), (NewFile("/etc/ca.pem", b"x", ""),), (Resolved(ROUTE, FINDING.slug),)
)
GOOD = replace(FAILING, verdict=replace(FAILING.verdict, outcome="ok"))


def repair(plan: FixPlan = PLAN, after: Diagnosis = GOOD) -> Repair:
    return Repair(
        replace(report(), diagnoses=(FAILING,)), plan, replace(report(), diagnoses=(after,))
    )


def played(before: Run, after: Run, route: object = ROUTE) -> Rehearsal:
    assert route in (ROUTE, OTHER)
    return Rehearsal(ROUTE if route == ROUTE else OTHER, "h", "/", before, after)


def test_a_repair_that_brings_the_answer_is_asked_about_and_allowed() -> None:
    rehearsals = (played(FAILS, WORKS),)
    assert decide(repair(), rehearsals, NOTHING_SAID) == Ask(Reason.UNCONFIRMED)
    assert decide(repair(), rehearsals, YES) == Allowed(repair().plan, (ROUTE,))


@pytest.mark.parametrize(
    ("after", "detail"),
    [(FAILS, "502"), (SILENT, "no answer within 15 s"), (DEAD, "AH00526: Syntax error")],
)
def test_a_repair_that_brings_no_answer_is_refused(after: Run, detail: str) -> None:
    refused = Refused(Reason.NO_ANSWER, (Concern(ROUTE, detail),))
    assert decide(repair(), (played(FAILS, after),), YES) == refused


def test_a_route_that_works_must_go_on_working() -> None:
    rehearsals = (played(FAILS, WORKS), played(WORKS, FAILS, OTHER))
    refused = Refused(Reason.BREAKS_ROUTE, (Concern(OTHER, "502"),))
    assert decide(repair(), rehearsals, YES) == refused


def test_a_neighbour_that_fails_as_before_is_no_objection() -> None:
    rehearsals = (played(FAILS, WORKS), played(FAILS, DEAD, OTHER))
    assert decide(repair(), rehearsals, YES) == Allowed(repair().plan, (ROUTE,))


def test_a_route_that_nobody_rehearsed_is_refused() -> None:
    assert decide(repair(), (), YES) == Refused(Reason.NOT_REHEARSED, (Concern(ROUTE),))
    neighbour = (played(WORKS, WORKS, OTHER),)
    assert decide(repair(), neighbour, YES) == Refused(Reason.NOT_REHEARSED, (Concern(ROUTE),))


def test_where_httpd_keeps_everybody_out_the_verdict_counts_and_it_is_told() -> None:
    rehearsals = (played(KEPT_OUT, KEPT_OUT),)
    asked = Ask(Reason.ONLY_PREDICTED, (Concern(ROUTE, "403"),))
    assert decide(repair(), rehearsals, NOTHING_SAID) == asked
    assert decide(repair(), rehearsals, YES) == Allowed(repair().plan, (ROUTE,))
    refused = Refused(Reason.NO_ANSWER, (Concern(ROUTE, "403"),))
    assert decide(repair(after=FAILING), rehearsals, YES) == refused
    assert decide(repair(), (played(FAILS, KEPT_OUT),), YES) == refused


def test_what_is_left_to_the_backends_side_need_not_work() -> None:
    left = Unresolved(ROUTE, FINDING, as_told(""), handed_over=True)
    plan = replace(PLAN, unresolved=(left,))
    assert decide(repair(plan), (played(FAILS, FAILS),), YES) == Allowed(plan, ())


def test_an_override_is_for_its_refusal_alone() -> None:
    rehearsals = (played(FAILS, FAILS), played(WORKS, FAILS, OTHER))
    found = []
    despite: frozenset[Reason] = frozenset()
    while isinstance(decision := decide(repair(), rehearsals, Consent(False, despite)), Refused):
        found.append(decision.reason)
        despite |= {decision.reason}
    assert found == [Reason.NO_ANSWER, Reason.BREAKS_ROUTE]
    assert decision == Ask(Reason.UNCONFIRMED)
    assert decide(repair(), rehearsals, Consent(True, despite)) == Allowed(repair().plan, (ROUTE,))
    unshown = Consent(True, frozenset({Reason.NOT_REHEARSED}))
    assert decide(repair(), (), unshown) == Allowed(repair().plan, (ROUTE,))


def test_each_kind_of_offer_is_a_question_of_its_own() -> None:
    remarks = [as_told(str(number)) for number in range(4)]
    plan = replace(
        PLAN,
        offers=(
            Offer(OfferKind.CERTIFICATE_NAME, ROUTE, remarks[0]),
            Offer(OfferKind.FOUND_CA, OTHER, remarks[1]),
            Offer(OfferKind.FOUND_CA, ROUTE, remarks[2]),
            Offer(OfferKind.PUBLIC_CA, ROUTE, remarks[3]),
        ),
    )
    rehearsals = (played(FAILS, WORKS),)
    found = []
    consent = YES  # to write says nothing about offers
    while isinstance(decision := decide(repair(plan), rehearsals, consent), Ask):
        found.append((decision.reason, [one.offered for one in decision.concerns]))
        consent = consent.to(decision.reason)
    assert found == [
        (Reason.FOUND_CA, remarks[1:3]),
        (Reason.PUBLIC_CA, remarks[3:]),
        (Reason.CERTIFICATE_NAME, remarks[:1]),
    ]
    assert decision == Allowed(plan, (ROUTE,))


def undetermined(diagnosis: Diagnosis) -> Diagnosis:
    return replace(diagnosis, verdict=replace(diagnosis.verdict, outcome="unknown", reason="why"))


@pytest.mark.parametrize(
    ("diagnosis", "unresolved", "reason"),
    [
        (GOOD, (), Reason.NOTHING_WRONG),
        (undetermined(GOOD), (), Reason.UNDETERMINED),
        (FAILING, (Unresolved(ROUTE, FINDING, as_told(""), needs_choice=True),), Reason.CA_UNKNOWN),
        (
            FAILING,
            (Unresolved(ROUTE, FINDING, as_told(""), handed_over=True),),
            Reason.LEFT_TO_BACKEND,
        ),
        (FAILING, (Unresolved(ROUTE, FINDING, as_told("")),), Reason.NOT_IN_CONFIGURATION),
    ],
)
def test_a_plan_that_changes_nothing(
    diagnosis: Diagnosis, unresolved: tuple[Unresolved, ...], reason: Reason
) -> None:
    plan = FixPlan("production", unresolved=unresolved)
    nothing = Repair(replace(report(), diagnoses=(diagnosis,)), plan)
    concerns = (Concern(ROUTE, "why"),) if reason is Reason.UNDETERMINED else ()
    assert nothing_to_apply(nothing) == Refused(reason, concerns)
    overridden = Consent(True, frozenset(Reason))
    assert decide(nothing, (), overridden) == Refused(reason, concerns)
    assert reason not in OVERRIDABLE


def test_a_plan_that_changes_something() -> None:
    assert nothing_to_apply(repair()) is None
