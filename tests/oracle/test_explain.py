"""`explain` names the cause from what httpd really logged, or says that the log does not tell.

The log alone often leaves several causes open (error 20 has six): the expert's cause must be among
those named, and a cause that `explain` calls certain must be the right one.
"""

from __future__ import annotations

import pytest

from tests.oracle import repairs
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
NO_FAULT = repairs.WEAK | {
    "backend-error-status",
    "certificate-expires-soon",
    "crl-not-checked",
    "route-shadowed",
    "stale-backend-address",
    "stale-pooled-connection",
    "temporary-exception",
    "temporary-exception-expired",
    "unencrypted-backend",
}
"""Causes of which httpd says nothing: it serves the route."""
SERVED = {"preserve-alias-fits", "preserve-alias-uncovered"}
FAULTY = [
    s
    for s in SCENARIOS
    if s.cause is not None and s.cause not in NO_FAULT and s.name not in SAID_AT_START | SERVED
]
SILENT = [s for s in FAULTY if s.log_level.endswith("crit") or s.cause == "alpn-missing"]
"""Nothing is logged at their level, or nothing of mod_ssl."""
REFUSED = [s for s in FAULTY if not s.starts]


def explained(text: str) -> Explanation:
    return explain(text.splitlines())


@pytest.mark.parametrize("scenario", FAULTY, ids=lambda s: s.name)
def test_at_level_info_and_debug(asked: Run, scenario: Scenario) -> None:
    truth = asked.truths[scenario.name]
    for text in (truth.log_info, truth.log_debug) if truth.stage is None else (truth.output,):
        found = explained(text)
        slugs = [cause.slug for cause in found.causes]
        assert scenario.cause in slugs
        if found.causes[0].certain:
            assert slugs[0] == scenario.cause


@pytest.mark.parametrize(
    "scenario", [s for s in FAULTY if s not in SILENT + REFUSED], ids=lambda s: s.name
)
def test_at_its_own_level(asked: Run, scenario: Scenario) -> None:
    truth = asked.truths[scenario.name]
    found = explained(truth.log)
    slugs = [cause.slug for cause in found.causes]
    kin = KIN.get(scenario.cause or "") if found.hidden else None
    assert scenario.cause in slugs or kin in slugs
    if found.causes[0].certain:
        assert found.hidden is None
        assert slugs[0] == scenario.cause
