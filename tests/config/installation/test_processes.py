"""The httpd that runs with a configuration: command lines on plain values, and a real one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.installation import fakes
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


CHURN = """
import os, subprocess, sys, threading, time
from wizard.config.installation import processes
if sys.argv[1] != "0":
    os.setgroups([]), os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
end = time.monotonic() + 2
def churn():
    while time.monotonic() < end:
        subprocess.run([sys.argv[2], "-f", sys.argv[3]], stderr=subprocess.DEVNULL)
threads = [threading.Thread(target=churn) for _ in range(6)]
[thread.start() for thread in threads]
seen = 0
while time.monotonic() < end:
    for server in processes.look(sys.argv[2]):
        if sys.argv[3] in server.arguments:
            seen += 1
        elif not server.arguments:
            print(server)
print("seen" if seen else "none")
"""


@pytest.mark.parametrize("user", ["0", "65534"] if os.geteuid() == 0 else ["0"])
def test_one_that_begins_or_ends_is_not_without_a_command_line(public: Path, user: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHURN, user, httpd.HTTPD, str(public / "none.conf")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stderr, done.stdout) == ("", "seen\n")


def test_many_that_hide_their_command_line_do_not_make_it_wait(nothing_runs: Path) -> None:
    for pid in range(2, 52):
        fakes.process(nothing_runs, pid, [], Path(httpd.HTTPD))
    began = time.monotonic()
    assert len(processes.look()) == 50
    assert time.monotonic() - began < 25 * 0.2


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
