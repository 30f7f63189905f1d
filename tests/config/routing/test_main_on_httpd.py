"""What the main server hands down, each configuration in an httpd of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.config.routing.cases import Case, cases
from tests.config.routing.compare import compare
from tests.support import httpd
from wizard import config

_PART = re.compile(r"^@(main|host|other|third|after)\n", re.MULTILINE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    with lab.world(lab.directory(tmp_path_factory)) as made:
        yield made


@pytest.mark.parametrize("case", cases("main"), ids=lambda case: case.name)
def test_route_is_what_httpd_does(case: Case, world: lab.World) -> None:
    pieces = _PART.split(case.body)[1:]
    parts = dict(zip(pieces[::2], pieces[1::2], strict=True))
    hosts = [
        ("host.test" if name == "host" else f"{name}.test", parts[name])
        for name in ("host", "other", "third")
        if name in parts
    ]
    (port,) = httpd.free_ports(1)
    main, after = parts.get("main", ""), parts.get("after", "")
    file = lab.configuration(world, case.name, main, hosts, port, after)
    with httpd.running(file, world.hosts):
        configuration = config.load(str(file))
        routes = configuration.routes
        assert configuration.problems == ()
        assert len(routes) == case.routes
        assert {r.path for r in routes if r.shadowed_by} == set(case.shadowed)
        for route in routes:
            compare(route, case, world, port, Path(file.parent / "error.log"))
