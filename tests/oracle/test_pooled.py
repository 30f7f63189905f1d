"""A connection that the backend gives up while httpd keeps it: now and then 502."""

from __future__ import annotations

from pathlib import Path

from tests.oracle import truth
from tests.oracle.scenario import Scenario, Server
from tests.oracle.world import World
from tests.support import errorlog, httpd
from wizard.demo.backends import Backends
from wizard.logs import explain

SCENARIO = Scenario(
    "pooled-twice",
    "stale-pooled-connection",
    "ProxyPass / http://backend.internal:{port}/",
    (Server(speaks="plain", answers="once-per-connection"),),
)


def test_the_second_request_on_a_connection_fails_and_is_explained() -> None:
    with truth.world_directory() as directory, Backends() as backends:
        world = World(Path(directory), backends)
        world.build(SCENARIO)
        # one child with one pool of connections: both requests meet the same one
        port, config = world.alone(SCENARIO, "pooled")
        with httpd.running(config, world.hosts):
            answers = [httpd.get(port, SCENARIO.server_name, "/x").status for _ in range(2)]
        text = httpd.text_of(config.parent / "logs" / "pooled.log")
    assert answers == [200, 502]
    assert [e.code for e in errorlog.parse(text)] == ["AH01102", "AH00898"]
    assert SCENARIO.cause in [cause.slug for cause in explain(text.splitlines()).causes]
