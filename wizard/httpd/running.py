"""The server that runs with a configuration: its parent process, its children, its error log."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from wizard.config.installation import environment
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import split_words
from wizard.httpd import command as program

_OF_THE_START = frozenset({"FOREGROUND", "ONE_PROCESS", "NO_DETACH", "DEBUG"})
"""Names that say how httpd is to start, and nothing about its configuration."""


@dataclass(frozen=True, slots=True)
class Running:
    """The running server.

    Args:
        pid: of its parent process.
        log: its error log, None if that is no file.
        defines: names that it was started with (``-D``).
    """

    pid: int
    log: str | None
    defines: tuple[str, ...] = ()


def running(layout: Layout, tree: Tree) -> Running | None:
    """The server that runs with this configuration; None: none does.

    Known by the PID file that the configuration names, and by the program that the process is.
    """
    if layout.binary is None:
        return None
    named = _value(tree, "pidfile") or layout.pid_file or program.default_pid_file(layout)
    try:
        pid = int(Path(merge_path(tree.server_root, named)).read_text("ascii").strip())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    if not _runs(layout.binary, pid, words[0]):
        return None
    options = shlex.join(word.decode("utf-8", "surrogateescape") for word in words[1:])
    return Running(
        pid,
        _log(tree, pid),
        tuple(name for name in environment.options_defines(options) if name not in _OF_THE_START),
    )


def _runs(binary: str, pid: int, called: bytes) -> bool:
    """Whether a process is of a program: by its name, or by its file under another name (a link
    that chooses between httpd-prefork and httpd-worker)."""
    if Path(called.decode("utf-8", "replace")).name == Path(binary).name:
        return True
    try:
        return Path(f"/proc/{pid}/exe").samefile(binary)
    except OSError:
        return False


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
    return path if Path(path).is_file() else None


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
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return False
    return bool(state) and state[0] not in ("Z", "X")
