"""Whether a plan may be applied, on plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import FAILING, FINDING, report
from wizard.engine.gate import awaits_ca, decide, nothing_to_apply, waits
from wizard.model.diagnosis import Diagnosis, Remedy
from wizard.model.permission import (
    OVERRIDABLE,
    SEPARATE,
    Allowed,
    Ask,
    Concern,
    Consent,
    Reason,
    Refused,
)
from wizard.model.plan import (
    Condition,
    FixPlan,
    FixPolicy,
    NewFile,
    Offer,
    OfferKind,
    Repair,
    Resolved,
    Unresolved,
)
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run
from wizard.model.remark import Point, as_told, remark
from wizard.wording import permission

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


def test_a_plan_waits_for_its_condition_whatever_is_said() -> None:
    """Not even the operator's word makes a name lead where it does not."""
    conditions = (Condition("b.test", "192.0.2.1", (ROUTE,)),)
    waiting = repair(replace(PLAN, conditions=conditions))
    everything = Consent(True, frozenset(OVERRIDABLE), frozenset(SEPARATE))
    refused = Refused(Reason.WAITS_FOR_NAME, conditions=conditions)
    assert decide(waiting, (played(FAILS, WORKS),), everything) == refused
    assert waits(waiting) == refused
    assert nothing_to_apply(waiting) is None
    assert waits(repair()) is None


def test_a_name_that_is_to_lead_somewhere_is_this_machines() -> None:
    reason = remark(Point.NAME_FOR_ADDRESS, first=as_told(""))
    left = FixPlan("production", unresolved=(Unresolved(ROUTE, FINDING, reason),))
    nothing = nothing_to_apply(repair(left))
    assert nothing is not None
    assert nothing.reason is Reason.ON_THIS_MACHINE


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


def test_what_repairs_an_answer_is_shown_by_another_answer() -> None:
    plan = replace(PLAN, resolved=(Resolved(ROUTE, "redirect-leaks-backend"),))
    found = replace(WORKS, status=302, location="http://backend.internal/")
    changed = replace(found, location="https://app.example.com/")
    asked = Ask(Reason.ONLY_PREDICTED, (Concern(ROUTE, "302", of_backend=True),))
    assert decide(repair(plan), (played(found, found),), NOTHING_SAID) == asked
    assert decide(repair(plan), (played(found, found),), YES) == Allowed(plan, (ROUTE,))
    shown = decide(repair(plan), (played(found, changed),), NOTHING_SAID)
    assert shown == Ask(Reason.UNCONFIRMED, ())
    said = list(permission.concerns(asked))
    assert "the answer has the same Location and cookies, and the status 302" in " ".join(said)


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


def met(run: Run, *receptions: Reception) -> Run:
    pairs = zip(Pretence, receptions, strict=True)
    return replace(run, impostors=tuple(Impostor(*pair) for pair in pairs))


REFUSES = (Reception.REFUSED, Reception.REFUSED)
LETS_IN = (Reception.REFUSED, Reception.LET_IN)
BLIND = (Reception.NOT_ASKED, Reception.UNCLEAR)


@pytest.mark.parametrize("before", [REFUSES, LETS_IN, BLIND])
def test_a_repair_that_lets_an_impostor_in_is_refused_whatever_is_overridden(
    before: tuple[Reception, Reception],
) -> None:
    rehearsals = (played(met(FAILS, *before), met(WORKS, *LETS_IN)),)
    consent = Consent(True, frozenset(OVERRIDABLE), frozenset(SEPARATE))
    refused = Refused(Reason.IMPOSTOR_LET_IN, (Concern(ROUTE),))
    assert decide(repair(), rehearsals, consent) == refused
    assert consent.to(Reason.IMPOSTOR_LET_IN) == consent


@pytest.mark.parametrize("after", [REFUSES, BLIND])
def test_a_repair_that_keeps_the_impostor_out_or_cannot_tell_is_not_refused(
    after: tuple[Reception, Reception],
) -> None:
    rehearsals = (played(met(FAILS, *LETS_IN), met(WORKS, *after)),)
    assert decide(repair(), rehearsals, YES) == Allowed(repair().plan, (ROUTE,))


def test_an_exception_that_lets_an_impostor_in_is_a_question_of_its_own() -> None:
    plan = replace(PLAN, policy="temporary")
    rehearsals = (played(met(FAILS, *REFUSES), met(WORKS, *LETS_IN)),)
    asked = Ask(Reason.IMPOSTOR_LET_IN, (Concern(ROUTE),))
    assert decide(repair(plan), rehearsals, YES) == asked
    consent = NOTHING_SAID.to(Reason.IMPOSTOR_LET_IN)
    assert decide(repair(plan), rehearsals, consent) == Ask(Reason.UNCONFIRMED)
    consent = consent.to(Reason.UNCONFIRMED)
    assert decide(repair(plan), rehearsals, consent) == Allowed(plan, (ROUTE,))


def test_what_a_neighbour_lets_in_as_before_is_no_objection() -> None:
    rehearsals = (
        played(FAILS, met(WORKS, *REFUSES)),
        played(met(WORKS, *LETS_IN), met(WORKS, *LETS_IN), OTHER),
    )
    assert decide(repair(), rehearsals, YES) == Allowed(repair().plan, (ROUTE,))


@pytest.mark.parametrize("policy", ["production", "internal-ca", "temporary"])
def test_a_plan_that_opens_a_neighbour_is_refused(policy: FixPolicy) -> None:
    plan = replace(PLAN, policy=policy)
    rehearsals = (
        played(FAILS, met(WORKS, *REFUSES)),
        played(met(WORKS, *REFUSES), met(WORKS, *LETS_IN), OTHER),
    )
    refused = Refused(Reason.IMPOSTOR_LET_IN, (Concern(OTHER),))
    assert decide(repair(plan), rehearsals, YES) == refused


def test_an_exception_for_a_backend_counts_for_each_route_to_it() -> None:
    plan = replace(PLAN, policy="temporary")
    known = FAILING.case.route
    routes = (known, replace(known, id=OTHER))
    whole = repair(plan)
    configuration = replace(whole.report.configuration, routes=routes)
    whole = replace(whole, report=replace(whole.report, configuration=configuration))
    rehearsals = (
        played(met(FAILS, *REFUSES), met(WORKS, *LETS_IN)),
        played(met(FAILS, *REFUSES), met(WORKS, *LETS_IN), OTHER),
    )
    asked = Ask(Reason.IMPOSTOR_LET_IN, (Concern(ROUTE), Concern(OTHER)))
    assert decide(whole, rehearsals, YES) == asked


CA_OPEN = replace(PLAN, unresolved=(Unresolved(ROUTE, FINDING, as_told(""), needs_choice=True),))


def test_what_waits_for_a_ca_need_not_work_where_it_fails_already() -> None:
    half = repair(CA_OPEN, after=FAILING)
    assert decide(half, (played(FAILS, FAILS),), YES) == Allowed(CA_OPEN, ())
    assert awaits_ca(half)
    assert not awaits_ca(repair())
    refused = Refused(Reason.BREAKS_ROUTE, (Concern(ROUTE, "502"),))
    assert decide(half, (played(WORKS, FAILS),), YES) == refused


def test_an_impostor_that_is_let_in_already_is_no_objection_while_the_ca_is_not_known() -> None:
    rehearsals = (played(met(WORKS, *LETS_IN), met(WORKS, *LETS_IN)),)
    assert decide(repair(CA_OPEN), rehearsals, YES) == Allowed(CA_OPEN, (ROUTE,))


def test_a_route_that_begins_to_let_an_impostor_in_before_its_ca_is_known_is_a_question() -> None:
    rehearsals = (played(met(FAILS, *BLIND), met(WORKS, *LETS_IN)),)
    asked = Ask(Reason.IMPOSTOR_LET_IN, (Concern(ROUTE),))
    assert decide(repair(CA_OPEN), rehearsals, YES) == asked
    consent = YES.to(Reason.IMPOSTOR_LET_IN)
    assert decide(repair(CA_OPEN), rehearsals, consent) == Allowed(CA_OPEN, (ROUTE,))


def undetermined(diagnosis: Diagnosis) -> Diagnosis:
    return replace(diagnosis, verdict=replace(diagnosis.verdict, outcome="unknown", reason="why"))


BACKENDS = replace(FAILING, findings=(replace(FINDING, remedies=(Remedy("backend", "Renew."),)),))


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
        (BACKENDS, (Unresolved(ROUTE, FINDING, as_told("")),), Reason.NOT_IN_CONFIGURATION),
        (FAILING, (Unresolved(ROUTE, FINDING, as_told("")),), Reason.BY_HAND),
        (GOOD, (Unresolved(ROUTE, FINDING, as_told("")),), Reason.BY_HAND),
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


def test_nothing_to_fix_is_never_said_while_a_route_fails() -> None:
    failing = replace(report(), diagnoses=(BACKENDS,))
    nothing = nothing_to_apply(Repair(failing, FixPlan("production")))
    assert nothing is not None
    assert nothing.reason is Reason.NOT_IN_CONFIGURATION
    assert [concern.route for concern in nothing.concerns] == [ROUTE]
