"""Files and directories of a change: read, written and named, each step atomic.

Everything is done relative to an open directory, so that a directory swapped for a symbolic link
in between cannot redirect the write (CWE-367).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from wizard.change import attributes
from wizard.change.attributes import Attributes
from wizard.errors import Advice, ChangeError
from wizard.record import record

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_LIMIT = 64 * 1024 * 1024  # bytes; no configuration or trust file is larger


@record
class Snapshot:
    """The bytes of a file and what else must survive its replacement."""

    data: bytes
    attributes: Attributes


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@contextlib.contextmanager
def directory(path: str) -> Iterator[int]:
    """An open directory; its descriptor.

    Args:
        path: real path: a symbolic link anywhere in it is refused.

    Raises:
        ChangeError: it is reached through a symbolic link.
        OSError: it cannot be opened.
    """
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        actual = str(Path(f"/proc/self/fd/{fd}").readlink())
        if actual != path:
            raise ChangeError(
                f"this directory is now a symbolic link to {actual}.",
                file=path,
                hint=Advice("changed"),
            )
        yield fd
    finally:
        os.close(fd)


def snapshot(directory_fd: int, name: str) -> Snapshot | None:
    """Read a regular file in an open directory; None: there is none.

    Raises:
        ChangeError: it is a symbolic link, no regular file, or too large.
        OSError: it cannot be read.
    """
    try:
        fd = os.open(name, _READ, dir_fd=directory_fd)
    except FileNotFoundError:
        return None
    except OSError as error:
        if stat.S_ISLNK(os.lstat(name, dir_fd=directory_fd).st_mode):
            raise _not_regular(name) from error
        raise
    with os.fdopen(fd, "rb") as stream:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(name)
        data = stream.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            raise ChangeError("this file is larger than 64 MiB.", file=name)
        return Snapshot(data, attributes.of(fd))


def _not_regular(name: str) -> ChangeError:
    return ChangeError(
        "this is a symbolic link or no regular file any more.",
        file=name,
        hint=Advice("changed"),
    )


def write(directory_fd: int, name: str, data: bytes, like: Attributes) -> None:
    """Write a new file, complete and on disk.

    Args:
        directory_fd: where; nobody else enters it.
        name: of the file.
        data: its bytes.
        like: the attributes to give it.

    Raises:
        OSError: no space, an attribute that cannot be kept …; the file may be there in part.
    """
    way = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(name, way, 0o600, dir_fd=directory_fd), "wb") as stream:
        stream.write(data)
        stream.flush()
        attributes.give(stream.fileno(), like)
        os.fsync(stream.fileno())


def discard(directory_fd: int, name: str) -> None:
    """Remove a file of this directory if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory_fd)


def missing_directories(path: str) -> tuple[str, ...]:
    """The directories that have to be made for a path, outermost first."""
    found = []
    current = Path(path)
    while not current.exists():
        found.append(str(current))
        current = current.parent
    return tuple(reversed(found))


def make_directories(path: str) -> None:
    """Make a directory and its missing parents; they are on disk afterwards."""
    for missing in missing_directories(path):
        place = Path(missing)
        place.mkdir(mode=0o700)
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            attributes.without_acl(fd)
            os.fchmod(fd, 0o755)  # nosec B103 # whatever the umask; in it are certificates
        finally:
            os.close(fd)
        sync_directory(place.parent)


def sync_directory(path: Path) -> None:
    """Bring a directory's entries to disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
