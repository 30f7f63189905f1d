"""The httpds that run here, as far as this user may see.

What the kernel says of a process counts: the file that it executes (``exe``), the files as it sees
them (``root``), whose it is and in which process namespace. Its command line can hold anything:
``servers`` leaves out whoever may have written one. A process in a container has other files under
the same names.

Source: proc(5), pid_namespaces(7), httpd(8).
"""
# ruff: noqa: PTH115, PTH116
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence

from wizard.config.installation.filesystem import merge_path
from wizard.record import record

PROC = "/proc"
_FRESH = 5.0
"""Seconds for which a look at the processes holds: one command reads a configuration several
times, and ten thousand processes take a fifth of a second."""
_NAMES = (b"httpd", b"apache")
"""How the name of the process begins, on every distribution."""
_MOST_ARGUMENTS = 64 << 10
"""Bytes of a command line that are looked at."""
_WITH_VALUE = "CDEcdefk"
"""Options that take a value: what follows, or the next word."""
_ONLY_TELL = frozenset("LMSVhltv")
"""Options with which it says something and ends."""
_STATUS = re.compile(rb"^(Uid|NSpid):\t([^\n]*)$", re.MULTILINE)
"""Whose a process is (who starts it decides; the owner of its directory in /proc may be another,
prctl(2) PR_SET_DUMPABLE), and its number in each process namespace from this one down."""
_WAIT_FOR_A_WRITER = (b"wait_for_partner", b"fifo_open")
"""Where the kernel keeps a process that opens a pipe (proc(5), wchan)."""
_LONGEST_CHANGE = 0.2
"""Seconds that processes are given to begin or to end, all together; one that stays without a
command line (a program can take its own away) is held against the files by what else is known."""
_BETWEEN = 0.002
"""Seconds between two looks at one that changes."""
_LONGEST_NAME = 15
"""Bytes that the kernel keeps of the name of a process."""


@record
class RunningHttpd:
    """An httpd that runs here.

    Args:
        pid: of its parent process.
        program: the file that it executes, ``""`` if this user may not see it.
        arguments: of its command line, without the program's name.
        owner: the user who started it (real user ID).
        intact: the name of the program still leads to what it executes: not to another file in a
            container, and it was not replaced since.
        contained: it is in a process namespace below this one: in a container.
        began: when, in the kernel's clock ticks since the boot: with ``pid`` it names one process.
    """

    pid: int
    program: str
    arguments: tuple[str, ...]
    owner: int = 0
    intact: bool = True
    contained: bool = False
    began: int = 0

    @property
    def trusted(self) -> bool:
        """Whether root or this user started it, and what it executes may be seen: anybody may
        start an httpd with any configuration."""
        return self.intact and self.owner in (0, os.geteuid())

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
    found = dict(_options(arguments))
    return found.get("d"), found.get("f")


def directives(arguments: Sequence[str]) -> tuple[str, ...]:
    """The lines of configuration in a command line (``-C`` and ``-c``)."""
    return tuple(value for letter, value in _options(arguments) if letter in ("C", "c"))


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options of a command line with their values; a word that is none as the value of ``""``,
    with which httpd does not start."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-") or word == "-":
            yield "", word
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter in _WITH_VALUE:
                yield letter, word[position:] or next(words, "")
                break
            yield letter, ""


def _serves(pid: int, arguments: Sequence[str]) -> bool:
    """Whether a command line is that of a server: not of a script that starts one, not of a call
    that tells something or signals the server. One that was to be signalled and did not run is
    started by the same call, and keeps its command line: it has children."""
    found = dict(_options(arguments))
    if "" in found or _ONLY_TELL & found.keys():
        return False
    return found.get("k", "start") == "start" or bool(_read(str(pid), f"task/{pid}/children", 16))


def servers() -> tuple[RunningHttpd, ...]:
    """Those that root or this user started and that may be seen, the oldest first."""
    global _seen
    moment, proc, known = _seen
    if proc != PROC or not 0 <= time.monotonic() - moment < _FRESH:
        known = tuple(one for one in look() if one.trusted)
        _seen = (time.monotonic(), PROC, known)
    return known


_seen: tuple[float, str, tuple[RunningHttpd, ...]] = (-_FRESH, "", ())


def look(program: str | None = None) -> tuple[RunningHttpd, ...]:
    """All that run at this moment, whosever they are, the oldest first.

    Args:
        program: file that counts as httpd under any name.
    """
    return tuple(sorted(_servers(program), key=lambda one: one.began))


def all_seen() -> bool:
    """Whether the processes of others are shown to this user at all (``hidepid`` of proc(5))."""
    return bool(_read("1", "comm", 1))


def sees(server: RunningHttpd, path: str, own: str | None = None) -> bool | None:
    """Whether a file is the same for a process as one is here: no container, no chroot.

    Args:
        server: the process.
        path: as the process names it.
        own: as it is named here; None: by the same name.

    Returns:
        None where this user may not know.
    """
    try:
        theirs = os.stat(f"{PROC}/{server.pid}/root{path}")
        return os.path.samestat(theirs, os.stat(own or path))
    except PermissionError:
        return None
    except (OSError, ValueError):
        return False


def nobody_reads(pipe: str) -> bool:
    """Whether no process has a named pipe open to read, and none waits to, as far as root sees;
    False for others. Whoever opens it to write waits then (fifo(7))."""
    if os.geteuid() != 0:
        return False
    try:
        wanted = os.stat(pipe)
        for name in filter(str.isdigit, os.listdir(PROC)):  # noqa: PTH208
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if _read(name, "wchan", 32).startswith(_WAIT_FOR_A_WRITER) or _reads(name, wanted):
                    return False
    except (OSError, ValueError):
        return False
    return True


def _reads(name: str, wanted: os.stat_result) -> bool:
    for number in os.listdir(f"{PROC}/{name}/fd"):  # noqa: PTH208
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.stat(f"{PROC}/{name}/fd/{number}"), wanted):
                mode = os.lstat(f"{PROC}/{name}/fd/{number}").st_mode
                if mode & stat.S_IRUSR:  # the link's own mode says how it was opened
                    return True
    return False


def _servers(program: str | None = None) -> Iterator[RunningHttpd]:
    """The parent of each httpd; its children execute the same file with the same arguments."""
    called: tuple[bytes, ...] = _NAMES
    if program is not None:
        names = (program, os.path.realpath(program))
        called += tuple(os.fsencode(os.path.basename(name))[:_LONGEST_NAME] for name in names)  # noqa: PTH119
    found: dict[int, tuple[int, RunningHttpd]] = {}
    last = time.monotonic() + _LONGEST_CHANGE
    try:
        numbers = [name for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return
    for name in numbers:
        if not _read(name, "comm", 16).startswith(called):
            continue
        parent, began = _parent(name)
        server = _server(name, began, last) if began else None
        if server is not None and _serves(server.pid, server.arguments):
            found[server.pid] = parent, server
    for parent, server in found.values():
        above = found.get(parent)
        if above is None or server.program not in ("", above[1].program):
            yield server


def _server(name: str, began: int, last: float) -> RunningHttpd | None:
    """One process; None if it ends meanwhile. ``last``: when waiting for it is over."""
    place = f"{PROC}/{name}"
    status = dict(_STATUS.findall(_read(name, "status", 8192)))
    if b"Uid" not in status:
        return None
    line = _command_line(name, began, last)
    program, intact = "", False
    with contextlib.suppress(OSError, ValueError):
        try:
            program = os.readlink(f"{place}/exe").removesuffix(" (deleted)")
        except FileNotFoundError:  # only of one that is ending: it has no memory left
            return None
        intact = os.path.samestat(os.stat(f"{place}/exe"), os.stat(program))
    if _parent(name)[1] != began:
        return None
    words = line.rstrip(b"\0").split(b"\0")
    return RunningHttpd(
        int(name), program, tuple(map(os.fsdecode, words[1:])), int(status[b"Uid"].split()[0]),
        intact, len(status.get(b"NSpid", b"").split()) > 1, began,
    )  # fmt: skip


def _command_line(name: str, began: int, last: float) -> bytes:
    """The command line of a process. For a moment one that runs has none: execve(2) has named it
    and has not laid down its arguments yet, or its memory is gone and it is no zombie yet."""
    while not (line := _read(name, "cmdline", _MOST_ARGUMENTS)):
        if _parent(name)[1] != began or time.monotonic() > last:
            break
        time.sleep(_BETWEEN)
    return line


def began(pid: int) -> int:
    """When a process began, as ``RunningHttpd.began``; 0: it has ended."""
    return _parent(str(pid))[1]


def runs(server: RunningHttpd) -> bool:
    """Whether a server that was found still runs: since then it may have ended."""
    return began(server.pid) == server.began


def started(pid: int) -> float:
    """When a process began, in seconds of the epoch, by the clock as it goes now."""
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return boot + began(pid) / os.sysconf("SC_CLK_TCK")


def _parent(name: str) -> tuple[int, int]:
    """The parent of a process, and when it began; zeros of one that has ended."""
    fields = _read(name, "stat", 4096).rpartition(b")")[2].split()
    return (int(fields[1]), int(fields[19])) if fields and fields[0] not in b"ZX" else (0, 0)


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
