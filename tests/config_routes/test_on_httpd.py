"""Routes, names and policies, each held against what a real httpd does with a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config_routes import lab
from tests.config_routes.cases import Case, cases
from tests.harness import httpd
from wizard import config
from wizard.model.config import Configuration, Route, TlsPolicy


@dataclass
class Running:
    world: lab.World
    port: int
    configuration: Configuration
    log: Path


CASES = [case for name in ("mapping", "names", "policy") for case in cases(name)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    root = tmp_path_factory.mktemp("routes")
    for parent in (root, *root.parents[:3]):
        if parent.owner() == root.owner() and parent != Path("/tmp"):
            parent.chmod(0o755)
    with lab.world(root) as made:
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
        _compare(route, case, running)


def test_no_problem_is_found_in_what_httpd_takes(running: Running) -> None:
    assert running.configuration.problems == ()


def _compare(route: Route, case: Case, running: Running) -> None:
    assert route.client_host == route.vhost.server_name
    seen = lab.ask(running.port, route.client_host, route.request_path.replace(" ", "%20"))
    took = seen.report or {}
    if route.path in case.dead:
        assert route.unknown is not None
        assert seen.report is None
        return
    assert route.unknown is None
    status = route.worker.parameters.get("status")
    path = route.request_url.split("://", 1)[1].partition("/")[2]
    expected = {
        "port": route.backend.port if route.backend.socket is None else 0,
        "path": f"/{path}".replace(" ", "%20"),
        "host": route.backend.host_header,
        "sni": route.backend.sni,
    }
    if route.shadowed_by or status is not None:
        assert {key: took.get(key) for key in expected} != expected
    elif works(route, running.world):
        assert seen.status == 200, running.log.read_text()[-3000:]
        assert {key: took.get(key) for key in expected} == expected
    else:
        assert seen.status == 500
        assert seen.report is None


def works(route: Route, world: lab.World) -> bool:
    """Whether a policy lets httpd talk to one of the lab's backends."""
    if not route.backend.uses_tls:
        return True
    policy = route.tls
    kind = world.kind(route.backend.port)
    if not policy.engine.value:
        return False
    if kind == "old" and "TLSv1.2" not in protocols(policy):
        return False
    if policy.verify.value in ("require", "optional"):
        anchored = str(policy.ca_certificate_file.value).endswith("/ca.pem") or (
            policy.ca_certificate_path.value is not None
        )
        needed = 2 if kind == "deep" else 1
        if kind in ("unknown", "expired") or not anchored or policy.verify_depth.value < needed:
            return False
    if policy.check_peer_expire.value and kind == "expired":
        return False
    if policy.checks_name and route.backend.check_name not in lab.NAMES:
        return False
    return not policy.checks_cn_only or route.backend.check_name == lab.NAMES[0]


def protocols(policy: TlsPolicy) -> set[str]:
    every = {"TLSv1.2", "TLSv1.3"}
    found: set[str] = set()
    for word in (policy.protocol.value or "all").split():
        name = word.lstrip("+-")
        names = every if name == "all" else {name}
        if word.startswith("-"):
            found -= names
        elif word.startswith("+"):
            found |= names
        else:
            found = set(names)
    return found
