"""``proxy-wizard fix`` as an operator runs it: read, probed, planned, patched, answered 200.

The same virtual hosts as in test_repairs_on_httpd, but nothing is made up: the findings come from
the catalogue, the chains from probing, the CAs from files that the configuration names, or --ca.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fix.scenarios import SCENARIOS, Scenario
from tests.fix.test_repairs_on_httpd import answers, main_file, site, standing
from tests.support import command, guarded, httpd
from tests.support.site import Backend

STARTING = [s for s in SCENARIOS if s.starts]
REFUSED = [s for s in SCENARIOS if not s.starts]


@dataclass
class World:
    directory: Path
    hosts: Path
    port: int
    backends: dict[str, Backend]
    told: dict[str, str] = field(default_factory=dict)
    honest: dict[str, int] = field(default_factory=dict)
    false: dict[str, int] = field(default_factory=dict)


def wizard(hosts: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*command.WIZARD, *words],
        env=httpd.environment(hosts),
        capture_output=True,
        timeout=100,
    )


def repaired(world: World, file: Path, *options: str) -> str:
    """Plans, patches; what the command said on stderr."""
    done = wizard(world.hosts, "fix", "-v", str(file), *options)
    told = done.stderr.decode()
    assert done.returncode == 0, told
    command.patch(done.stdout)
    return told


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with guarded.tree() as directory, standing(directory) as made:
        hosts = directory / "hosts"
        port = httpd.free_port()
        world = World(directory, hosts, port, made)
        for scenario in SCENARIOS:
            file = directory / "sites" / f"{scenario.name}.conf"
            file.write_text(site(scenario, directory, made, port))
        includes = "".join(f"Include sites/{s.name}.conf\n" for s in STARTING)
        many = main_file(directory, "starting.conf", port, includes)
        world.told |= dict.fromkeys([s.name for s in STARTING], repaired(world, many))
        for scenario in REFUSED:
            alone = main_file(directory, "alone.conf", port, f"Include sites/{scenario.name}.conf")
            root = str(directory / "other/root.pem")
            world.told[scenario.name] = repaired(world, alone, "--ca", root)
        whole = main_file(directory, "httpd.conf", port, "Include sites/*.conf")
        with httpd.running(whole, hosts):
            world.honest = answers(port, list(SCENARIOS))
            for backend in made.values():
                backend.impostor = True
            world.false = answers(port, list(SCENARIOS))
        yield world


each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)


@each
def test_httpd_answers_and_refuses_impostors(world: World, scenario: Scenario) -> None:
    log = httpd.text_of(world.directory / "error.log")
    assert world.honest[scenario.name] == 200, log[-3000:]
    assert world.false[scenario.name] >= 500


@each
def test_every_finding_is_told_as_repaired(world: World, scenario: Scenario) -> None:
    for slug in scenario.slugs:
        assert f"{scenario.name}.test " in world.told[scenario.name]
        assert slug in world.told[scenario.name]


def test_afterwards_nothing_is_left_to_fix(world: World) -> None:
    for backend in world.backends.values():
        backend.impostor = False
    done = wizard(world.hosts, "fix", str(world.directory / "httpd.conf"))
    assert (done.returncode, done.stdout) == (1, b""), done.stderr.decode()
    assert b"nothing to fix" in done.stderr
