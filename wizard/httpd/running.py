"""The server that runs with a configuration: its parent process, its children, its error log.

Which one that is, its command line tells (``-f``, ``-d``, or what its program is compiled for),
held against the files as that process sees them. Where this leaves several, or cannot be told, the
PID file that the configuration names decides, then the service manager. A PID file alone is no
proof: one may be left from a crash while its number belongs to another process, be gone, or lie
where the configuration said before it was edited.

Source: httpd(8); server/log.c (``ap_log_pid``: a relative PidFile is below ServerRoot, whatever
DefaultRuntimeDir says); systemctl(1).
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from wizard import plain_file
from wizard.config.installation import environment, identity, processes, service
from wizard.config.installation.distributions import FAMILIES
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.installation.processes import RunningHttpd
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import split_words
from wizard.httpd import command as program
from wizard.httpd import manager
from wizard.model.change import Doubt
from wizard.record import record
from wizard.text import is_number

_OF_THE_START = frozenset({"FOREGROUND", "ONE_PROCESS", "NO_DETACH", "DEBUG"})
"""Names that say how httpd is to start, and nothing about its configuration."""
_NUMBER = re.compile(rb"\s*(\d{1,9})")


@record
class Running:
    """The running server.

    Args:
        pid: of its parent process.
        log: its error log, None if that is no file.
        defines: names that it was started with (``-D``).
        began: as ``RunningHttpd.began``.
        named: the PID file names it: what httpd's own ``-k graceful`` signals.
        others: further servers that read the same main file.
    """

    pid: int
    log: str | None
    defines: tuple[str, ...] = ()
    began: int = 0
    named: bool = True
    others: tuple[int, ...] = ()


@record
class NotRunning:
    """No server runs with the configuration, and all that run can be seen."""


@record
class NotKnown:
    """Whether one runs, or which one, is not known.

    Args:
        doubt: why.
        pids: of the servers in question.
    """

    doubt: Doubt
    pids: tuple[int, ...] = ()


Server = Running | NotRunning | NotKnown


def running(layout: Layout, tree: Tree) -> Server:
    """The server that runs with a configuration.

    Args:
        layout: of the configuration.
        tree: as it is now.
    """
    found = _Found(layout)
    number = number_in(pid_file(layout, tree))
    chosen = found.chosen(number) or found.chosen(found.managed())
    if chosen is not None:
        return Running(
            chosen.pid,
            _log(tree, chosen.pid),
            defines(chosen),
            chosen.began,
            chosen.pid == number,
            tuple(one.pid for one in found.sure if one != chosen),
        )
    doubts: Mapping[Doubt, list[RunningHttpd]] = {
        "several": found.sure,
        "unclear": found.possible,
        "contained": found.contained,
    }
    for doubt, servers in doubts.items():
        if servers:
            return NotKnown(doubt, tuple(one.pid for one in servers))
    return NotRunning() if processes.all_seen() else NotKnown("hidden")


class _Found:
    """The servers that run, as they stand to a configuration."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.sure: list[RunningHttpd] = []
        """They read it."""
        self.possible: list[RunningHttpd] = []
        """Nothing speaks against it."""
        self.contained: list[RunningHttpd] = []
        """They read it in a container, where they have other numbers and another program."""
        for server in processes.look(layout.binary):
            reads = self._reads(server)
            if reads is False or not processes.runs(server):
                continue
            if server.contained:
                self.contained.append(server)
            elif server.owner not in (0, os.geteuid()):
                self.possible += [server] if self._is_program(server) else []
            else:
                (self.sure if reads else self.possible).append(server)

    def chosen(self, pid: int) -> RunningHttpd | None:
        """The one that is meant where a file or the service manager gives a number; 0: none."""
        if len(self.sure) == 1:
            return self.sure[0]
        return next((one for one in self.sure or self.possible if one.pid == pid), None)

    def managed(self) -> int:
        """The number of the one that the service manager runs; 0 if it runs none."""
        if not (self.sure or self.possible) or not self._layout.native:
            return 0
        unit = service.unit(self._layout)
        answer = manager.ask("show", "--property=MainPID", "--value", unit) if unit else None
        said = answer.text if answer is not None else ""
        return int(said) if is_number(said) else 0

    def _reads(self, server: RunningHttpd) -> bool | None:
        """Whether a server reads the configuration; None: it cannot be told."""
        main, own = identity.main_file(server), self._layout.main_file
        if main is not None:
            seen = processes.sees(server, main, own)
            return None if seen is None and _same(main, own) else bool(seen)
        if server.contained:  # its program is not to be run here, and is likely compiled for these
            return any(processes.sees(server, usual, own) for usual in _USUAL)
        return None if self._is_program(server) else False

    def _is_program(self, server: RunningHttpd) -> bool:
        """Whether it executes the configuration's program, as far as this user may see it."""
        return not server.program or _same(server.program, self._layout.binary or "")


_USUAL = tuple(merge_path(one.server_root, one.main_file) for one in FAMILIES)
"""The main files that programs of distributions are compiled for."""


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121  # paths stay str, as httpd has them
    except OSError:
        return False


def pid_file(layout: Layout, tree: Tree) -> str:
    """The absolute path of the PID file of a configuration."""
    named = _value(tree, "pidfile") or layout.pid_file
    if not named and layout.binary is not None:
        named = program.default_pid_file(layout)
    return merge_path(tree.server_root, named)


def number_in(path: str) -> int:
    """The number in the PID file that ``-k graceful`` reads (``ap_read_pid``); 0: none."""
    try:
        number = _NUMBER.match(plain_file.read(path, 64))
    except (OSError, ValueError):
        return 0
    return 0 if number is None else int(number[1])


def defines(server: RunningHttpd) -> tuple[str, ...]:
    """The names that a server was started with, as far as they are about its configuration."""
    names = environment.options_defines(shlex.join(server.arguments))
    return tuple(name for name in names if name not in _OF_THE_START)


def _log(tree: Tree, pid: int) -> str | None:
    """The error log, as a file that can be read from here; None if it is none."""
    log = _value(tree, "errorlog") or "logs/error_log"
    if log.startswith(("|", "syslog")):
        return None
    path = merge_path(tree.server_root, log)
    if path.startswith("/proc/self/"):  # a container's: that of the server, not ours
        path = f"/proc/{pid}/{path.removeprefix('/proc/self/')}"
    elif path.startswith("/dev/"):  # /dev/stderr and its like are whose process reads them
        return None
    return path if os.path.isfile(path) else None  # noqa: PTH113  # False where it may not be seen


def _value(tree: Tree, key: str) -> str | None:
    """The last server-level value of a directive."""
    values = [split_words(node.args) for node in tree.root if node.key == key]
    return values[-1][0] if values and values[-1] else None


def children(pid: int) -> list[int]:
    """The processes that a process is the parent of; empty if it is gone."""
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    return processes.began(pid) != 0


def lives(server: Running) -> bool:
    """Whether a server still runs, and no other process has its number."""
    return alive(server.pid) and processes.began(server.pid) == server.began
