"""Routes, names and policies, each held against what a real httpd does with a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.config.routing.cases import Case, cases
from tests.config.routing.compare import compare
from tests.support import httpd
from wizard import config
from wizard.model.config import Configuration


@dataclass
class Running:
    world: lab.World
    port: int
    configuration: Configuration
    log: Path


CASES = [case for name in ("mapping", "names", "policy") for case in cases(name)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    with lab.world(lab.directory(tmp_path_factory)) as made:
        yield made


@pytest.fixture(scope="module")
def running(world: lab.World) -> Iterator[Running]:
    (port,) = httpd.free_ports(1)
    bodies = [(f"{case.name}.test", case.body) for case in CASES]
    file = lab.configuration(world, "one", "", [("default.test", ""), *bodies], port)
    with httpd.running(file, world.hosts):
        yield Running(world, port, config.load(str(file)), file.parent / "error.log")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_route_is_what_httpd_does(case: Case, running: Running) -> None:
    routes = [r for r in running.configuration.routes if r.vhost.server_name == f"{case.name}.test"]
    assert len(routes) == case.routes
    assert {r.path for r in routes if r.shadowed_by} == set(case.shadowed)
    for route in routes:
        compare(route, case, running.world, running.port, running.log)


def test_no_problem_is_found_in_what_httpd_takes(running: Running) -> None:
    assert running.configuration.problems == ()
