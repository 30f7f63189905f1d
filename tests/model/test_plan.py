"""What people read of a plan: routes of one label are read once."""

from __future__ import annotations

from dataclasses import replace

from tests.cli.samples import FINDING
from wizard.model.plan import FixPlan, Resolved, Unresolved
from wizard.model.remark import as_told
from wizard.model.route_id import RouteId

FIRST = RouteId(1, "a.test", "/", "BalancerMember")
SECOND = replace(FIRST, number=1)
OTHER = replace(FIRST, path="/x")


def test_what_reads_alike_is_said_once() -> None:
    plan = FixPlan("production", resolved=tuple(Resolved(r, "x") for r in (FIRST, SECOND, OTHER)))
    assert plan.repairs == ("a.test /: x", "a.test /x: x")


def test_what_is_left_with_another_reason_is_said_as_well() -> None:
    left = tuple(Unresolved(route, FINDING, as_told("because")) for route in (FIRST, SECOND, OTHER))
    again = Unresolved(SECOND, FINDING, as_told("for another reason"))
    assert FixPlan("production", unresolved=(*left, again)).left == (left[0], left[2], again)
