"""A rehearsal in words, beside its verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import NOW, ROUTE
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Source
from wizard.model.diagnosis import Case, Diagnosis, Outcome, Verdict
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run, Untried
from wizard.wording.rehearsal import impostors, pieces


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


@pytest.mark.parametrize(
    ("run", "differs"),
    [
        (Run(started=True, status=301), False),
        (Run(started=True, status=403), True),
        (Run(started=True, status=301, proxied=True), True),
    ],
)
def test_what_httpd_answers_itself_never_comes_from_the_backend(run: Run, differs: bool) -> None:
    verdict = Verdict("ok", "rewrite", 301, reason="To https.")
    predicted = Diagnosis(Case(ROUTE, TrustMaterial(), None, NOW), verdict, ())
    told = "".join(one.whole for one in pieces(Rehearsal(ROUTE.id, "a.test", "/", run), predicted))
    assert ("The rehearsal counts." in told) is differs


def meeting(*receptions: Reception) -> Run:
    pairs = zip(Pretence, receptions, strict=True)
    return Run(started=True, impostors=tuple(Impostor(*pair) for pair in pairs))


OUT = meeting(Reception.REFUSED, Reception.REFUSED)
IN = meeting(Reception.LET_IN, Reception.LET_IN)
HALF = meeting(Reception.REFUSED, Reception.LET_IN)
ALARM = "An impostor is let in: whoever answers at the backend's address gets the requests."


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (IN, OUT, ["an impostor: let in -> refused"]),
        (OUT, OUT, ["an impostor: refused"]),
        (OUT, IN, ["an impostor: refused -> let in", ALARM]),
        (IN, None, ["an impostor: let in", ALARM]),
        (Run(started=False), OUT, ["an impostor: not asked -> refused"]),
        (
            HALF,
            OUT,
            [
                "an impostor with a made-up CA: refused",
                "a self-signed impostor: let in -> refused",
            ],
        ),
        (
            Run(True, untried=Untried.SOCKET),
            Run(True, untried=Untried.SOCKET),
            ["an impostor: not tried: the backend listens on a unix domain socket"],
        ),
    ],
)
def test_what_becomes_of_an_impostor(before: Run, after: Run | None, told: list[str]) -> None:
    found = list(impostors(Rehearsal(ROUTE.id, "a.test", "/", before, after)))
    assert [piece.whole for piece in found] == told
    assert [piece.role for piece in found if piece.text == ALARM] == ["alarm"] * (ALARM in told)
