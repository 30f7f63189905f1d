"""`explain` names the cause from what httpd really logged, or says that the log does not tell.

The log alone often leaves several causes open (error 20 has six): the expert's cause must be among
those named, and a cause that `explain` calls certain must be the right one.
"""

from __future__ import annotations

import pytest

from tests.oracle.catalogue import SCENARIOS
from tests.oracle.scenario import Scenario
from tests.oracle.truth import Run
from wizard.logs import explain
from wizard.model.explanation import Explanation

SAID_AT_START = {"client-without-key", "client-no-key-tlsv1.2", "client-no-key-tlsv1.3"}
"""httpd says that the key is missing when it starts; at the request it only sends nothing."""
KIN = {
    "wildcard-too-deep": "name-mismatch",
    "wrong-virtual-host-certificate": "name-mismatch",
    "certificate-not-yet-valid": "certificate-expired",
}
"""Where the level hides the cause, one of a kind stands for all in the list of what remains."""
FAULTY = [s for s in SCENARIOS if s.cause is not None and s.name not in SAID_AT_START]


def explained(text: str) -> Explanation:
    return explain(text.splitlines())


def judged(asked: Run, scenario: Scenario) -> bool:
    """Whether httpd logged a fault: a route that works leaves nothing to explain."""
    return not asked.truths[scenario.name].proxied


@pytest.mark.parametrize("scenario", FAULTY, ids=lambda s: s.name)
def test_at_level_info(asked: Run, scenario: Scenario) -> None:
    if not judged(asked, scenario):
        return
    truth = asked.truths[scenario.name]
    found = explained(truth.log_info or truth.output)
    slugs = [cause.slug for cause in found.causes]
    assert scenario.cause in slugs
    if found.causes[0].certain:
        assert slugs[0] == scenario.cause


@pytest.mark.parametrize("scenario", FAULTY, ids=lambda s: s.name)
def test_at_its_own_level(asked: Run, scenario: Scenario) -> None:
    truth = asked.truths[scenario.name]
    if not judged(asked, scenario) or truth.stage is not None or not truth.log:
        return
    found = explained(truth.log)
    slugs = [cause.slug for cause in found.causes]
    kin = KIN.get(scenario.cause or "") if found.hidden else None
    assert scenario.cause in slugs or kin in slugs
    if found.causes[0].certain:
        assert found.hidden is None
        assert slugs[0] == scenario.cause
