"""The file system as httpd sees it: text paths, bounded reading, no waiting."""
# ruff: noqa: PTH110, PTH112, PTH113, PTH114, PTH116
# Paths stay str: they are httpd's own spelling, pathlib would normalise them, and os.path's tests
# answer False where pathlib raises (no permission, a NUL in the name).

from __future__ import annotations

import os
import stat

from wizard import plain_file
from wizard.errors import ConfigError, UnreadableError

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one configuration file that are read: far above any real one, bounds memory."""

CORRECT = "Correct the path."


def merge_path(root: str, name: str) -> str:
    """An absolute path, without ``.``, ``..`` and double slashes; links are not looked at.

    Args:
        root: ServerRoot.
        name: a path, absolute or relative to it.

    Returns:
        The path; a trailing slash stays.
    """
    parts: list[str] = []
    for part in (name if name.startswith("/") else f"{root}/{name}").split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    merged = "/" + "/".join(parts)
    return merged + "/" if name.endswith("/") and parts else merged


def is_directory(path: str) -> bool:
    """Whether it is a directory, or a link to one."""
    return os.path.isdir(path)


def is_file(path: str) -> bool:
    """Whether it is a regular file, or a link to one."""
    return os.path.isfile(path)


def exists(path: str) -> bool:
    """Whether it is there; a dangling link is not."""
    return os.path.exists(path)


def stamp(path: str) -> tuple[int, int, int, int] | None:
    """What changes when a file changes: the cache key for what was read from it or said by it.

    Returns:
        Its device, inode, time of change in nanoseconds, size in bytes; None: it is not there.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


class RealPaths:
    """Paths with their links resolved; each directory is looked up once."""

    def __init__(self) -> None:
        self._directories: dict[str, str] = {}

    def of(self, path: str, *, link: bool = True) -> str:
        """The real path of an absolute one.

        Args:
            path: of a file.
            link: whether the file itself may be a link.
        """
        if link and os.path.islink(path):
            return os.path.realpath(path)
        directory, _, name = path.rpartition("/")
        real = self._directories.get(directory)
        if real is None:
            real = self._directories[directory] = os.path.realpath(directory or "/")
        return f"{real}/{name}" if real != "/" else f"/{name}"


def missing(path: str) -> bool:
    """Whether the file does not exist; False where this user may not look."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def entries(path: str) -> dict[str, bool]:
    """The names in a directory, in byte order, dot files included.

    Returns:
        Each with whether it is a regular file and no link; False also where that takes another
        system call.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(path) as found:
        names = {entry.name: entry.is_file(follow_symlinks=False) for entry in found}
    order = sorted(names, key=None if "".join(names).isascii() else os.fsencode)
    return {name: names[name] for name in order}


def read_file(path: str) -> bytes:
    """All bytes of a regular file; never waits for a FIFO or a device.

    Args:
        path: absolute.

    Raises:
        ConfigError: what httpd refuses, or a file larger than MAX_FILE; without file and line.
    """
    try:
        _expected_size(path, os.stat(path))  # a device acts when it is opened
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            size = _expected_size(path, os.fstat(descriptor))
            # One byte more than expected, so that the same call shows the end.
            data = os.read(descriptor, size + 1)
            if len(data) != size:  # it is growing or shrinking
                data = _rest(descriptor, data)
        finally:
            os.close(descriptor)
    except OSError as error:
        message = f"Could not open configuration file {path}: {error.strerror}"
        if isinstance(error, PermissionError):
            raise UnreadableError(message, hint="Run as a user that can read it.") from None
        raise ConfigError(message, hint=CORRECT) from None
    except ValueError:  # a NUL in the name
        raise ConfigError("Invalid Include path") from None
    if len(data) > MAX_FILE:
        raise ConfigError(
            f"{path} is larger than {MAX_FILE // 1024 // 1024} MiB",
            hint="This is hardly a configuration file.",
        )
    return data


def _expected_size(path: str, status: os.stat_result) -> int:
    if path == "/dev/null":
        return 0
    if not stat.S_ISREG(status.st_mode) or plain_file.is_of_the_kernel(status):
        raise ConfigError(
            f"Could not open configuration file {path}: Bad file descriptor",
            hint="Name a plain file: no FIFO, socket or device, and none of /proc.",
        )
    return min(status.st_size, MAX_FILE)


def _rest(descriptor: int, data: bytes) -> bytes:
    pieces = [data]
    length = len(data)
    while length <= MAX_FILE and (piece := os.read(descriptor, MAX_FILE + 1 - length)):
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)
