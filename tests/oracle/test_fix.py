"""After `fix`, httpd serves strictly what configuration can repair, and the rest is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle import repairs, truth
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.facts import FACTS
from tests.oracle.repairs import Repair
from tests.oracle.scenario import Scenario
from tests.oracle.truth import Truth
from tests.oracle.world import World
from wizard.demo.backends import Backends

WAITING = {"tls-to-silence", "unanswered", "answer-never"}
JUDGED = [
    s for s in SCENARIOS if (s.fixable or s in FACTS) and not s.without and s.name not in WAITING
]


@pytest.fixture(scope="module")
def repaired() -> Iterator[tuple[dict[str, Truth], dict[str, Repair]]]:
    with truth.world_directory() as directory, Backends() as backends:
        run = truth.ask(World(Path(directory), backends), JUDGED)
        yield run.truths, repairs.repair(run, JUDGED)


@pytest.mark.parametrize("scenario", JUDGED, ids=lambda s: s.name)
def test_what_configuration_can_repair_is_repaired(
    repaired: tuple[dict[str, Truth], dict[str, Repair]], scenario: Scenario
) -> None:
    truths, found = repaired
    assert repairs.faults(scenario, truths[scenario.name], found[scenario.name]) == []
