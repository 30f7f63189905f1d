"""``prove`` shows each rehearsal beside what was predicted for that very route."""

from __future__ import annotations

from dataclasses import replace

from tests.cli import samples
from wizard.cli import prove
from wizard.engine.engine import Engine
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import FixPlan, Repair
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run

WORKS = Run(True, status=200, backend_status=200, proxied=True)
FAILS = Run(True, status=500)


def test_a_route_that_the_plan_makes_moves_no_other() -> None:
    """Where a misspelt ProxyPass is corrected, the patched configuration has one more route."""
    before = samples.report()
    known = samples.diagnosis("ok", ())
    made = replace(known.case.route, id=replace(known.case.route.id, path="/new"), path="/new")
    added = Diagnosis(replace(known.case, route=made), samples.diagnosis().verdict)
    after = Report(before.configuration, (added, known), 0.0)
    written: list[str] = []
    rehearsal = Rehearsal(samples.ROUTE.id, "app.example.com", "/", FAILS, WORKS)
    prove.show(
        Engine(), (rehearsal,), Repair(before, FixPlan("production"), after), write=written.append
    )
    assert "   500 from httpd  ->  200 from the backend\n" in written[0]
    assert "The rehearsal counts" not in written[0]


def test_of_neighbours_those_are_told_that_would_break_or_open() -> None:
    route = samples.ROUTE.id
    asked = Rehearsal(route, "app.example.com", "/", FAILS, WORKS)
    out, let_in = (
        replace(WORKS, impostors=(Impostor(Pretence.SELF_SIGNED, reception),))
        for reception in (Reception.REFUSED, Reception.LET_IN)
    )
    runs = {
        "/a": (WORKS, FAILS),
        "/b": (FAILS, FAILS),
        "/c": (WORKS, WORKS),
        "/d": (out, let_in),
        "/e": (let_in, let_in),
    }
    neighbours = [
        Rehearsal(replace(route, path=path), "app.example.com", path, before, after)
        for path, (before, after) in runs.items()
    ]
    repair = Repair(samples.report(samples.diagnosis()), FixPlan("production"))
    told = prove.told((asked, *neighbours), repair)
    assert [one.path for one in told] == ["/", "/a", "/d"]
    assert prove.exit_code(told) == 2
    assert prove.exit_code(told[:1]) == 0
