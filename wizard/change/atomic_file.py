"""Replace one file atomically, keeping what it was besides its bytes.

Everything is done relative to an open directory, so that a directory swapped for a symbolic link
in between cannot redirect the write (CWE-367).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wizard.errors import ChangeError

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_LIMIT = 64 * 1024 * 1024  # bytes; no configuration or trust file is larger


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes of a file and what else must survive its replacement."""

    data: bytes
    mode: int
    uid: int
    gid: int
    xattrs: tuple[tuple[str, bytes], ...]


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
                hint="Somebody changed it since the plan was made; run the command again.",
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
        return Snapshot(
            data, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _xattrs(fd)
        )


def _not_regular(name: str) -> ChangeError:
    return ChangeError(
        "this is a symbolic link or no regular file any more.",
        file=name,
        hint="Somebody changed it since the plan was made; run the command again.",
    )


def _xattrs(fd: int) -> tuple[tuple[str, bytes], ...]:
    """Extended attributes: POSIX ACLs and SELinux labels are among them."""
    try:
        return tuple((name, os.getxattr(fd, name)) for name in sorted(os.listxattr(fd)))
    except OSError:  # a file system without them
        return ()


def write_temporary(directory_fd: int, name: str, data: bytes, like: Snapshot) -> None:
    """Write a temporary file beside the target, complete and on disk, but under another name.

    Args:
        directory_fd: the target's directory.
        name: of the temporary file.
        data: its bytes.
        like: owner, mode and attributes to give it.

    Raises:
        OSError: no space, no permission …; nothing is left behind.
    """
    fd = os.open(
        name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=directory_fd
    )
    try:
        with os.fdopen(fd, "wb") as stream:
            stream.write(data)
            stream.flush()
            status = os.fstat(fd)
            if (status.st_uid, status.st_gid) != (like.uid, like.gid):
                os.fchown(fd, like.uid, like.gid)
            os.fchmod(fd, like.mode)  # after fchown, which clears set-id bits
            for key, value in like.xattrs:
                # Attributes of the kernel's own (security.*) may be refused; the file's content,
                # owner and mode are what must not be lost.
                with contextlib.suppress(OSError):
                    os.setxattr(fd, key, value)
            os.fsync(fd)
    except BaseException:
        discard(directory_fd, name)
        raise


def publish(directory_fd: int, temporary: str, name: str, *, new: bool) -> None:
    """Give a temporary file its name.

    Args:
        directory_fd: the directory of both.
        temporary: from :func:`write_temporary`.
        name: the target.
        new: the target must not exist yet.

    Raises:
        ChangeError: ``new``, and something stands there now.
        OSError: the directory cannot be written.
    """
    if new:
        try:
            os.link(temporary, name, src_dir_fd=directory_fd, dst_dir_fd=directory_fd,
                    follow_symlinks=False)  # fmt: skip
        except FileExistsError as error:
            raise ChangeError(
                "a file of this name stands there now.", file=name, hint="Run the command again."
            ) from error
        discard(directory_fd, temporary)
    else:
        os.rename(temporary, name, src_dir_fd=directory_fd, dst_dir_fd=directory_fd)
    os.fsync(directory_fd)


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


def make_directories(path: str, mode: int = 0o755) -> None:
    """Make a directory and its missing parents; they are on disk afterwards."""
    for missing in missing_directories(path):
        place = Path(missing)
        place.mkdir(mode=mode)
        place.chmod(mode)  # whatever the umask
        sync_directory(place.parent)


def sync_directory(path: Path) -> None:
    """Bring a directory's entries to disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
