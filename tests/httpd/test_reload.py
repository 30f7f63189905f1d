"""The graceful reload by each layout's own way: what is called, with which environment, and what
becomes of a real server. systemctl and apachectl are scripts that note how they were called."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.waiting import until
from wizard.change.activation import Live, ReloadError
from wizard.config.installation import service
from wizard.config.installation.distributions import DEBIAN, RHEL, SUSE, UPSTREAM, Family
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.httpd import listeners, reload, running
from wizard.model.change import Reloaded
from wizard.model.scope import Scope

CONFIG = "main.conf"
SIGNAL = "kill -USR1 $(cat {root}/httpd.pid)"


@dataclass
class Machine:
    """A running server, and scripts in place of what reloads it.

    Args:
        root: ServerRoot.
        layout: of its configuration.
    """

    root: Path
    layout: Layout

    def script(self, path: str, body: str) -> None:
        place = self.root / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(
            f'#!/bin/sh\necho "$0 $@" >>{self.root}/called\nenv >>{self.root}/env\n'
            f"{body.format(root=self.root)}\n"
        )
        place.chmod(0o755)

    def systemctl(self, reload: str, *, active: bool = True) -> None:
        self.script(
            "bin/systemctl",
            f"case $1 in is-active) exit {0 if active else 3};; reload) {reload};; esac",
        )

    def called(self) -> list[str]:
        """The calls, without the directory of the scripts."""
        said = httpd.text_of(self.root / "called").replace(f"{self.root}/bin/", "")
        return said.splitlines()

    def server(self) -> running.Running:
        found = running.running(self.layout, reader.read(self.layout))
        assert isinstance(found, running.Running)
        return found

    def installed(self, family: Family) -> Layout:
        """The configuration as the main file of a family's layout."""
        main = self.root / family.main_file
        main.parent.mkdir(exist_ok=True)
        if not main.exists():
            main.symlink_to(self.root / CONFIG)
        return replace(self.layout, kind=family.kind, native=True, main_file=str(main),
                       files=(str(main),))  # fmt: skip

    def graceful(self, family: Family) -> Reloaded:
        return reload.graceful(self.installed(family), self.server())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    root = tmp_path.resolve()
    config = root / CONFIG
    config.write_text(httpd.main_config(root, [f"{httpd.LISTEN}:{httpd.free_ports(1)[0]}"]))
    (root / "hosts").touch()
    monkeypatch.setenv("PATH", f"{root}/bin", prepend=os.pathsep)
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")
    monkeypatch.setattr(service, "BOOTED", str(root))
    with httpd.running(config, root / "hosts"):
        # as installed: envvars sets the variables, and -d and -f need not be guessed
        layout = replace(locate(str(config)), environment={}, server_root=str(root))
        yield Machine(root, layout)


@pytest.mark.parametrize(
    ("family", "unit"), [(RHEL, "httpd"), (DEBIAN, "apache2"), (SUSE, "apache2")]
)
def test_by_systemd(machine: Machine, family: Family, unit: str) -> None:
    machine.systemctl(SIGNAL)
    done = machine.graceful(family)
    assert (done.ok, done.alive, done.text) == (True, True, "")
    assert done.command == ("systemctl", "reload", unit)
    assert machine.called() == [f"systemctl is-active --quiet {unit}", f"systemctl reload {unit}"]
    assert "DEPLOY_TOKEN" not in (machine.root / "env").read_text()


def test_a_unit_that_is_not_active_is_not_asked(machine: Machine) -> None:
    """Somebody started the server by hand: systemd would say that there is nothing to reload."""
    machine.systemctl("exit 1", active=False)
    done = machine.graceful(RHEL)
    assert (done.ok, done.alive) == (True, True), done.text
    assert done.command[0] == machine.layout.binary
    assert done.command[-2:] == ("-k", "graceful")
    assert machine.called() == ["systemctl is-active --quiet httpd"]


def test_where_systemd_is_not_the_manager(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BOOTED", str(machine.root / "none"))
    machine.systemctl("exit 1")
    assert machine.graceful(RHEL).ok
    assert machine.called() == []


def test_systemd_refuses(machine: Machine) -> None:
    machine.systemctl("echo 'Job for httpd.service failed.' >&2; echo See journalctl. >&2; exit 1")
    done = machine.graceful(RHEL)
    said = "Job for httpd.service failed.\nSee journalctl."
    assert (done.ok, done.alive, done.text) == (False, True, said)
    target = Live(Scope(), machine.layout, reader.read(machine.layout), machine.server())
    words = "systemctl reload httpd failed: Job for httpd.service failed. See journalctl."
    assert ReloadError(target, done, None).message == words


def test_systemd_says_yes_and_nothing_happens(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "SECONDS", {"reload": 1})
    machine.systemctl("exit 0")
    done = machine.graceful(RHEL)
    assert (done.ok, done.alive) == (False, True)
    assert "no new children" in done.text


def test_systemd_hangs(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command and what it started are ended; it is told how long it takes at most."""
    monkeypatch.setattr(reload, "SECONDS", {"reload": 3})
    machine.systemctl("sleep 303; true")
    told: list[int] = []
    done = reload.graceful(machine.installed(RHEL), machine.server(), tell=told.append)
    assert (done.ok, done.alive, done.hangs) == (False, True, True)
    assert done.text == "it did not end within 3 s"
    assert told == [1]
    left = subprocess.run(["pgrep", "-fx", "sleep 303"], capture_output=True, text=True)
    assert left.stdout == ""


def test_the_server_ends_at_the_reload(machine: Machine) -> None:
    config = machine.root / CONFIG
    layout = machine.installed(RHEL)
    server = machine.server()
    machine.systemctl(SIGNAL)
    with config.open("a") as file:
        file.write("NoSuchDirective on\n")
    done = reload.graceful(layout, server)
    assert (done.ok, done.alive) == (False, False)
    assert reload.start_command(layout) == "systemctl start httpd"


def test_the_server_ends_while_it_is_looked_at(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has just ended cannot be seen, and so misses no port."""

    def ends(pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not running.alive(pid))

    monkeypatch.setattr(listeners, "held", ends)
    machine.systemctl(SIGNAL)
    done = machine.graceful(RHEL)
    assert (done.ok, done.alive) == (False, False)


def test_by_apachectl_of_an_own_build(machine: Machine) -> None:
    machine.script("bin/apachectl", SIGNAL)
    done = machine.graceful(UPSTREAM)
    assert (done.ok, done.alive) == (True, True), done.text
    assert machine.called() == ["apachectl graceful"]
    assert "DEPLOY_TOKEN" not in (machine.root / "env").read_text()


def test_names_that_apachectl_would_not_give(machine: Machine) -> None:
    """Started with -D: apachectl would reload without it, and read another configuration."""
    machine.script("bin/apachectl", "exit 1")
    layout = machine.installed(UPSTREAM)
    words = reload.command(layout, ["SITE"])
    assert words[0] == machine.layout.binary
    assert words[-4:] == ("-D", "SITE", "-k", "graceful")


def test_a_server_that_ended_meanwhile_is_not_started(tmp_path: Path) -> None:
    main = tmp_path.resolve() / "httpd.conf"
    main.write_text(f"ServerRoot {tmp_path.resolve()}\nListen 127.0.0.1:1\n")
    called = tmp_path / "called"
    program = tmp_path / "httpd"
    program.write_text(f"#!/bin/sh\ntouch {called}\n")
    program.chmod(0o755)
    with subprocess.Popen(["/bin/true"]) as ended:
        ended.wait()
    layout = replace(locate(str(main)), binary=str(program))
    done = reload.graceful(layout, running.Running(ended.pid, None))
    assert (done.ok, done.alive) == (False, False)
    assert not called.exists()


def test_the_log_of_a_container_is_the_servers_own(tmp_path: Path) -> None:
    """/proc/self/fd/2 is whose process asks; what the server wrote since is read from its own."""
    root = tmp_path.resolve()
    main = httpd.main_config(root, [f"{httpd.LISTEN}:{httpd.free_ports(1)[0]}"])
    (root / "httpd.conf").write_text(main + "ErrorLog /proc/self/fd/2\n")
    (root / "hosts").touch()
    with httpd.running(root / "httpd.conf", root / "hosts", log=root / "stderr.txt"):
        layout = replace(locate(str(root / "httpd.conf")), server_root=str(root))
        server = running.running(layout, reader.read(layout))
        assert isinstance(server, running.Running)
        assert server.log == f"/proc/{server.pid}/fd/2"
        assert httpd.READY in Path(server.log).read_text()


def test_a_program_that_is_called_by_another_name(machine: Machine) -> None:
    """SUSE's /usr/sbin/httpd is a link to httpd-prefork, which is what runs."""
    link = machine.root / "httpd"
    link.symlink_to(str(machine.layout.binary))
    layout = replace(machine.layout, binary=str(link))
    assert running.running(layout, reader.read(layout)) == machine.server()
