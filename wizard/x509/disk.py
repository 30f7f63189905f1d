"""Trust files and directories on disk: plain files only, without waiting, bounded in size."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Literal

from wizard import plain_file
from wizard.record import record

LARGEST = 16 << 20
"""Bytes of one file that are read."""
MOST_FILES = 5000
"""Files of a directory that are read."""
MOST_BYTES = 64 << 20
"""Bytes of all files of a directory that are read."""
Content = Literal["certificates", "crls"]


@record
class Found:
    """A path on disk. Equal as long as the file is the same and unchanged.

    Args:
        path: as the policy names it.
        state: ``missing``, ``unreadable`` (its directory may not be searched), ``directory``,
            ``empty`` (also a pipe, socket or device, whose size is 0) or ``ok``.
        stamp: device, inode, size, modification and change time in nanoseconds.
    """

    path: str
    state: Literal["ok", "missing", "unreadable", "empty", "directory"]
    stamp: tuple[int, ...] = ()


def look(path: str) -> Found:
    """What kind of file a path names, following links."""
    try:
        info = os.stat(path)  # noqa: PTH116  # called for every policy: five times faster
    except PermissionError:
        return Found(path, "unreadable")
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return Found(path, "missing")
    stamp = (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    if stat.S_ISDIR(info.st_mode):
        return Found(path, "directory", stamp)
    if not stat.S_ISREG(info.st_mode) or not info.st_size:
        return Found(path, "empty", stamp)
    return Found(path, "ok", stamp)


def content(path: str) -> bytes | str:
    """The bytes of a plain file, or why it cannot be read. Never waits on a pipe or device."""
    try:
        data = plain_file.read(path, LARGEST + 1)
    except IsADirectoryError:
        return plain_file.NOT_PLAIN
    except OSError as error:
        return error.strerror or "cannot be read"
    return data if len(data) <= LARGEST else f"is larger than {LARGEST >> 20} MiB"


def names(directory: str) -> list[str]:
    """The names in a directory: the first ``MOST_FILES`` that the file system gives.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(directory) as entries:
        return [entry.name for entry in itertools.islice(entries, MOST_FILES)]


def pem_files(directory: str, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files that hold a PEM block, until ``MOST_BYTES`` were read.

    Args:
        directory: where they are.
        wanted: their names, the most important ones first.
    """
    left = MOST_BYTES
    for name in wanted:
        data = content(os.path.join(directory, name))  # noqa: PTH118  # thousands of names
        if isinstance(data, str):
            continue
        left -= len(data)
        if left < 0:
            return
        if b"-----BEGIN " in data:
            yield name, data
