"""A server that has ended is started again as it was: by its unit, or by its own command line."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.waiting import until
from wizard.config.installation import service
from wizard.config.installation.layout import locate
from wizard.config.preprocess import reader
from wizard.httpd import listeners, revival
from wizard.httpd.running import NotRunning, Running, Server, alive, pid_file, running
from wizard.model.change import Ended

AS_IT_WAS = 'umask 027; ulimit -n 4321; MARK=here; export MARK; exec "$@"'


class Machine:
    """A server that runs, and is ended with what it has open.

    Args:
        root: its directory.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "httpd.conf"
        self.config.write_text(httpd.main_config(root, [f"{httpd.LISTEN}:{httpd.free_port()}"]))
        (root / "hosts").touch()
        self.layout = replace(locate(str(self.config)), server_root=str(root))
        self.tree = reader.read(self.layout)

    def now(self) -> Server:
        return running(self.layout, self.tree)

    def server(self) -> Running:
        found = self.now()
        assert isinstance(found, Running)
        return found

    def start(self) -> revival.Start:
        start = revival.of(self.server())
        assert start is not None
        return start

    def end(self) -> None:
        """As a server ends that is killed: its children live on, and hold its ports."""
        pid = self.server().pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not alive(pid))

    def revive(self, start: revival.Start) -> Ended:
        ports = listeners.ports(self.tree)
        place = pid_file(self.layout, self.tree)
        return revival.revive(start, "said", ports, place, self.now)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path.resolve())
    before = ["sh", "-c", AS_IT_WAS, "sh"]
    with httpd.running(made.config, made.root / "hosts", before=before, options=["-D", "ONE"]):
        yield made
        found = made.now()
        if isinstance(found, Running):
            os.kill(found.pid, signal.SIGTERM)
            until(lambda: not alive(found.pid))


def status(pid: int) -> dict[str, str]:
    text = Path(f"/proc/{pid}/status").read_text()
    return {key: value.strip() for key, value in (one.split(":", 1) for one in text.splitlines())}


def test_as_it_was(machine: Machine) -> None:
    old = machine.server().pid
    was = {place: Path(f"/proc/{old}/{place}").read_bytes() for place in ("cmdline", "environ")}
    start, before = machine.start(), status(old)
    machine.end()
    ended = machine.revive(start)
    assert (ended.started, ended.text) == (True, "")
    new = machine.server()
    assert new.pid != old
    assert was == {place: Path(f"/proc/{new.pid}/{place}").read_bytes() for place in was}
    assert b"MARK=here" in was["environ"]
    after = status(new.pid)
    assert after["Umask"] == before["Umask"] == "0027"
    assert all(after[key] == before[key] for key in ("Uid", "Gid", "Groups"))
    assert resource.prlimit(new.pid, resource.RLIMIT_NOFILE)[0] == 4321
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 4321
    assert os.getsid(new.pid) == new.pid
    assert listeners.missing(new, listeners.ports(machine.tree)) == []


def test_why_it_does_not_start(machine: Machine) -> None:
    start = machine.start()
    machine.end()
    with machine.config.open("a") as file:
        file.write("NoSuchDirective on\n")
    ended = machine.revive(start)
    assert not ended.started
    assert "Invalid command 'NoSuchDirective'" in ended.text
    assert ended.command.startswith(f"{httpd.HTTPD} -d {machine.root} -f {machine.config}")
    assert ended.command.endswith("-D ONE")


def test_one_that_ends_while_it_is_looked_at(machine: Machine) -> None:
    old = machine.server()
    start = machine.start()
    machine.end()
    with machine.config.open("a") as file:
        file.write("NoSuchDirective on\n")
    seen = iter((NotRunning(), old))
    ports, place = listeners.ports(machine.tree), pid_file(machine.layout, machine.tree)
    ended = revival.revive(start, "said", ports, place, lambda: next(seen, NotRunning()))
    assert not ended.started
    assert "Invalid command 'NoSuchDirective'" in ended.text


def test_one_that_its_manager_started_first(machine: Machine) -> None:
    start = machine.start()
    machine.end()
    revived = machine.revive(start)
    new = machine.server().pid
    again = machine.revive(start)
    assert (revived.started, again.started) == (True, True)
    assert machine.server().pid == new


def test_by_its_unit(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    start = replace(machine.start(), unit="apache2@two.service")
    called = machine.root / "called"
    tool = machine.root / "bin" / "systemctl"
    tool.parent.mkdir()
    words = f"{httpd.HTTPD} -d {machine.root} -f {machine.config} -k start"
    tool.write_text(f'#!/bin/sh\necho "$@" >>{called}\n{words}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    machine.end()
    (machine.root / "httpd.pid").unlink()
    assert start.command == "systemctl start apache2@two.service"
    # systemd ends what is left of a unit before it starts it again
    for pid, _ in start.children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert machine.revive(start).started
    assert called.read_text() == "start apache2@two.service\n"


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        ("0::/system.slice/apache2.service\n", "apache2.service"),
        ("0::/system.slice/system-apache2.slice/apache2@two.service\n", "apache2@two.service"),
        ("1:name=systemd:/x\n0::/system.slice/httpd.service\n", "httpd.service"),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", ""),
        ("0::/user.slice/user-0.slice/user@0.service/app.slice/x.service\n", ""),
        ("0::/\n", ""),
        ("", ""),
    ],
)
def test_the_unit_of_a_process(
    groups: str, unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(service, "BOOTED", str(tmp_path))
    assert revival._unit(groups) == unit
    monkeypatch.setattr(service, "BOOTED", str(tmp_path / "none"))
    assert revival._unit(groups) == ""
