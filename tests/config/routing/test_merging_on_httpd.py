"""How settings are merged over main server, virtual host and sections: docs/reference/merging.md.

A group of data/merging.txt begins with ``## NAME`` and what its main server says (``@main``,
``@after``); each of its cases is a virtual host, so that one httpd answers for all. Beside what
`tests.config.routing.cases` reads, a title may have ``main=COUNT``, the routes of the main server
that requests of this virtual host take, and ``none=PATH`` for each that no backend answers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.config.routing.cases import Case, parse
from tests.config.routing.compare import compare
from tests.config.routing.random_merges import differences
from tests.support import httpd
from tests.support.yardstick import bounded
from wizard import config
from wizard.model.config import Configuration

_TEXT = (Path(__file__).parent / "data" / "merging.txt").read_text()
_MANY = 800
_PART = re.compile(r"^@(main|after)\n", re.MULTILINE)


@dataclass(frozen=True)
class Group:
    name: str
    main: str
    after: str
    cases: tuple[Case, ...]


def groups() -> Iterator[Group]:
    for block in re.split(r"^## ", _TEXT, flags=re.MULTILINE)[1:]:
        name, _, text = block.partition("\n")
        head, _, _ = text.partition("### ")
        pieces = _PART.split(head)[1:]
        parts = dict(zip(pieces[::2], pieces[1::2], strict=True))
        yield Group(name.strip(), parts.get("main", ""), parts.get("after", ""), tuple(parse(text)))


GROUPS = {group.name: group for group in groups()}


@dataclass
class Running:
    port: int
    configuration: Configuration
    log: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    with lab.world(lab.directory(tmp_path_factory)) as made:
        yield made


@pytest.fixture(scope="module", params=GROUPS)
def running(request: pytest.FixtureRequest, world: lab.World) -> Iterator[tuple[Group, Running]]:
    group = GROUPS[request.param]
    (port,) = httpd.free_ports(1)
    bodies = [(f"{case.name}.test", case.body) for case in group.cases]
    file = lab.configuration(world, group.name, group.main, bodies, port, group.after)
    with httpd.running(file, world.hosts):
        yield group, Running(port, config.load(str(file)), file.parent / "error.log")


def test_every_case_is_what_httpd_does(running: tuple[Group, Running], world: lab.World) -> None:
    group, started = running
    assert started.configuration.problems == ()
    wrong = []
    for case in group.cases:
        try:
            _one(case, started, world)
        except AssertionError as error:
            wrong.append(f"{group.name}: {case.name}: {error}")
    assert not wrong, "\n\n".join(wrong)


def _one(case: Case, started: Running, world: lab.World) -> None:
    routes = started.configuration.routes
    own = [route for route in routes if route.vhost.server_name == f"{case.name}.test"]
    shown = [(route.kind, route.path) for route in own]
    assert len(own) == case.routes, shown
    assert {r.path for r in own if r.shadowed_by} == set(case.shadowed), shown
    for route in own:
        compare(route, case, world, started.port, started.log)
    of_main = [route for route in routes if route.vhost.is_main]
    if case.main is not None:
        assert len(of_main) == case.main
        for route in of_main:
            compare(
                replace(route, client_host=f"{case.name}.test"),
                case,
                world,
                started.port,
                started.log,
            )
    for path in case.none:
        seen = lab.ask(started.port, f"{case.name}.test", path)
        assert seen.report is None, path


def test_random_merges_are_what_httpd_does(world: lab.World) -> None:
    assert differences(world, random.Random(21), "random") == []


@cache
def _names() -> set[str]:
    return {case.name for group in GROUPS.values() for case in group.cases}


def test_no_name_is_there_twice() -> None:
    assert len(_names()) == sum(len(group.cases) for group in GROUPS.values())


@pytest.mark.parametrize(
    "each",
    [
        "<Location /x>\nRewriteRule . http://b.internal/{} [P]\n</Location>\n",
        "<Location /x{}>\nRewriteRule . http://b.internal/{} [P]\n</Location>\n",
        "<LocationMatch ^/x{}>\nSetHandler proxy:http://b.internal/{}\n</LocationMatch>\n",
        "SetEnvIf Request_URI ^/x{} no-proxy\nProxyPass /x{} http://b.internal/{}\n",
        "<VirtualHost *:80>\n<Location /x>\nRewriteEngine Off\n</Location>\n</VirtualHost>\n"
        "<Location /x{}>\nRewriteRule . http://b.internal/{} [P]\n</Location>\n",
    ],
    ids=["one-path", "paths", "patterns", "no-proxy", "times-virtual-hosts"],
)
def test_many_of_one_kind_take_no_longer_each(each: str, tmp_path: Path) -> None:
    lines = "".join(each.replace("{}", str(number)) for number in range(_MANY))
    text = f"Listen 80\nRewriteEngine On\n{lines}"
    file = tmp_path / "httpd.conf"
    file.write_text(httpd.load_modules() + text)
    with bounded(2.5):
        assert len(config.load(str(file)).routes) == _MANY
