"""Which httpd runs with a configuration: PID files that lie, instances that look alike, containers,
and what another user may not see. Every server is a real one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.others import NOBODY
from tests.support.waiting import until
from wizard.config.installation import processes, service
from wizard.config.installation.distributions import RHEL
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.httpd import command, readers, reload, running
from wizard.httpd.running import NotKnown, NotRunning, Running
from wizard.model.scope import HttpdChoice

AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@dataclass
class Instance:
    """A configuration, and the httpd that a test starts with it.

    Args:
        root: ServerRoot, which everybody may walk.
    """

    root: Path

    @property
    def main(self) -> Path:
        return self.root / "httpd.conf"

    @property
    def pid_file(self) -> Path:
        return self.root / "httpd.pid"

    @property
    def layout(self) -> Layout:
        return replace(locate(str(self.main)), server_root=str(self.root), environment={})

    @property
    def found(self) -> running.Server:
        return running.running(self.layout, reader.read(self.layout))

    @property
    def one(self) -> Running:
        assert isinstance(self.found, Running), self.found
        return self.found

    def runs(
        self, *options: str, before: tuple[str, ...] = ()
    ) -> contextlib.AbstractContextManager[None]:
        return httpd.running(self.main, self.root / "hosts", options=options, before=before)

    def pid(self) -> int:
        return int(self.pid_file.read_text())

    def generations(self) -> int:
        return (self.root / "error.log").read_text().count(httpd.READY)

    def by_another(self) -> str:
        """What another user finds."""
        done = subprocess.run(
            [sys.executable, "-c", FIND, str(self.main)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.strip()


FIND = f"""
import os, sys
from wizard.config.installation.layout import locate
from wizard.config.preprocess import reader
from wizard.httpd import running
# from here on: another user may not be let to where this Python lies
os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
layout = locate(sys.argv[1])
print(running.running(layout, reader.read(layout)))
"""


def instance(root: Path) -> Instance:
    root.mkdir()
    root.chmod(0o755)
    (root / "hosts").touch()
    made = Instance(root)
    made.main.write_text(httpd.main_config(root, [f"{httpd.LISTEN}:{httpd.free_port()}"]))
    return made


@pytest.fixture
def proxy(public: Path) -> Instance:
    return instance(public / "one")


@pytest.fixture
def other(public: Path) -> Instance:
    return instance(public / "two")


def test_its_own_pid_file(proxy: Instance) -> None:
    with proxy.runs("-D", "SITE"):
        found = proxy.one
        assert (found.pid, found.named, found.others) == (proxy.pid(), True, ())
        assert found.defines == ("SITE",)
    assert proxy.found == NotRunning()


@contextlib.contextmanager
def reloaded_without_its_pid_file(proxy: Instance) -> Iterator[None]:
    """The server is told itself, goes on as the same process, and no second one is started."""
    pid = proxy.pid()
    yield
    found = proxy.one
    assert (found.pid, found.named) == (pid, False)
    done = reload.graceful(proxy.layout, found)
    assert (done.ok, done.command) == (True, ("kill", "-USR1", str(pid))), done.text
    until(lambda: proxy.generations() == 2)
    assert (proxy.one.pid, running.alive(pid)) == (pid, True)


def test_a_pid_file_that_was_deleted(proxy: Instance) -> None:
    with proxy.runs(), reloaded_without_its_pid_file(proxy):
        proxy.pid_file.unlink()
        called = [*command.command(proxy.layout), "-k", "graceful"]
        done = subprocess.run(called, capture_output=True, text=True, timeout=30)
        assert "httpd not running, trying to start" in done.stdout + done.stderr


@pytest.mark.parametrize("content", ["4194999\n", "", "no number\n", "0\n", "-1\n", "9" * 400])
def test_a_pid_file_that_names_nobody(proxy: Instance, content: str) -> None:
    with proxy.runs(), reloaded_without_its_pid_file(proxy):
        proxy.pid_file.write_text(content)
    proxy.pid_file.write_text(content)
    assert proxy.found == NotRunning()


def test_a_pid_that_another_program_has_by_now(proxy: Instance) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            with proxy.runs(), reloaded_without_its_pid_file(proxy):
                proxy.pid_file.write_text(f"{stranger.pid}\n")
            proxy.pid_file.write_text(f"{stranger.pid}\n")
            assert proxy.found == NotRunning()
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_pid_that_another_instance_has_by_now(proxy: Instance, other: Instance) -> None:
    """The same program with another configuration: after a crash, say."""
    with other.runs():
        with proxy.runs(), reloaded_without_its_pid_file(proxy):
            proxy.pid_file.write_text(other.pid_file.read_text())
        proxy.pid_file.write_text(other.pid_file.read_text())
        assert proxy.found == NotRunning()
        assert other.generations() == 1
        assert other.one.named


def test_a_pid_file_that_is_a_pipe(proxy: Instance) -> None:
    with proxy.runs():
        proxy.pid_file.unlink()
        os.mkfifo(proxy.pid_file)
        assert not proxy.one.named
        proxy.pid_file.unlink()


def test_a_pid_file_that_was_moved_by_an_edit(proxy: Instance) -> None:
    """The configuration says another path than it said at the start."""
    with proxy.runs():
        proxy.main.write_text(proxy.main.read_text().replace("httpd.pid", "new.pid"))
        assert not proxy.one.named
        assert reload.graceful(proxy.layout, proxy.one).ok
        until(lambda: (proxy.root / "new.pid").exists())
        assert proxy.one.named


def test_where_a_relative_pid_file_is(proxy: Instance) -> None:
    """Below ServerRoot, whatever DefaultRuntimeDir says."""
    (proxy.root / "runtime").mkdir()
    proxy.main.write_text(proxy.main.read_text() + "DefaultRuntimeDir runtime\n")
    with proxy.runs():
        assert proxy.pid_file.exists()
        assert proxy.one.named


def test_a_program_that_does_not_tell_its_default(
    proxy: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No PidFile line, and logs/httpd.pid is not what the program was built with."""
    monkeypatch.setattr(command, "default_pid_file", lambda _: "logs/httpd.pid")
    proxy.main.write_text(proxy.main.read_text().replace("PidFile httpd.pid\n", ""))
    with proxy.runs("-C", f"PidFile {proxy.pid_file}"), reloaded_without_its_pid_file(proxy):
        pass


@pytest.mark.parametrize("named", [True, False])
def test_two_servers_with_one_configuration(proxy: Instance, named: bool) -> None:
    """They differ in what the command line adds: which is meant, only the PID file tells."""
    text = proxy.main.read_text().replace("Listen ", "<IfDefine !B>\nListen ", 1)
    proxy.main.write_text(text.replace("LoadModule", "</IfDefine>\nLoadModule", 1))
    with proxy.runs("-D", "A"):
        first = proxy.pid()
        called = [httpd.HTTPD, "-d", str(proxy.root), "-f", str(proxy.main), "-D", "B"]
        called += ["-C", f"Listen {httpd.LISTEN}:{httpd.free_port()}", "-DFOREGROUND"]
        called += ["-c", f"PidFile {proxy.root}/b.pid"]
        with subprocess.Popen(called) as second:
            try:
                until(lambda: (proxy.root / "b.pid").exists() and proxy.generations() == 2)
                if named:
                    assert (proxy.one.pid, proxy.one.others) == (first, (second.pid,))
                    proxy.pid_file.write_text(f"{second.pid}\n")
                    assert (proxy.one.pid, proxy.one.others) == (second.pid, (first,))
                else:
                    proxy.pid_file.unlink()
                    assert proxy.found == NotKnown("several", (first, second.pid))
            finally:
                second.terminate()


def test_the_service_manager_tells_which_is_meant(
    proxy: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was started with a relative -d: its command line leaves it open."""
    tools = proxy.root / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    monkeypatch.setattr(service, "BOOTED", str(tools))
    monkeypatch.setattr(service, "family", lambda _: RHEL)
    program = proxy.root / "httpd"  # of its own: to others such a server is a doubt as well
    shutil.copy2(httpd.HTTPD, program)
    layout = replace(proxy.layout, binary=str(program))
    call = [str(program), "-d", ".", "-f", "httpd.conf", "-DFOREGROUND"]

    def found(layout: Layout) -> running.Server:
        return running.running(layout, reader.read(layout))

    with subprocess.Popen(call, cwd=proxy.root) as server:
        try:
            until(proxy.pid_file.exists)
            named = found(layout)
            assert isinstance(named, Running)
            assert (named.pid, named.named) == (server.pid, True)
            proxy.pid_file.unlink()
            assert found(layout) == NotKnown("unclear", (server.pid,))
            (tools / "systemctl").write_text(f'#!/bin/sh\ntest "$1" = show && echo {server.pid}\n')
            (tools / "systemctl").chmod(0o755)
            managed = found(replace(layout, native=True))
            assert isinstance(managed, Running)
            assert (managed.pid, managed.named) == (server.pid, False)
        finally:
            server.terminate()


def test_calls_that_serve_nobody(proxy: Instance) -> None:
    """-t hangs at a pipe; a script starts httpd and waits: neither is the server."""
    os.mkfifo(proxy.root / "pipe")
    script = proxy.root / "apachectl"
    script.write_text(f'#!/bin/sh\n"$@" -d {proxy.root} -f {proxy.main} -DFOREGROUND\n')
    script.chmod(0o755)
    call = [httpd.HTTPD, "-d", str(proxy.root), "-f", str(proxy.main)]
    with subprocess.Popen([*call, "-c", f"Include {proxy.root}/pipe", "-t"]) as hung:
        try:
            assert proxy.found == NotRunning()
            with proxy.runs(before=(str(script),)):
                assert proxy.one.pid == proxy.pid()
                assert proxy.one.others == ()
                os.kill(proxy.pid(), 15)  # the script would leave it behind
        finally:
            hung.kill()


def test_started_by_a_call_to_reload(proxy: Instance) -> None:
    """``-k graceful`` starts a server where none runs, and stays its command line."""
    call = [httpd.HTTPD, "-d", str(proxy.root), "-f", str(proxy.main)]
    subprocess.run([*call, "-k", "graceful"], check=True, capture_output=True, timeout=30)
    try:
        until(lambda: proxy.pid_file.exists() and proxy.generations() == 1)
        assert proxy.one.pid == proxy.pid()
    finally:
        subprocess.run([*call, "-k", "stop"], check=True, timeout=30)
        until(lambda: not proxy.pid_file.exists())


def test_a_program_that_was_replaced_since(proxy: Instance) -> None:
    """A package's update: the running server executes a file that has no name any more."""
    program = httpd.Program(str(proxy.root / "httpd"), httpd.MODULES)
    shutil.copy2(httpd.HTTPD, program.path)
    with httpd.running(proxy.main, proxy.root / "hosts", program=program):
        Path(program.path).unlink()
        shutil.copy2(httpd.HTTPD, program.path)
        assert proxy.one.pid == proxy.pid()


def test_a_private_tmp_is_no_container(proxy: Instance) -> None:
    with proxy.runs(before=("unshare", "--mount")):
        assert (proxy.one.pid, proxy.one.named) == (proxy.pid(), True)


def test_other_files_under_the_same_names(proxy: Instance, public: Path) -> None:
    """As in a container or a chroot: the same program, the same command line."""
    theirs = public / "theirs"
    shutil.copytree(proxy.root, theirs)
    bind = f'mount --bind {theirs} {proxy.root} && exec "$@"'
    started = [httpd.HTTPD, "-d", str(proxy.root), "-f", str(proxy.main), "-DFOREGROUND"]
    words = ["unshare", "--mount", "sh", "-c", bind, "sh", *started]
    with subprocess.Popen(words) as server:
        try:
            until((theirs / "httpd.pid").exists)
            assert proxy.found == NotRunning()
            proxy.pid_file.write_text(f"{server.pid}\n")
            assert proxy.found == NotRunning()
        finally:
            server.terminate()


def test_a_container_that_reads_the_same_files(proxy: Instance) -> None:
    """Its process has another number there: what the PID file says means nothing here."""
    started = [httpd.HTTPD, "-d", str(proxy.root), "-f", str(proxy.main), "-DFOREGROUND"]
    words = ["unshare", "--pid", "--mount-proc", "--fork", "--kill-child", *started]
    with subprocess.Popen(words) as container:
        try:
            until(proxy.pid_file.exists)
            found = proxy.found
            assert isinstance(found, NotKnown)
            assert found.doubt == "contained"
            assert proxy.pid() not in found.pids
        finally:
            container.kill()


@pytest.mark.parametrize("words", [(), ("-f", "conf/httpd.conf")], ids=["hidden", "relative"])
def test_one_that_ended_after_it_was_seen(
    proxy: Instance, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would tell which configuration it read; while it runs, that is a doubt."""
    with subprocess.Popen(("sleep", "60")) as process:
        began = processes.began(process.pid)
        seen = processes.RunningHttpd(process.pid, "", words, began=began)
        monkeypatch.setattr(processes, "look", lambda _=None: (seen,))
        doubt = proxy.found
        assert doubt == NotKnown("unclear", (process.pid,))
        paths = [str(proxy.main)]
        assert readers.reading(paths, HttpdChoice()).unknown == (process.pid,)
        process.kill()
        process.wait()
        assert proxy.found == NotRunning()
        assert readers.reading(paths, HttpdChoice()).unknown == ()


def called_httpd(pid: int) -> bool:
    """Whether a process has this name by the kernel, or by its command line."""
    place = Path("/proc", str(pid))
    names = (place / "comm").read_bytes().rstrip(), (place / "cmdline").read_bytes().split(b"\0")[0]
    return b"httpd" in names


def test_whoever_calls_themselves_httpd(proxy: Instance) -> None:
    """Name and command line are anybody's to choose; the program and the user are not."""
    words = f"exec -a httpd sleep 60 # -f {proxy.main}"
    script = (
        f"import ctypes, os, time\nos.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})\n"
        "ctypes.CDLL(None).prctl(15, b'httpd', 0, 0, 0)\ntime.sleep(60)"
    )
    liars = [
        [*AS_NOBODY, "bash", "-c", words],
        [sys.executable, "-c", script, "-f", str(proxy.main)],
    ]
    with contextlib.ExitStack() as stack:
        for liar in liars:
            process = stack.enter_context(subprocess.Popen(liar))
            stack.callback(process.kill)
            until(partial(called_httpd, process.pid))
        assert proxy.found == NotRunning()
        proxy.pid_file.write_text(f"{process.pid}\n")
        assert proxy.found == NotRunning()


def test_a_server_of_somebody_else(proxy: Instance) -> None:
    """Counts where the PID file names it: else anybody could have a configuration of root run."""
    os.chown(proxy.root, NOBODY, NOBODY)
    with proxy.runs(before=AS_NOBODY):
        assert (proxy.one.pid, proxy.one.named) == (proxy.pid(), True)
        pid = proxy.pid()
        proxy.pid_file.unlink()
        assert proxy.found == NotKnown("unclear", (pid,))


def test_what_another_user_may_not_see(proxy: Instance, other: Instance) -> None:
    """They see that an httpd of root runs with this main file, and not what it executes."""
    assert proxy.by_another() == "NotRunning()"
    with proxy.runs(), other.runs():
        assert proxy.by_another().startswith(f"Running(pid={proxy.pid()}, ")
        proxy.pid_file.chmod(0)
        assert proxy.by_another() == f"NotKnown(doubt='unclear', pids=({proxy.pid()},))"


def test_a_log_in_a_directory_that_another_user_may_not_enter(proxy: Instance) -> None:
    """Debian's /var/log/apache2 and RHEL's /var/log/httpd: who runs is seen all the same."""
    closed = proxy.root / "log"
    closed.mkdir(mode=0o700)
    with proxy.runs():
        proxy.main.write_text(f"{proxy.main.read_text()}\nErrorLog {closed}/error.log\n")
        (closed / "error.log").touch()
        assert proxy.one.log == f"{closed}/error.log"
        found = proxy.by_another()
        assert found.startswith(f"Running(pid={proxy.pid()}, log=None, "), found


def test_a_machine_that_hides_processes(proxy: Instance) -> None:
    hidden = "mount -t proc -o hidepid=2 proc /proc && exec"
    with proxy.runs():
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'{hidden} "$@"', "sh",
             sys.executable, "-c", FIND, str(proxy.main)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("NotKnown(doubt='hidden', pids=())", "")
