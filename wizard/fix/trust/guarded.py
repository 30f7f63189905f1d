"""Files that nobody but root can have put where they are, or can change.

A CA that is found on this machine decides whom httpd believes. So each component of its path, and
of the target of each symbolic link on the way, must belong to root and be writable by nobody else,
be it by mode or by an ACL; whoever runs this, and with no exception for a sticky directory, into
which anybody may lay a hard link.

Each component is opened, looked at, and the next one opened in it (openat(2), O_NOFOLLOW): nothing
that is swapped in between counts.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from wizard.config.installation import ownership

_MOST_LINKS = 40
"""As the kernel follows (path_resolution(7))."""
_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class NotGuardedError(Exception):
    """Somebody else could have put a file there, or could change it.

    Args:
        place: the file, directory or link that others may change.
        who: who may, as a clause.
    """

    def __init__(self, place: str, who: str) -> None:
        super().__init__(place, who)
        self.place = place
        self.who = who


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """A file or directory, opened only to be looked at or read (``for_reading``).

    Args:
        path: absolute, or below the working directory.

    Raises:
        NotGuardedError: it, or a component of the way to it, is not root's alone.
        OSError: it is not there, or cannot be looked at.
    """
    places = [("", os.open("/", _LOOK))]
    try:
        _refuse_others("/", places[0][1], os.fstat(places[0][1]))
        names = [*path.split("/")[::-1], *([] if path.startswith("/") else _here()[::-1])]
        links = 0
        while names:
            target = _step(places, names.pop())
            if not target:
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if target.startswith("/"):
                _close(places, keep=1)
            names += target.split("/")[::-1]
        yield places[-1][1]
    finally:
        _close(places, keep=0)


def for_reading(descriptor: int) -> int:
    """A further descriptor of what ``opened`` gave, to read it. The caller closes it."""
    return os.open(f"/proc/self/fd/{descriptor}", _READ)


def _here() -> list[str]:
    return os.getcwd().split("/")  # noqa: PTH109  # paths stay str, as in stores


def _step(places: list[tuple[str, int]], name: str) -> str:
    """Opens the next component; where that is a link, only its target is returned."""
    if name in ("", "."):
        return ""
    if name == "..":
        _close(places, keep=max(1, len(places) - 1))
        return ""
    above, directory = places[-1]
    descriptor = os.open(name, _LOOK, dir_fd=directory)
    places.append((f"{above}/{name}", descriptor))
    status = os.fstat(descriptor)
    _refuse_others(*places[-1], status)
    if not stat.S_ISLNK(status.st_mode):
        return ""
    target = os.readlink("", dir_fd=descriptor)
    _close(places, keep=len(places) - 1)
    return target


def _refuse_others(place: str, descriptor: int, status: os.stat_result) -> None:
    if status.st_uid != 0:
        raise NotGuardedError(place, f"{ownership.user(status.st_uid)} owns it")
    if stat.S_ISLNK(status.st_mode):
        return  # has no mode of its own
    writers = ownership.acl_writers(f"/proc/self/fd/{descriptor}")
    if writers:
        raise NotGuardedError(place, f"its ACL lets {' and '.join(writers)} write")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise NotGuardedError(place, f"its mode is {stat.S_IMODE(status.st_mode):04o}")


def _close(places: list[tuple[str, int]], *, keep: int) -> None:
    while len(places) > keep:
        os.close(places.pop()[1])
