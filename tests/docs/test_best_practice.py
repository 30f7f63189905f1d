"""The configurations of docs/best-practice.md do in real httpd what the page says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.cli import check
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.engine.engine import Engine
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

PAGE = (Path(__file__).parents[2] / "docs" / "best-practice.md").read_text("utf-8")
NAME = "backend.internal"
PUBLIC = "app.example.com"
ROWS = ("Enterprise internal CA", "Production", "Temporary testing")
STRICT = ROWS[:2]


@dataclass
class World:
    """A backend as the page supposes it, one that poses as it, and files."""

    directory: Path
    ports: dict[str, int]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("practice")
    directory.chmod(0o755)
    root = pki.issue("Corp Root", ca=True)
    issuing = pki.issue("Corp Issuing", root, ca=True)
    false_root = pki.issue("Corp Root", ca=True)
    shown = {
        "backend": Identity(pki.issue(NAME, issuing, dns=[NAME]), (issuing,)),
        "impostor": Identity(pki.issue(NAME, false_root, dns=[NAME])),
        "wrong-name": Identity(pki.issue("other", issuing, dns=["other.internal"]), (issuing,)),
        "expired": Identity(pki.issue(NAME, issuing, dns=[NAME], days=(-9, -1)), (issuing,)),
    }
    (directory / "corp-root.pem").write_bytes(root.pem)
    (directory / "hosts").write_text(f"127.0.0.1 {NAME}\n")
    with Backends() as backends:
        yield World(
            directory,
            {name: backends.start(Behaviour(each)).port for name, each in shown.items()},
        )


def block(row: str) -> str:
    """The virtual host of a row."""
    section = PAGE.partition(f"\n## {row}\n")[2].partition("\n## ")[0]
    found = re.search(r"```apache\n(<VirtualHost.*?</VirtualHost>\n)", section, re.DOTALL)
    assert found, row
    return found[1]


def configuration(world: World, row: str, backend: str, front: int) -> Path:
    site = block(row)
    for stands, becomes in (
        ("*:80", f"*:{front}"),
        ("/etc/apache2/proxy-trust", str(world.directory)),
        (f"{NAME}:8443", f"{NAME}:{world.ports[backend]}"),
        ("2027-01-31", "2999-12-31"),
    ):
        site = site.replace(stands, becomes)
    main = world.directory / "httpd.conf"
    main.write_text(httpd.main_config(world.directory, [f"{httpd.LISTEN}:{front}"]) + site)
    return main


@pytest.mark.parametrize(
    ("backend", "strict", "temporary"),
    [
        ("backend", 200, 200),
        ("impostor", 500, 200),
        ("wrong-name", 500, 500),
        ("expired", 500, 500),
    ],
)
@pytest.mark.parametrize("row", ROWS)
def test_httpd_and_check(world: World, row: str, backend: str, strict: int, temporary: int) -> None:
    front = httpd.free_ports(1)[0]
    main = configuration(world, row, backend, front)
    expected = strict if row in STRICT else temporary
    with httpd.running(main, world.directory / "hosts"):
        assert httpd.get(front, PUBLIC).status == expected
    resolver = FixedResolver({NAME: ("127.0.0.1",)})
    report = Engine(Scope(path=str(main)), resolver=resolver).check()
    if expected != 200:
        assert check.exit_code(report) == 2
    else:
        assert check.exit_code(report) == (0 if row in STRICT else 1)


def test_every_row_has_its_configuration() -> None:
    table = PAGE.partition("\n## ")[0]
    for row in ROWS:
        assert f"(#{row.lower().replace(' ', '-')})" in table
    never = PAGE.partition("\n## Long-term operation\n")[2]
    for line in re.findall(r"```apache\n(.*?)```", never, re.DOTALL)[0].splitlines():
        for row in STRICT:
            assert line not in block(row)
