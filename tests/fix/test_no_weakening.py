"""No plan for good lets more in than before: all scenarios, setting by setting, without httpd.

Backends are real, since a plan rests on what they show. What may be added is what the connection
then takes (``policy_order.need``): this depth, this version, this cipher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.oracle import truth
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.repairs import right_cas
from tests.oracle.scenario import Scenario
from tests.oracle.world import HOSTS, World
from wizard.demo.backends import Backends
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.fix import policy_order
from wizard.model.plan import FixChoice, Repair
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

SILENT = {"tls-to-silence", "unanswered", "answer-never"}
"""Nothing can be planned for them, and each waits until the probe's timeout."""
PORT = 9
"""Nobody listens there: httpd is not started."""


def test_no_plan_weakens_a_policy() -> None:
    with truth.world_directory() as directory, Backends() as backends:
        world = World(Path(directory), backends)
        scenarios = [s for s in SCENARIOS if s.name not in SILENT]
        for scenario in scenarios:
            world.build(scenario)
        planned = compared = 0
        for repair in repairs(world, scenarios):
            for who, settings in changed(repair):
                assert settings == (), f"{who}: weaker afterwards"
                compared += 1
            planned += 1
    assert planned > 15
    assert compared > 500


def repairs(world: World, scenarios: Sequence[Scenario]) -> Iterator[Repair]:
    """A plan for scenarios with the same CAs; one that needs an httpd of its own has its own."""
    groups: dict[tuple[str, object, str], list[Scenario]] = {}
    for scenario in scenarios:
        leaf = scenario.backends[0].leaf
        cas = right_cas(leaf)
        alone = scenario.alone or scenario.host is not None
        own = (leaf if cas == "leaf" else None, scenario.name if alone else "")
        groups.setdefault((cas, *own), []).append(scenario)
    for number, ((cas, *_), group) in enumerate(groups.items()):
        first = group[0]
        sites = "".join(world.virtual_host(s, PORT, "warn", s.name) for s in group)
        before = f"{world.expand(first, first.before)}\n"
        main = world.main_config(f"g{number}", [f"127.0.0.1:{PORT}"], first.without, before + sites)
        scope = Scope(path=str(main), host=first.host if len(group) == 1 else None, timeout=2.0)
        choice = FixChoice(ca_files=(str(world.file(first, "file", cas)),))
        try:
            repair = Engine(scope, resolver=FixedResolver(HOSTS)).repair(choice)
        except WizardError:  # the CA signed no backend of the group
            continue
        if repair.after is not None:
            yield repair


def changed(repair: Repair) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every route, touched or not, with the settings that let more in afterwards."""
    assert repair.after is not None
    after = repair.after.by_route
    for who, old in repair.report.by_route.items():
        if who in after:
            new = after[who].case
            needed = policy_order.need(new.probe.tls if new.probe else None)
            yield who.label, policy_order.weaker(old.case.route.tls, new.route.tls, needed)
