"""A file that somebody else names, read without waiting and no further than its bound.

What is no plain file is not even opened: a device may act on it, a terminal gives away the
operator's keys. Neither is a file of /proc: some wait, and what is read of ``/proc/kmsg`` the log
of the system lacks (proc(5)).
"""

from __future__ import annotations

import errno
import os
import stat

NOT_PLAIN = "is not a plain file"
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class NotPlainError(OSError):
    """It is a pipe, a socket, a device, or a file that the kernel makes up."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EINVAL, NOT_PLAIN, path)


def read(path: str, most: int) -> bytes:
    """The first bytes of a file, links followed.

    Args:
        path: of it.
        most: bytes that are read.

    Raises:
        NotPlainError: it is none.
        OSError: it cannot be read; IsADirectoryError: it is a directory.
        ValueError: a NUL in the path.
    """
    return contents(opened(path), most)


def opened(path: str) -> int:
    """The descriptor of a file that is open for reading; the caller closes it. See ``read``."""
    refuse(os.stat(path), path)  # noqa: PTH116  # thousands of files
    descriptor = os.open(path, _FLAGS)
    try:
        refuse(os.fstat(descriptor), path)  # another one may have taken its place
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def contents(descriptor: int, most: int) -> bytes:
    """The first bytes of an open plain file, which is then closed; see ``read``."""
    try:
        expected = os.fstat(descriptor).st_size + 1  # the same call then shows the end
        pieces: list[bytes] = []
        while most > 0 and (piece := os.read(descriptor, min(most, expected))):
            pieces.append(piece)
            most -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def refuse(status: os.stat_result, path: str) -> None:
    """Refuse what is no plain file.

    Args:
        status: of the file.
        path: for the message.

    Raises:
        NotPlainError, IsADirectoryError: see ``read``.
    """
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(status.st_mode) or is_of_the_kernel(status):
        raise NotPlainError(path)


def is_of_the_kernel(status: os.stat_result) -> bool:
    """Whether a file lies in /proc."""
    try:
        return status.st_dev == os.stat("/proc").st_dev != os.stat("/").st_dev  # noqa: PTH116
    except OSError:
        return False
