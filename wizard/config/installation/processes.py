"""The httpd that runs with a configuration, as far as this user may see.

Only what the kernel says of a process counts: the file that it executes (``exe``) and the files as
it sees them (``root``). A process whose ``exe`` may not be read is left out: its command line can
hold anything. One in a container has other files under the same names.

Source: proc(5), httpd(8).
"""
# ruff: noqa: PTH115, PTH116
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wizard.config.installation.filesystem import merge_path

PROC = "/proc"
_FRESH = 5.0
"""Seconds for which a look at the processes holds: one command reads a configuration several
times, and ten thousand processes take a fifth of a second."""
_NAMES = (b"httpd", b"apache")
"""How the name of the process begins, on every distribution."""
_MOST_ARGUMENTS = 64 << 10
"""Bytes of a command line that are looked at."""


@dataclass(frozen=True, slots=True)
class RunningHttpd:
    """An httpd that runs here.

    Args:
        pid: of its parent process.
        program: the file that it executes; this name still leads to it.
        arguments: of its command line, without the program's name.
    """

    pid: int
    program: str
    arguments: tuple[str, ...]

    def main_file(self, compiled_in: Callable[[], tuple[str, str]]) -> str | None:
        """The configuration that it was started with.

        Args:
            compiled_in: its program's ServerRoot and main file, absolute; asked only where the
                command line leaves them open.

        Returns:
            An absolute path; None where that depends on the directory it was started in, or the
            program does not say.
        """
        directory, file = options(self.arguments)
        if file is None or not (file.startswith("/") or directory):
            root, compiled = compiled_in()
            directory = root if directory is None else directory
            file = compiled.removeprefix(f"{root}/") if file is None else file
        if not file or not (file.startswith("/") or (directory or "").startswith("/")):
            return None
        return merge_path(directory or "", file)


def options(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """ServerRoot (``-d``) and main file (``-f``) of a command line; the last of each counts."""
    found: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") or word == "-":
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter in "CDEcdefk":  # takes a value: what follows, or the next word
                value = word[position:] or next(words, "")
                found[letter] = value
                break
    return found.get("d"), found.get("f")


def servers() -> tuple[RunningHttpd, ...]:
    """Those that run and may be seen, the oldest first."""
    global _seen
    moment, proc, known = _seen
    if proc != PROC or not 0 <= time.monotonic() - moment < _FRESH:
        known = tuple(sorted(_servers(), key=lambda one: one.pid))
        _seen = (time.monotonic(), PROC, known)
    return known


_seen: tuple[float, str, tuple[RunningHttpd, ...]] = (-_FRESH, "", ())


def sees(server: RunningHttpd, path: str) -> bool:
    """Whether a file is the same for a process as it is here: no container, no chroot."""
    try:
        theirs = os.stat(f"{PROC}/{server.pid}/root{path}")
        return os.path.samestat(theirs, os.stat(path))
    except (OSError, ValueError):
        return False


def _servers() -> Iterator[RunningHttpd]:
    """The parent of each httpd; its children execute the same file with the same arguments."""
    parents: dict[int, int] = {}
    found: dict[int, RunningHttpd] = {}
    try:
        names = [name for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        if not _read(name, "comm", 16).startswith(_NAMES):
            continue
        parents[int(name)] = _parent(name)
        server = _server(name)
        if server is not None:
            found[int(name)] = server
    for pid, server in found.items():
        if parents[pid] not in parents:
            yield server


def _server(name: str) -> RunningHttpd | None:
    place = f"{PROC}/{name}"
    try:
        if os.stat(place).st_uid not in (0, os.geteuid()):
            return None  # anybody may start an httpd with any configuration
        program = os.readlink(f"{place}/exe")
        if not os.path.samestat(os.stat(f"{place}/exe"), os.stat(program)):
            return None  # a container's, or replaced since
    except (OSError, ValueError):
        return None
    words = _read(name, "cmdline", _MOST_ARGUMENTS).split(b"\0")
    return RunningHttpd(int(name), program, tuple(os.fsdecode(word) for word in words[1:] if word))


def _parent(name: str) -> int:
    fields = _read(name, "stat", 4096).rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else 0


def _read(name: str, file: str, size: int) -> bytes:
    try:
        descriptor = os.open(f"{PROC}/{name}/{file}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, size)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
