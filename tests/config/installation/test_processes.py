"""The httpd that runs with a configuration: command lines on plain values, and a real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.config.installation import processes
from wizard.config.installation.layout import locate
from wizard.config.installation.processes import RunningHttpd, options

COMPILED = ("/etc/apache2", "/etc/apache2/apache2.conf")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-k start", "/etc/apache2/apache2.conf"),
        ("-f /a/b.conf", "/a/b.conf"),
        ("-f/a/b.conf -k start", "/a/b.conf"),
        ("-f b.conf", "/etc/apache2/b.conf"),
        ("-d /a", "/a/apache2.conf"),
        ("-d /a -f b.conf", "/a/b.conf"),
        ("-d/a/ -DX -f ../b.conf", "/b.conf"),
        ("-f /a.conf -f /b.conf", "/b.conf"),
        ("-D -f -f /a.conf", "/a.conf"),
        ("-c -f -e debug -E /log", "/etc/apache2/apache2.conf"),
        ("-d . -f a.conf", None),
        ("-d . -f /a.conf", "/a.conf"),
        ("-X -t -f", None),
        ("start - x", "/etc/apache2/apache2.conf"),
    ],
)
def test_the_configuration_of_a_command_line(words: str, expected: str | None) -> None:
    server = RunningHttpd(1, "/usr/sbin/apache2", tuple(words.split()))
    assert server.main_file(lambda: COMPILED) == expected


def test_a_program_that_does_not_say_where_its_configuration_is() -> None:
    assert RunningHttpd(1, "/x", ("-k", "start")).main_file(lambda: ("", "")) is None


def test_a_program_is_not_asked_where_its_command_line_tells() -> None:
    def asked() -> tuple[str, str]:
        raise AssertionError

    assert RunningHttpd(1, "/x", ("-d", "/a", "-f", "b.conf")).main_file(asked) == "/a/b.conf"
    assert options(("-d", "/a", "-f", "b.conf")) == ("/a", "b.conf")


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A directory whose path everybody may walk."""
    place = Path("/tmp", f"wizard-{os.getpid()}-{tmp_path.name}")
    place.mkdir()
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def test_a_real_one(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_FRESH", 0.0)
    port = httpd.free_ports(1)[0]
    main = public / "httpd.conf"
    main.write_text(httpd.main_config(public, [f"{httpd.LISTEN}:{port}"]))
    hosts = public / "hosts"
    hosts.write_text("")
    assert locate(str(main)).found == f"whose modules it loads ({httpd.HTTPD})"
    with httpd.running(main, hosts):
        pid = int((public / "httpd.pid").read_text())
        layout = locate(str(main))
        assert layout.found == f"which runs with it (pid {pid})"
        assert layout.binary == httpd.HTTPD
        assert locate(None).found != layout.found
        if os.geteuid() == 0:  # to somebody else root's process does not show what it executes
            assert _as_nobody(main) == f"whose modules it loads ({httpd.HTTPD})"
    assert locate(str(main)).found == f"whose modules it loads ({httpd.HTTPD})"


AS_NOBODY = """
import os, sys
from wizard.config.installation.layout import locate
os.setgroups([]), os.setgid(65534), os.setuid(65534)
print(locate(sys.argv[1]).found)
"""


def _as_nobody(main: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(main)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_processes_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", str(tmp_path))
    looked: list[int] = []

    def none(_: str | None) -> Iterator[processes.RunningHttpd]:
        looked.append(1)
        return iter(())

    monkeypatch.setattr(processes, "_servers", none)
    for _ in range(5):
        assert processes.servers() == ()
    assert looked == [1]


def test_no_proc_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", str(tmp_path / "nowhere"))
    assert processes.servers() == ()
