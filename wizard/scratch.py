"""Temporary directories: made and marked, removed at the end, or by the next command.

``proxy-wizard-XXXXXXXX`` below ``$TMPDIR`` (``/tmp``) holds its maker's mark and one directory,
which is what is used. Each process that uses it holds a shared lock on it (flock(2)), which the
kernel takes back however that process ends: ``wizard.leftovers`` removes what nobody has locked.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from wizard import leftovers, signals
from wizard.config.installation import ownership
from wizard.errors import WizardError

_PLAIN = re.compile(r"[\w/.,:=@+~-]+")
"""Such a path needs no quotes in a configuration of httpd."""
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_TEMPORARY = "the directory for temporary files"


@contextlib.contextmanager
def directory(purpose: str) -> Iterator[Path]:
    """A temporary directory of mode 0700, as a context manager.

    It is removed when the context ends, also by an ending signal (``wizard.signals``); after
    SIGKILL or a power failure, by the next command.

    Args:
        purpose: name of the directory.

    Yields:
        Its path, absolute and without symbolic links.

    Raises:
        WizardError: as ``base``; none can be made there, or no space is left there.
    """
    where = base()
    leftovers.sweep()
    with contextlib.ExitStack() as stack:
        with _uninterrupted():
            try:
                place, lock = _made(where, purpose)
            except OSError as error:
                reason = error.strerror or str(error)
                raise _unfit(where, f"no temporary directory can be made here ({reason})") from None
            stack.callback(os.close, lock)
            for _ in range(2):  # a signal may come just as the first begins
                stack.callback(_end, place, lock)
        try:
            yield Path(place, purpose)
        except OSError as error:
            if error.errno in _NO_SPACE and not os.statvfs(where).f_bavail:
                raise _unfit(where, "no space is left here for temporary files") from None
            raise


def base() -> str:
    """The directory for temporary files: ``$TMPDIR``, else ``/tmp``; without symbolic links.

    Raises:
        WizardError: it is not absolute, has a name that needs quotes, or is not there, or others
            could replace what is made in it.
    """
    named = leftovers.base()
    if not named.startswith("/"):
        raise _unfit(named, f"{_TEMPORARY} is named by a relative path")
    if not _PLAIN.fullmatch(named):
        raise _unfit(named, f"{_TEMPORARY} has a name that needs quotes")
    try:
        real = os.path.realpath(named, strict=True)
        others = ownership.replaceable(named)
    except OSError as error:
        raise _unfit(named, f"{_TEMPORARY} cannot be looked at ({error.strerror})") from None
    if others:
        raise _unfit(named, f"{_TEMPORARY} {others}")
    return real


def _unfit(place: str, why: str) -> WizardError:
    hint = f"Name another one with {leftovers.VARIABLE}."
    return WizardError(f"{why}.", file=place, hint=hint)


def _made(where: str, purpose: str) -> tuple[str, int]:
    """A new directory, and the descriptor that holds its lock."""
    while True:
        place = f"{where}/{leftovers.PREFIX}{os.urandom(4).hex()}"
        try:
            Path(place).mkdir(leftovers.UNMARKED)
        except FileExistsError:
            continue
        with contextlib.suppress(FileNotFoundError):  # a sweep took it, before it had its lock
            return place, _marked(place, purpose)


def _marked(place: str, purpose: str) -> int:
    lock = os.open(place, leftovers.OPEN)
    try:
        with contextlib.suppress(OSError):  # NFS may have no locks: then nothing is swept there
            fcntl.flock(lock, fcntl.LOCK_SH)
            os.symlink(leftovers.mark(place, lock), leftovers.MARK, dir_fd=lock)
        os.mkdir(purpose, 0o700, dir_fd=lock)
        os.fchmod(lock, 0o700)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _end(place: str, lock: int) -> None:
    with _uninterrupted():
        leftovers.remove(place, lock)


def _uninterrupted() -> contextlib.AbstractContextManager[None]:
    """Signals wait; in other threads than the main one they take no effect."""
    if threading.current_thread() is threading.main_thread():
        return signals.held(lambda: None)
    return contextlib.nullcontext()
