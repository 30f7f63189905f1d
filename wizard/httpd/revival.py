"""A server that ended at a reload, started again as it was.

Source: proc(5), systemd.unit(5), httpd(8).
"""
# ruff: noqa: PTH115
# Paths stay str: what the kernel says of a process.

from __future__ import annotations

import contextlib
import os
import resource
import shlex
import shutil
import signal
import subprocess  # nosec B404 # argument lists only, no shell
from collections.abc import Callable
from pathlib import Path

from wizard.config.installation import processes
from wizard.errors import WizardError
from wizard.httpd import command, listeners, manager
from wizard.httpd.budget import Budget
from wizard.httpd.running import Running, Server, children, number_in
from wizard.model.change import SECONDS, Ended
from wizard.record import record

_UNITS = "/system.slice/"
_MOST_OUTPUT = 1 << 16
"""Bytes that httpd says before it serves."""
_STARTED: list[subprocess.Popen[bytes]] = []
"""Kept, since they run on when this program has ended: that is nothing to warn of."""
_IN_ORDER = 2.0
"""Seconds for a child to end by SIGTERM: those of all MPMs took less than 0.1."""


@record
class Start:
    """How a server was started.

    Args:
        pid: its number.
        unit: the service manager's, that it belongs to; ``""``: none, or none is asked here.
        program: the file that it executes.
        words: its command line, the program's name first.
        environment: that it was started with.
        directory: that it was started in, as far as it says so.
        user: numbers of its user, its group, and its further groups.
        umask: its mode creation mask.
        files: how many files it may open (the soft limit).
        children: its processes with the moment of their beginning. One that serves somebody still
            keeps the sockets of a server that has ended.
    """

    pid: int
    unit: str
    program: str
    words: tuple[bytes, ...]
    environment: dict[bytes, bytes]
    directory: str
    user: tuple[int, int, tuple[int, ...]]
    umask: int
    files: int
    children: tuple[tuple[int, int], ...]

    @property
    def command(self) -> str:
        """What starts it, for a shell."""
        if self.unit:
            return shlex.join(("systemctl", "start", self.unit))
        rest = [word.decode("utf-8", "surrogateescape") for word in self.words[1:]]
        return shlex.join((self.program, *rest))


def of(server: Running) -> Start | None:
    """How a server that runs was started; None: this user may not see it."""
    place = Path("/proc", str(server.pid))
    try:
        words = (place / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        entries = (place / "environ").read_bytes().split(b"\0")
        fields = dict(
            line.split(":", 1)
            for line in (place / "status").read_text("utf-8", "replace").splitlines()
        )
        environment = dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)
        return Start(
            server.pid,
            _unit((place / "cgroup").read_text("utf-8", "surrogateescape")),
            os.readlink(place / "exe").removesuffix(" (deleted)"),
            tuple(words),
            environment,
            _directory(environment.get(b"PWD", b"")),
            (
                int(fields["Uid"].split()[0]),
                int(fields["Gid"].split()[0]),
                tuple(map(int, fields["Groups"].split())),
            ),
            int(fields.get("Umask", "022"), 8),
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[0],
            tuple((pid, processes.began(pid)) for pid in children(server.pid)),
        )
    except (OSError, ValueError, KeyError):
        return None


def _unit(groups: str) -> str:
    """The unit of the system's manager that a process is in the control group of."""
    if manager.systemctl() is None:
        return ""
    path = next((one.partition("::")[2] for one in groups.splitlines() if "::" in one), "")
    name = path.rpartition("/")[2]
    return name if path.startswith(_UNITS) and name.endswith(".service") else ""


def _directory(started_in: bytes) -> str:
    """httpd works in ``/``; where its shell was, a relative ``-f`` counts from there."""
    name = os.fsdecode(started_in)
    return name if name.startswith("/") and Path(name).is_dir() else "/"


def revive(
    start: Start,
    said: str,
    ports: frozenset[int],
    pid_file: str,
    running: Callable[[], Server],
) -> Ended:
    """Start a server that ended, and wait until it listens.

    Args:
        start: how it was started.
        said: httpd's words when it ended.
        ports: that it has to listen on.
        pid_file: the configuration's. One that names the server that has ended would keep it from
            starting as long as nobody has asked how that ended (kill(2) of a zombie).
        running: the server that runs at the moment.
    """
    budget = Budget(SECONDS["start"])
    process = None
    _end(start.children)
    if number_in(pid_file) == start.pid:
        with contextlib.suppress(OSError):
            Path(pid_file).unlink()
    try:
        if not isinstance(running(), Running):  # its manager may have been faster
            process = _start(start, budget)
    except (OSError, ValueError, subprocess.SubprocessError, WizardError) as error:
        why = str(error) or "it did not start in time"
        return Ended(said, start.command, started=False, text=why)
    output = process.stdout if process is not None else None
    with output or contextlib.nullcontext():  # what it writes there afterwards goes nowhere
        while budget.left:
            over = process is not None and process.poll() is not None
            now = running()
            if isinstance(now, Running) and listeners.missing(now, ports) == []:
                return Ended(said, start.command, started=True)
            if output is not None and over and not isinstance(now, Running):
                return Ended(said, start.command, started=False, text=_read(output.fileno()))
            budget.pause()
    why = f"after {budget.seconds:.0f} s it does not listen"
    return Ended(said, start.command, started=False, text=why)


def _end(orphans: tuple[tuple[int, int], ...]) -> None:
    """End what a server left that has ended itself: first in order, then by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        patience = Budget(_IN_ORDER)
        left = [(pid, began) for pid, began in orphans if processes.began(pid) == began]
        for pid, began in left:
            with contextlib.suppress(OSError):
                descriptor = os.pidfd_open(pid)
                try:
                    if processes.began(pid) == began:
                        signal.pidfd_send_signal(descriptor, number)
                finally:
                    os.close(descriptor)
        while patience.left and any(processes.began(pid) == began for pid, began in left):
            patience.pause()


def _start(start: Start, budget: Budget) -> subprocess.Popen[bytes] | None:
    if start.unit:
        words = (shutil.which("systemctl") or "systemctl", "start", start.unit)
        done = command.call(words, {"LC_ALL": "C"}, budget)
        if not done.ok:
            raise WizardError(" ".join(done.text.split()))
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = start.files if hard == resource.RLIM_INFINITY else min(start.files, hard)
    other = os.geteuid() == 0 and start.user != (os.getuid(), os.getgid(), tuple(os.getgroups()))
    user, group, groups = start.user
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if files < 0 else files, hard))
    try:
        process = subprocess.Popen(  # noqa: S603 # nosec B603 # an argument list, no shell
            start.words,
            executable=start.program,
            env=start.environment,
            cwd=start.directory,
            umask=start.umask,
            user=user if other else None,
            group=group if other else None,
            extra_groups=groups if other else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    _STARTED.append(process)
    return process


def _read(output: int) -> str:
    """What a process that has ended wrote, which a pipe has room for."""
    os.set_blocking(output, False)
    try:
        text = os.read(output, _MOST_OUTPUT).decode("utf-8", "surrogateescape")
    except BlockingIOError:  # another process has its end still
        text = ""
    return " ".join(text.split())
