"""Whom httpd lets through, as the reader says and as httpd does it: random access control."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.answers import access_generator
from tests.answers.backend import RuleBackend
from tests.answers.client import ask
from tests.support import httpd
from wizard import config
from wizard.model.barrier import Barrier
from wizard.model.imagined import Imagined
from wizard.model.scope import HttpdChoice

CLIENT = "127.0.0.1"
_LOCK = "AH00526"


class World:
    """One backend, and an httpd with many virtual hosts in front of it."""

    def __init__(self, directory: Path, backend: int) -> None:
        self.directory = directory
        self.backend = backend
        self.port = httpd.free_port()
        (directory / "hosts").write_text("127.0.0.1 localhost\n")
        (directory / "mime.types").touch()

    def configuration(self, main: str, hosts: Sequence[str]) -> Path:
        """A main file with a virtual host for each body."""
        text = httpd.main_config(self.directory, [f"{httpd.LISTEN}:{self.port}"])
        known = [name for name in access_generator.MODULES if httpd.INSTALLED.has(name)]
        text += httpd.INSTALLED.load(*known) + main
        for number, body in enumerate(hosts):
            text += f"<VirtualHost *:{self.port}>\nServerName h{number}.example.com\n{body}"
            text += f"ProxyPass / http://127.0.0.1:{self.backend}/\n</VirtualHost>\n"
        file = self.directory / "httpd.conf"
        file.write_text(text)
        return file

    def accepted(self, main: str, hosts: Sequence[str]) -> list[str]:
        """The bodies that httpd reads; what it refuses is taken away, one after the other."""
        left = list(hosts)
        for _ in range(len(hosts) + 1):
            file = self.configuration(main, left)
            fine, said = httpd.configtest(file, self.directory / "hosts")
            if fine:
                return left
            line = re.search(r"on line (\d+) of", said)
            assert line is not None, said
            before = file.read_text().split("\n")[: int(line[1])]
            number = sum(one.startswith("<VirtualHost") for one in before) - 1
            assert number >= 0, said
            del left[number]
        raise AssertionError

    def answers(self, hosts: int, path: str) -> list[int]:
        """The status that each virtual host gives."""
        return [
            ask(self.port, {"path": path, "host": f"h{number}.example.com"}, tls=False).status
            for number in range(hosts)
        ]


@contextlib.contextmanager
def world() -> Iterator[World]:
    backend = RuleBackend([{"when": {}, "status": 200, "body": "page\n"}], None)
    try:
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o755)
            yield World(Path(name), backend.port)
    finally:
        backend.stop()


def possible(barriers: tuple[Barrier, ...]) -> tuple[set[int], bool]:
    """What the client may get, and whether that is said for certain."""
    if not barriers:
        return {200}, True
    barrier = barriers[0]
    if barrier.everyone and not barrier.unsure:
        return {barrier.status}, True
    return set(), False


def compared(seed: int, count: int) -> tuple[int, int, list[str]]:
    """Configurations asked, those with a certain answer, and what is unlike httpd's."""
    chance = random.Random(seed)
    wrong: list[str] = []
    with world() as lab:
        main = access_generator.sections(chance, 1)
        bodies = lab.accepted("", [access_generator.sections(chance, 3) for _ in range(count)])
        with contextlib.suppress(AssertionError):
            lab.accepted(main, [])
            bodies = lab.accepted(main, bodies) if main else bodies
        if not httpd.configtest(lab.configuration(main, bodies), lab.directory / "hosts")[0]:
            main = ""
        file = lab.configuration(main, bodies)
        read = config.load(str(file), httpd=HttpdChoice(httpd.HTTPD), imagined=Imagined(CLIENT))
        told = {route.vhost.server_name: route for route in read.routes}
        certain = 0
        with httpd.running(file, lab.directory / "hosts"):
            for number, status in enumerate(lab.answers(len(bodies), "/")):
                barriers = told[f"h{number}.example.com"].barriers
                statuses, sure = possible(barriers)
                certain += sure
                if sure and status not in statuses:
                    wrong.append(f"httpd gives {status}: {barriers}\n{main}----\n{bodies[number]}")
    return len(bodies), certain, wrong


@pytest.mark.parametrize("seed", range(2))
def test_the_reader_says_what_httpd_does(seed: int) -> None:
    asked, certain, wrong = compared(seed, 120)
    assert not wrong, "\n\n".join(wrong[:5])
    assert asked > 60
    assert certain > asked // 2
