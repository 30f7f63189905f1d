"""What the program does next by itself: values in, a value out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens import order
from screens.decisions import Decisions
from screens.session import Planned, Session
from tests.screens.fake import CAUSE, NO_CA, PLAN, REHEARSAL, FakeEngine, configuration
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import Authorities, FixPlan, Offer, OfferKind, Repair
from wizard.model.remark import as_told
from wizard.model.scope import Scope


def session(routes: int = 2) -> Session:
    """One whose configuration was read."""
    made = Session(Scope(path="/etc/apache2"))
    made.load(configuration(routes))
    return made


def diagnosed(routes: int = 2, **changes: object) -> Session:
    """One whose backends were asked: the first route fails."""
    made = session(routes)
    engine = FakeEngine(routes)
    for place, route in enumerate(made.routes):
        made.diagnoses[route.id] = engine.diagnosis(route, place)
    if changes:
        first = made.routes[0].id
        made.diagnoses[first] = replace(made.diagnoses[first], **changes)  # type: ignore[arg-type]  # fields of the caller's choice
    return made


def planned(plan: FixPlan = PLAN) -> Session:
    """One with a plan."""
    made = diagnosed()
    report = Report(made.configuration or configuration(), tuple(made.diagnoses.values()), 0.1)
    made.planned.repair = Repair(report, plan, report)
    return made


def test_nothing_without_a_route() -> None:
    assert order.next_work(Session(Scope())) is None
    refused = session()
    refused.load_error = "It cannot be read."
    assert order.next_work(refused) is None


def test_a_backend_is_asked_once() -> None:
    made = session()
    assert order.next_work(made) == "probe"
    made.begin("probe")
    assert order.next_work(made) is None
    made.stop()
    made.probe_error = "Cancelled."
    assert order.next_work(made) is None


def test_a_fault_is_planned_and_rehearsed() -> None:
    made = diagnosed()
    assert order.next_work(made) == "plan"
    made.begin("plan")
    assert order.next_work(made) is None
    made = planned()
    assert order.next_work(made) == "rehearse"
    made.planned.rehearsals = (REHEARSAL,)
    assert order.next_work(made) is None


def test_what_failed_is_not_begun_again() -> None:
    made = diagnosed()
    made.planned.error = "The CA file cannot be read."
    assert order.next_work(made) is None
    made = planned()
    made.planned.rehearsal_error = "There is no httpd here."
    assert order.next_work(made) is None


def test_a_route_that_works_needs_no_plan() -> None:
    made = diagnosed()
    made.choose(made.routes[1].id)
    assert order.next_work(made) is None


def test_a_backend_that_was_not_asked_is_not_asked_by_a_plan() -> None:
    made = diagnosed()
    found = made.diagnosis
    assert found is not None
    assert made.current is not None
    made.diagnoses[made.current] = replace(found, case=replace(found.case, probe=None))
    assert order.next_work(made) is None


@pytest.mark.parametrize(
    ("reach", "work"), [(1, None), (2, "probe"), (3, "probe"), (5, "probe")]
)  # fmt: skip
def test_no_backend_is_asked_before_its_step(reach: int, work: str | None) -> None:
    made = session()
    made.reach = reach
    assert order.next_work(made) == work


def test_nothing_is_planned_or_rehearsed_before_its_step() -> None:
    made = diagnosed()
    made.reach = 3
    assert order.next_work(made) is None
    made.reach = 4
    assert order.next_work(made) == "plan"
    made = planned()
    made.reach = 4
    assert order.next_work(made) is None


OFFERED = replace(
    PLAN, offers=(Offer(OfferKind.FOUND_CA, REHEARSAL.route, as_told("It lies here.")),)
)


@pytest.mark.parametrize("plan", [NO_CA, OFFERED], ids=["no CA", "a CA that nobody vouches for"])
def test_a_missing_ca_is_looked_for_and_asked_for(plan: FixPlan) -> None:
    made = planned(plan)
    assert order.asks_for_ca(made)
    assert order.next_work(made) == "search"
    made.authorities = Authorities()
    assert order.next_work(made) is None, "the operator is to answer first"


def test_an_answer_ends_the_question() -> None:
    made = planned(NO_CA)
    made.planned.decisions = Decisions(trust="none")
    assert not order.asks_for_ca(made)
    name = Offer(OfferKind.CERTIFICATE_NAME, REHEARSAL.route, as_told("It is named there."))
    assert not order.asks_for_ca(planned(replace(PLAN, offers=(name,))))


def test_the_worst_route_is_gone_to_unless_the_operator_chose() -> None:
    made = diagnosed(3)
    first, second = made.routes[0].id, made.routes[1].id
    assert order.worst(made) is None, "it is there already"
    made.choose(second)
    assert order.worst(made) == first
    made.is_chosen = True
    assert order.worst(made) is None


def test_the_next_fault_goes_round() -> None:
    made = diagnosed(4)
    engine = FakeEngine()
    ids = [route.id for route in made.routes]
    made.diagnoses[ids[2]] = engine.diagnosis(made.routes[2], 0)
    assert order.faults(made) == [ids[0], ids[2]]
    assert order.next_fault(made) == ids[2]
    made.choose(ids[2])
    assert order.next_fault(made) == ids[0]
    made.diagnoses.pop(ids[0])
    assert order.next_fault(made) is None


def test_routes_stand_worst_first_in_the_order_of_the_configuration() -> None:
    made = diagnosed(3)
    ids = [route.id for route in made.routes]
    engine = FakeEngine()
    made.diagnoses[ids[2]] = engine.diagnosis(made.routes[2], 0)
    assert order.worst_first(made.routes, made.diagnoses) == (ids[0], ids[2], ids[1])


def test_every_route_begins_with_the_safe_row() -> None:
    made = planned()
    first, second = made.routes[0].id, made.routes[1].id
    risky = Decisions("temporary", trust="file", ca_file="/etc/ssl/x.pem", until="2026-12-24")
    made.decide(risky)
    made.choose(second)
    assert made.decisions == Decisions()
    made.choose(first)
    assert made.decisions == Decisions(), "an exception is chosen anew"


def test_a_safe_answer_about_a_route_is_kept() -> None:
    made = planned()
    first, second = made.routes[0].id, made.routes[1].id
    answer = Decisions(trust="file", ca_file="/etc/ssl/x.pem")
    repair = made.repair
    made.planned = Planned(answer, repair)
    made.choose(second)
    assert made.decisions == Decisions()
    made.choose(first)
    assert made.decisions == answer
    assert made.repair is repair


def test_what_was_asked_of_a_route_again_is_not_planned_with_the_old_answer() -> None:
    made = planned()
    first, second = made.routes[0].id, made.routes[1].id
    made.choose(second)
    made.choose(first)
    assert made.repair is not None
    made.forget()
    assert made.repair is None
    assert first not in made.diagnoses


def test_a_diagnosis_without_a_fault_is_nothing_to_repair() -> None:
    made = diagnosed()
    found: Diagnosis = made.diagnoses[made.routes[0].id]
    assert order.is_to_repair(found)
    assert not order.is_to_repair(replace(found, verdict=replace(found.verdict, outcome="ok"),
                                          findings=(replace(CAUSE, severity="info"),)))  # fmt: skip
