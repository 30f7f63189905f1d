"""Whose ``timeout=`` counts, told by whether a slow backend's answer comes through."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.config.routing import lab
from tests.config.routing.cases import Case, cases
from tests.support import httpd
from wizard import config
from wizard.model.config import Route

CASES = cases("workers")
MAIN = "ProxyPass /of-main http://b.internal:{slow}/main timeout=1\n"


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, list[tuple[Route, lab.Seen]]]]:
    """Every route with the answer to its request; all are asked at once."""
    with lab.world(lab.directory(tmp_path_factory)) as world:
        (port,) = httpd.free_ports(1)
        bodies = [(f"{case.name}.test", case.body) for case in CASES]
        file = lab.configuration(world, "one", MAIN, [("default.test", ""), *bodies], port)
        with httpd.running(file, world.hosts):
            routes = [r for r in config.load(str(file)).routes if not r.vhost.is_main]

            def ask(route: Route) -> lab.Seen:
                return lab.ask(port, route.client_host, route.request_path)

            with ThreadPoolExecutor(30) as pool:
                answers = list(pool.map(ask, routes))
        found: dict[str, list[tuple[Route, lab.Seen]]] = {}
        for route, answer in zip(routes, answers, strict=True):
            found.setdefault(route.client_host.removesuffix(".test"), []).append((route, answer))
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_timeout_is_httpds(case: Case, outcomes: dict[str, list[tuple[Route, lab.Seen]]]) -> None:
    found = outcomes[case.name]
    for route, _ in found:
        seconds = route.worker.timeout.value or route.proxy_timeout.value
        assert seconds in (1, 9, 10)
    assert [
        (route.path, (route.worker.timeout.value or route.proxy_timeout.value) < lab.SLOW)
        for route, _ in found
    ] == [(route.path, seen.report is None) for route, seen in found]
    assert len(found) >= 1
