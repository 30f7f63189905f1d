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
    made: list[tuple[str, int]] = []
    try:
        try:
            with _uninterrupted():
                made.append(_made(where, purpose))
            yield Path(made[0][0], purpose)
        except OSError as error:
            if error.errno in _NO_SPACE and not os.statvfs(where).f_bavail:
                raise _unfit(where, "no space is left here for temporary files") from None
            raise
        finally:
            _remove(made)
    finally:
        _remove(made)  # if a signal came just as the first began
        for _, lock in made:
            os.close(lock)


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
    """A new directory, and the descriptor that holds its lock.

    Raises:
        WizardError: none can be made there.
    """
    while True:
        place = f"{where}/{leftovers.PREFIX}{os.urandom(4).hex()}"
        try:
            Path(place).mkdir(leftovers.UNMARKED)
            return place, _marked(place, purpose)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno == errno.ENOENT and Path(where).exists():
                continue  # a sweep took it, before it had its lock
            raise _unfit(
                where, f"no temporary directory can be made here ({error.strerror})"
            ) from None


def _marked(place: str, purpose: str) -> int:
    lock = os.open(place, leftovers.OPEN)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
        except OSError:  # NFS may have no locks: then nothing is marked, and nothing swept
            pass
        else:
            os.symlink(leftovers.mark(place, lock), leftovers.MARK, dir_fd=lock)
        os.mkdir(purpose, 0o700, dir_fd=lock)
        os.fchmod(lock, 0o700)
    except BaseException:
        leftovers.remove(place, lock)
        os.close(lock)
        raise
    return lock


def _remove(made: list[tuple[str, int]]) -> None:
    with _uninterrupted():
        for place, lock in made:
            leftovers.remove(place, lock)


def _uninterrupted() -> contextlib.AbstractContextManager[None]:
    """Signals wait; in other threads than the main one they take no effect."""
    if threading.current_thread() is threading.main_thread():
        return signals.held(lambda: None)
    return contextlib.nullcontext()
