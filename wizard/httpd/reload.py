"""Graceful reload of the running httpd, with the layout's own command; never a restart.

``-t`` and ``-k graceful`` both say yes to a configuration that ends the running server when it
reads it again (a CA file that is no PEM, …). So the caller rehearses the start first
(``rehearse.starts``), and this module watches what becomes of the server.
"""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard.config.installation import environment, service
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import split_words
from wizard.errors import WizardError
from wizard.httpd import command as program
from wizard.model.change import Reloaded

SECONDS = 30.0
"""For a new generation of children to come up."""
_TICK = 0.02
_OF_THE_START = frozenset({"FOREGROUND", "ONE_PROCESS", "NO_DETACH", "DEBUG"})
"""Names that say how httpd is to start, and nothing about its configuration."""
_CALM = 0.5
"""Seconds that the server must live on with its new children to count as reloaded."""


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


def command(layout: Layout, defines: Iterable[str] = ()) -> tuple[str, ...]:
    """The layout's own command for a graceful reload."""
    unit = service.unit(layout)
    if layout.native and unit and _active(unit):
        return ("systemctl", "reload", unit)
    control = service.control(layout)
    if layout.native and control and shutil.which(control[0]) and not tuple(defines):
        return (*control, "graceful")
    return (*program.command(layout, defines), "-k", "graceful")


def graceful(layout: Layout, server: Running, defines: Iterable[str] = ()) -> Reloaded:
    """Reload, and wait until the server either serves with new children or is gone.

    Args:
        layout: of the configuration.
        server: from :func:`running`.
        defines: that it was started with, besides those of the layout.
    """
    words = command(layout, defines)
    if not _alive(server.pid):  # -k graceful would start one
        return Reloaded(False, False, words, "it was gone before the reload")
    before = set(_children(server.pid))
    offset = _size(server.log)
    try:
        result = program.call(words, program.environment(layout))
    except WizardError as error:
        return Reloaded(False, _alive(server.pid), words, error.message)
    if not result.ok:
        return Reloaded(False, _alive(server.pid), words, result.text)
    end = time.monotonic() + SECONDS
    while not set(_children(server.pid)) - before:
        if not _alive(server.pid):
            return Reloaded(False, False, words, _since(server.log, offset))
        if time.monotonic() > end:
            text = f"no new children after {SECONDS:.0f} s. {_since(server.log, offset)}"
            return Reloaded(False, True, words, text)
        time.sleep(_TICK)
    calm = time.monotonic() + _CALM
    while time.monotonic() < calm:
        if not _alive(server.pid):
            return Reloaded(False, False, words, _since(server.log, offset))
        time.sleep(_TICK)
    return Reloaded(True, True, words)


def start_command(layout: Layout, defines: Sequence[str] = ()) -> str:
    """How the operator starts the server, should it be gone."""
    words = command(layout, defines)
    if words[0] == "systemctl":
        return f"systemctl start {words[2]}"
    return " ".join(word if word != "graceful" else "start" for word in words)


def _active(unit: str) -> bool:
    systemctl = shutil.which("systemctl")
    if systemctl is None or not Path(service.BOOTED).is_dir():
        return False
    try:
        return program.call([systemctl, "is-active", "--quiet", unit], {"LC_ALL": "C"}, 10.0).ok
    except WizardError:
        return False


def _value(tree: Tree, key: str) -> str | None:
    """The last server-level value of a directive."""
    values = [split_words(node.args) for node in tree.root if node.key == key]
    return values[-1][0] if values and values[-1] else None


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return False
    return bool(state) and state[0] not in ("Z", "X")


def _size(log: str | None) -> int:
    try:
        return Path(log).stat().st_size if log else 0
    except OSError:
        return 0


def _since(log: str | None, offset: int) -> str:
    """What the server wrote since, at most the last twenty lines."""
    if log is None:
        return ""
    try:
        with Path(log).open("rb") as file:
            file.seek(offset)
            data = file.read(1 << 20)
    except OSError:
        return ""
    return "\n".join(data.decode("utf-8", "surrogateescape").splitlines()[-20:])
