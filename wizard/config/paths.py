"""The file system as httpd sees it: text paths, bounded reading, no waiting."""
# ruff: noqa: PTH110, PTH112, PTH113, PTH116, PTH123, PTH208
# Paths stay str: they are httpd's own spelling, pathlib would normalise them, and os.path's tests
# answer False where pathlib raises (no permission, a NUL in the name).

from __future__ import annotations

import os
import stat

from wizard.errors import ConfigError

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one configuration file that are read: far above any real one, bounds memory."""


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


class RealPaths:
    """Paths with their links resolved; directories are looked at once."""

    def __init__(self) -> None:
        self._directories: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The real path of an absolute one."""
        if os.path.islink(path):
            return os.path.realpath(path)
        directory, name = os.path.split(path)
        real = self._directories.get(directory)
        if real is None:
            real = self._directories[directory] = os.path.realpath(directory)
        return os.path.join(real, name)


def missing(path: str) -> bool:
    """Whether the file is not there, as opposed to: may not be looked at."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def entries(path: str) -> list[str]:
    """The names in a directory, in byte order, dot files included.

    Raises:
        OSError: it cannot be read.
    """
    return sorted(os.listdir(path), key=os.fsencode)


def read_file(path: str) -> bytes:
    """All bytes of a regular file; never waits for a FIFO or a device.

    Args:
        path: absolute.

    Raises:
        ConfigError: what httpd refuses, or a file larger than MAX_FILE; without file and line.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if path == "/dev/null":
                return b""
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError(
                    f"Could not open configuration file {path}: Bad file descriptor",
                    hint="Name a file; a FIFO, socket or device cannot hold configuration.",
                )
            # One byte more than there should be, so that the end is seen in the same call; a file
            # that grows meanwhile, or that /proc says is empty, takes another.
            data = file.read(min(status.st_size, MAX_FILE) + 1)
            if len(data) > status.st_size:
                data += file.read(MAX_FILE - len(data) + 1)
    except OSError as error:
        raise ConfigError(
            f"Could not open configuration file {path}: {error.strerror}",
            hint="Run as a user that can read it."
            if isinstance(error, PermissionError)
            else "Correct the path, or use IncludeOptional if the file may be missing.",
        ) from None
    except ValueError:  # a NUL in the name
        raise ConfigError("Invalid Include path") from None
    if len(data) > MAX_FILE:
        raise ConfigError(
            f"{path} is larger than {MAX_FILE // 1024 // 1024} MiB",
            hint="This is hardly a configuration file.",
        )
    return data
