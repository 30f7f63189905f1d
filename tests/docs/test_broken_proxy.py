"""The broken proxy of README and guide: what is typed there is answered as printed, in that order.

Ports, times, fingerprints, ids and process numbers are others each time; `…` stands for any lines.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.test_readme import DOCS, README
from tests.support.httpd import free_port
from wizard.demo.lab import Lab

LESSON = "internal-ca"
SOMEBODY = 65534
"""Who owns the lab of a reader who is not root: of a CA in it, root would say that it is found."""
_PAGES = README + DOCS["docs/guide.md"]
_ORDER = ("curl", "tail", "check", "explain", "fix", "prove", "apply", "rollback")
_TYPED = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_VARIABLE = (
    r"\(\w{3} \d+ [\d:]{8}(?: to [\d:]{8})?\)",
    r"\[\w{3} \w{3} +\d+ [\d:.]+ \d{4}\]", r"\d{8}-\d{6}-[0-9a-f]+",
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?",
    r"(?:[0-9A-F]{2}:){8,}(?:[0-9A-F]{2})?", r"pid \d+:tid \d+", r":\d{2,5}\b", r"\(\d+\.\d s\)",
    r"httpd 2\.4\.\d+", r"OpenSSL \d[\d.]*\w*",
)  # fmt: skip


def section(title: str) -> list[str]:
    """The blocks of commands below a heading."""
    text = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def printed() -> dict[str, list[str]]:
    """Each command, in the order of the guide, with what the pages show below it."""
    found: dict[str, list[str]] = {}
    for block in re.findall(r"^```console\n(.*?)^```", _PAGES, re.MULTILINE | re.DOTALL):
        for command, shown in _TYPED.findall(block):
            found.setdefault(command, []).append(shown)
    return dict(sorted(found.items(), key=lambda one: _ORDER.index(_name(one[0]))))


def _name(command: str) -> str:
    return command.removeprefix("proxy-wizard ").split()[0]


def plain(text: str, lab: str = "/tmp/lab") -> str:
    """Without what differs from run to run, and without line breaks: a path's length moves them."""
    text = " ".join(text.replace("[y/N] y\n", "[y/N] ").replace(lab, "LAB").split())
    for pattern in _VARIABLE:
        text = re.sub(pattern, "#", text)
    return text


class Reader:
    """Who types README's commands, on a terminal, in the directory of the lesson."""

    def __init__(self, lab: Lab, port: int, state: Path) -> None:
        self.lab, self.port = str(lab.directory), port
        self.directory = lab.directory / LESSON
        program = Path(sys.executable).parent
        self._environment = os.environ | {
            "PATH": f"{program}:{os.environ['PATH']}",
            "COLUMNS": "80",
            "PROXY_WIZARD_STATE": str(state),
        }

    def types(self, script: str) -> str:
        """What stdout and stderr hold afterwards; every question is answered with yes."""
        ours, theirs = pty.openpty()
        os.write(ours, b"y\n")
        try:
            return subprocess.run(
                ["sh", "-c", script.replace("8080", str(self.port)).replace("/tmp/lab", self.lab)],
                cwd=self.directory, env=self._environment, stdin=theirs, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=100, check=False,
            ).stdout  # fmt: skip
        finally:
            os.close(ours)
            os.close(theirs)

    def owns(self, user: int) -> None:
        """Give the lab to this user, if root is reading."""
        if os.geteuid() == 0:
            for path in (Path(self.lab), *Path(self.lab).rglob("*")):
                shutil.chown(path, user)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Lab(tmp_path / "lab") as lab, lab.names() as named:
        assert named, "libnss-wrapper is missing"
        port = free_port()
        for path in (
            lab.directory / LESSON / "httpd.conf",
            lab.directory / LESSON / "sites/app.conf",
        ):
            path.write_text(path.read_text().replace("8080", str(port)))
        if os.geteuid() == 0:  # a server that root starts wants to know whom to become
            with (lab.directory / LESSON / "httpd.conf").open("a") as main:
                main.write(f"User #{SOMEBODY}\nGroup #{SOMEBODY}\n")
        yield Reader(lab, port, tmp_path / "state")


def test_what_is_printed_is_what_happens(reader: Reader) -> None:
    prepare, start, stop = section("Type it yourself")
    assert f"proxy-wizard demo --keep /tmp/lab {LESSON}\n" in prepare
    examples = printed()
    assert {_name(command) for command in examples} == {*_ORDER}
    assert reader.types(start) == ""
    try:
        for command, expected in examples.items():
            reader.owns(os.geteuid() if "--ca " in command or "rollback" in command else SOMEBODY)
            shown = plain(reader.types(command), reader.lab)
            for text in expected:
                pattern = re.escape(plain(text)).replace("…", ".*")
                assert re.fullmatch(pattern, shown), f"$ {command}\n{shown}\n{plain(text)}"
    finally:
        reader.types(stop.splitlines()[0])
