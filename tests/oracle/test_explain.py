"""`explain` names the cause from what httpd really logged: see ``tests.oracle.explained``."""

from __future__ import annotations

import pytest

from tests.oracle import explained
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.scenario import Scenario
from tests.oracle.truth import Run
from wizard.reference.release import NEWEST

FAULTY = [
    s for s in SCENARIOS if explained.told(s.cause, s) and s.name not in explained.SAID_AT_START
]


@pytest.mark.parametrize("scenario", FAULTY, ids=lambda s: s.name)
def test_names_the_cause(asked: Run, scenario: Scenario) -> None:
    truth = asked.truths[scenario.name]
    assert not truth.proxied
    assert list(explained.faults(scenario, truth, NEWEST)) == []
