"""The product says of every fixed scenario what httpd does, and names the cause an expert would."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracle import compare
from tests.oracle.catalogue import SCENARIOS
from tests.oracle.conftest import Both
from tests.oracle.scenario import UNJUDGED, Scenario
from wizard.findings import CATALOGUE


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_agrees_with_httpd(fixed: Both, scenario: Scenario) -> None:
    found = compare.differences(
        scenario, fixed.run.truths[scenario.name], fixed.said[scenario.name]
    )
    assert not found, "\n".join(map(str, found))


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(s.name for s in SCENARIOS).items() if count > 1] == []


def test_causes_are_slugs() -> None:
    assert {s.cause for s in SCENARIOS} - {None, UNJUDGED} <= set(CATALOGUE)
