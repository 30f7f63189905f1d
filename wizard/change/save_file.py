"""A file that the operator names, written as a shell's ``>`` would: umask, and what is there is
replaced, unless somebody else laid it there."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

from wizard.change import attributes
from wizard.errors import ChangeError

_READER = 5.0
"""Seconds that the reader of a pipe is waited for."""


def is_private(path: str) -> bool:
    """Whether not everybody may read a file: by its mode, or by that of a directory above it.

    Args:
        path: absolute, without links.
    """
    try:
        file = Path(path)
        readable = file.stat().st_mode & stat.S_IROTH
        return not (readable and all(p.stat().st_mode & stat.S_IXOTH for p in file.parents))
    except OSError:
        return True


def save(path: str, data: bytes, *, private: bool = False) -> None:
    """Write a file.

    A symbolic link is followed if this user or root made it. In a directory where everybody may
    write (``/tmp``), whatever stands there must be this user's and have no second name: the kernel
    says so too (``fs.protected_symlinks``, ``fs.protected_regular``), but may be told not to.

    Args:
        path: where to.
        data: what.
        private: for this user alone, mode 0600; whoever has the file that is replaced open does not
            see it either.

    Raises:
        ChangeError: somebody else laid something there.
        OSError: it cannot be written.
    """
    # O_NONBLOCK: opening a pipe that nobody reads would wait for a reader.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK
    shared = bool(Path(path).absolute().parent.stat().st_mode & stat.S_IWOTH)
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        flags |= os.O_EXCL
    else:
        link = stat.S_ISLNK(found.st_mode)
        if not link:
            flags |= os.O_NOFOLLOW
        trusted = {os.geteuid()} if shared else {os.geteuid(), 0}
        if ((link or shared) and found.st_uid not in trusted) or (shared and found.st_nlink > 1):
            raise ChangeError(
                "somebody else laid this file or link there; it is not written through.",
                file=path,
                hint="Name another file, in a directory that only you may write.",
            )
        if private and stat.S_ISREG(found.st_mode):
            Path(path).unlink()
            flags |= os.O_EXCL
    with os.fdopen(_opened(path, flags, 0o600 if private else 0o666), "wb") as file:
        opened = os.fstat(file.fileno())
        if private and stat.S_ISREG(opened.st_mode):
            if opened.st_uid != os.geteuid():
                raise ChangeError("this file is somebody else's, who could read it.", file=path)
            os.fchmod(file.fileno(), 0o600)  # of a link's target
            attributes.without_acl(file.fileno())
        file.write(data)


def _opened(path: str, flags: int, mode: int) -> int:
    end = time.monotonic() + _READER
    while True:
        try:
            descriptor = os.open(path, flags, mode)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                raise ChangeError(
                    "this is a socket, or a pipe that nobody reads.",
                    file=path,
                    hint="Name another file.",
                ) from None
            time.sleep(0.05)
        else:
            os.set_blocking(descriptor, True)  # to be written may wait as long as it takes
            return descriptor
