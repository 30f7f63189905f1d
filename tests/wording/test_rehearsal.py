"""A rehearsal in words, beside its verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import NOW, ROUTE
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Source
from wizard.model.diagnosis import Case, Diagnosis, Outcome, Verdict
from wizard.model.rehearsal import Rehearsal, Run
from wizard.wording.rehearsal import pieces


@pytest.mark.parametrize(
    ("outcome", "shadowed_by", "differs"),
    [
        ("ok", None, False),
        ("fail", None, True),
        ("unknown", None, False),
        ("fail", Source("/etc/app.conf", 4), False),  # the answer is that of the other route
    ],
)
def test_where_the_verdict_said_otherwise(
    outcome: Outcome, shadowed_by: Source | None, differs: bool
) -> None:
    run = Run(started=True, status=200, proxied=True)
    route = replace(ROUTE, shadowed_by=shadowed_by)
    verdict = Verdict(outcome, reason="because.")
    predicted = Diagnosis(Case(route, TrustMaterial(), None, NOW), verdict, ())
    rehearsal = Rehearsal(ROUTE.id, "a.test", "/", run)
    told = "\n".join(piece.whole for piece in pieces(rehearsal, predicted))
    assert "now: 200 from the backend" in told
    assert ("The rehearsal counts." in told) is differs
