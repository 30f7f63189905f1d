"""A sandbox that lets httpd connect nowhere: what it says then, and what the product says there."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oracle import truth
from tests.oracle.parts import PASS, STRICT
from tests.oracle.scenario import Scenario
from tests.oracle.world import World
from tests.support import errorlog, forbidden, httpd
from wizard.demo.backends import Backends
from wizard.logs import explain

SCENARIOS = (
    Scenario("forbidden", "connection-not-permitted", STRICT + PASS),
    Scenario(
        "forbidden-plain", "connection-not-permitted", "ProxyPass / http://backend.internal:{port}/"
    ),
)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_agrees_with_httpd(scenario: Scenario, number: int) -> None:
    with truth.world_directory() as directory, Backends() as backends:
        world = World(Path(directory), backends)
        world.build(scenario)
        port, config = world.alone(scenario, "forbidden")
        before = forbidden.command(number)
        with httpd.running(config, world.hosts, before=before):
            status = httpd.get(port, scenario.server_name, "/x").status
        text = httpd.text_of(config.parent / "logs" / "forbidden.log")
        done = subprocess.run(
            [*before, sys.executable, "-m", "wizard", "check", str(config), "--format", "json"],
            env=httpd.environment(world.hosts),
            capture_output=True,
            text=True,
            timeout=60,
        )
    (route,) = json.loads(done.stdout)["routes"]
    codes = [e.code for e in errorlog.parse(text) if e.code in ("AH00957", "AH01114")]
    assert (route["verdict"]["stage"], route["verdict"]["status"]) == ("connect", status), text
    assert [c for c in route["verdict"]["ah_codes"] if c in ("AH00957", "AH01114")] == codes
    assert codes == ["AH00957", "AH01114"]
    assert route["findings"][0]["slug"] == scenario.cause
    assert explain(text.splitlines()).causes[0].slug == scenario.cause, text
