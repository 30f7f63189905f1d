"""What killed commands left of their temporary directories, and how these are marked.

``wizard.scratch`` makes them. What is removed is only what this user owns, nobody else may enter,
nobody has locked (flock(2)), and whose mark names it and its inode. A directory that only has such
a name, or is a copy, or was renamed to be kept, has no such mark. Between mkdir(2) and its mark,
and again once the mark is gone, it is empty and has the sticky bit: it is known even then.

Every command begins with a look at what is left: this module imports little.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat

PREFIX = "proxy-wizard-"
MARK = ".proxy-wizard"
"""A symbolic link, which is there whole or not at all; it leads nowhere."""
UNMARKED = 0o1700
VARIABLE = "TMPDIR"
OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEFAULT = "/tmp"  # noqa: S108 # nosec B108 # what is made there nobody else can replace
_TURNS = 3
"""Tries to empty a directory into which a process that is ending may still write."""


def base() -> str:
    """``$TMPDIR``, else ``/tmp``."""
    return os.environ.get(VARIABLE) or _DEFAULT


def mark(place: str, descriptor: int) -> str:
    """What the mark of a directory says.

    Args:
        place: its path.
        descriptor: of it.
    """
    return f"{os.path.basename(place)} {os.fstat(descriptor).st_ino}"  # noqa: PTH119 # pathlib loads slowly


def sweep() -> None:
    """Remove what commands of this user left that were killed; it never raises."""
    with contextlib.suppress(OSError), os.scandir(base()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX):
                with contextlib.suppress(OSError):
                    _sweep(entry.path)


def remove(place: str, descriptor: int) -> None:
    """Remove a directory, its mark last: what is left of it, a later sweep knows.

    Args:
        place: its path.
        descriptor: of it.
    """
    import shutil  # loads three libraries of compression

    with contextlib.suppress(OSError):
        if _is_mounted(place):
            return
        for _ in range(_TURNS):
            left = [name for name in os.listdir(descriptor) if name != MARK]
            for name in left:
                shutil.rmtree(name, ignore_errors=True, dir_fd=descriptor)
        if not left:
            os.fchmod(descriptor, UNMARKED)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(MARK, dir_fd=descriptor)
            os.rmdir(place)  # noqa: PTH106 # pathlib loads slowly


def _sweep(place: str) -> None:
    descriptor = os.open(place, OPEN)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_left(place, descriptor):
            remove(place, descriptor)
    finally:
        os.close(descriptor)


def _is_left(place: str, descriptor: int) -> bool:
    """Whether a directory that nobody has locked is one of ours."""
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        return False
    try:
        return os.readlink(MARK, dir_fd=descriptor) == mark(place, descriptor)
    except FileNotFoundError:
        return stat.S_IMODE(status.st_mode) == UNMARKED and not os.listdir(descriptor)


def _is_mounted(place: str) -> bool:
    """Whether something is mounted in it (proc_pid_mountinfo(5)), which is somebody else's."""
    with open("/proc/self/mountinfo", errors="replace") as file:  # noqa: PTH123 # pathlib loads slowly
        return f"/{os.path.basename(place)}" in file.read()  # noqa: PTH119
