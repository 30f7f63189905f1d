"""The product agrees with httpd on scenarios that nobody thought of."""

from __future__ import annotations

from pathlib import Path

from tests.oracle import compare, draw, product, truth
from tests.oracle.world import World
from wizard.demo.backends import Backends

COUNT = 150
SEED = 20261125


def test_agrees_with_httpd_on_drawn_scenarios() -> None:
    scenarios = draw.draw(COUNT, SEED)
    with truth.world_directory() as directory, Backends() as backends:
        run = truth.ask(World(Path(directory), backends), scenarios)
        said = product.ask(run, scenarios)
    found = {
        scenario.name: [str(difference) for difference in differences]
        for scenario in scenarios
        if (
            differences := compare.differences(
                scenario, run.truths[scenario.name], said[scenario.name]
            )
        )
    }
    assert found == {}


def test_a_seed_draws_the_same_scenarios() -> None:
    assert draw.draw(20, 7) == draw.draw(30, 7)[:20]
