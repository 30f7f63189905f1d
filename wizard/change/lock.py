"""One command at a time changes files here: a lock, and who holds it.

The lock is the kernel's (flock(2)): it ends with the process that holds it, however that ends. The
file only tells who that is, and is read as text from outside.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from wizard.errors import ChangeError, StoppedError
from wizard.model.change import WAIT, BusyError, Command, Holder

_PAUSE = 0.1  # seconds between two attempts
_TEXT = re.compile(rb"(\d{1,10}) (\d{1,20}) (\d{1,11}) (apply|rollback|wizard)\n")
"""Process, its start in clock ticks since the machine's, since when in seconds of the epoch, what
it does. Longer text is not read."""
_SAFELY = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_COMMANDS: dict[bytes, Command] = {b"apply": "apply", b"rollback": "rollback", b"wizard": "wizard"}
_NO_FILE = (errno.ELOOP, errno.EISDIR, errno.ENXIO)  # a link, a directory, a socket

Waiting = Callable[[Holder, float], None]
"""Called while a command waits: for whom, and since how many seconds."""


@contextlib.contextmanager
def held(
    path: Path, command: Command, waiting: Waiting, stop: threading.Event | None
) -> Iterator[None]:
    """Hold the lock; wait for it at most ``WAIT`` seconds.

    Args:
        path: of the lock file; its directory is this user's or root's.
        command: who holds it, for others.
        waiting: told at once, and then again and again.
        stop: ends the wait.

    Raises:
        BusyError: another command works here still.
        ChangeError: something else than a lock file stands there.
        OSError: it cannot be opened.
        StoppedError: ``stop`` was set while it waited.
    """
    descriptor = _taken(path, waiting, stop or threading.Event())
    try:
        with contextlib.suppress(OSError):  # a full disk: others are told less
            os.ftruncate(descriptor, 0)
            own = f"{os.getpid()} {_start(os.getpid())} {int(time.time())} {command}\n"
            os.pwrite(descriptor, own.encode("ascii"), 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
        os.close(descriptor)  # which gives the lock back


def holder(path: Path) -> Holder | None:
    """Who holds the lock now; None: nobody does.

    Args:
        path: of the lock file.
    """
    try:
        descriptor = _opened(path, os.O_RDONLY)
    except (ChangeError, OSError):  # whoever wants to hold it is told what is wrong with it
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _signed(descriptor)
    except OSError:  # a file system without locks
        return None
    finally:
        os.close(descriptor)
    return None


def _taken(path: Path, waiting: Waiting, stop: threading.Event) -> int:
    began = time.monotonic()
    while True:
        by: Holder | None = None
        descriptor = _opened(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            by = _signed(descriptor)
        except OSError as error:  # a file system without locks
            os.close(descriptor)
            raise OSError(error.errno, error.strerror, str(path)) from error
        else:
            if _is_there(path, descriptor):
                return descriptor
        os.close(descriptor)
        if by is None:  # somebody removed the file meanwhile: what is held keeps nobody out
            continue
        waited = time.monotonic() - began
        if waited >= WAIT:
            raise BusyError(by)
        if by.pid or waited > _PAUSE:  # `holder` has the lock too, for a moment
            waiting(by, waited)
        if stop.wait(_PAUSE):
            raise StoppedError


def _opened(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | _SAFELY, 0o600)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise _strange(path) from error
        raise
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
        return descriptor
    os.close(descriptor)
    raise _strange(path)


def _strange(path: Path) -> ChangeError:
    return ChangeError(
        "a lock file is to stand here, and something else does.",
        file=str(path),
        hint="Remove it.",
    )


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _signed(descriptor: int) -> Holder:
    """Who wrote the text, if that process runs: another may hold the lock and not have written."""
    text = _TEXT.fullmatch(os.pread(descriptor, 64, 0))
    if text is None:
        return Holder()
    pid, start, since = (int(text[group]) for group in (1, 2, 3))
    if _start(pid) != start:
        return Holder()
    return Holder(pid, _COMMANDS[text[4]], since)


def _start(pid: int) -> int:
    """When a process started, in clock ticks since the machine did (proc(5)); 0 if none runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0
