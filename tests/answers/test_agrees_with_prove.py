"""What check says of httpd's own answers is what a rehearsal of the configuration sees."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.answers import access_generator, rewrite_generator
from tests.answers.test_access_on_httpd import CLIENT, world
from tests.support import httpd
from wizard.engine.engine import Engine
from wizard.model.scope import HttpdChoice, Scope


def _access(chance: random.Random) -> str:
    return access_generator.sections(chance, 3)


@pytest.mark.parametrize("made", [_access, rewrite_generator.rules])
def test_the_rehearsal_gets_the_predicted_status(made: Callable[[random.Random], str]) -> None:
    chance = random.Random(22)
    with world() as lab:
        bodies = lab.accepted("", [made(chance) for _ in range(25)])
        file = lab.configuration("", bodies)
        scope = Scope(str(file), client=CLIENT, timeout=5.0, httpd=HttpdChoice(httpd.HTTPD))
        engine = Engine(scope)
        report = engine.check()
        played = {one.route: one.before for one in engine.rehearse_present(report.configuration)}
    certain, wrong = 0, []
    for diagnosis in report.diagnoses:
        if any(not one.everyone for one in diagnosis.case.route.barriers):
            continue
        run = played[diagnosis.case.route.id]
        got = run.kept_out if run.kept_out is not None else run.status
        certain += 1
        if got != diagnosis.verdict.status:
            wrong.append((diagnosis.case.route.vhost.server_name, got, diagnosis.verdict))
    assert not wrong, wrong
    assert certain > 10
