"""A file that the operator names, written as a shell's ``>`` would: umask, and what is there is
replaced, unless somebody else laid it there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from wizard.errors import ChangeError


def save(path: str, data: bytes) -> None:
    """Write a file.

    A symbolic link is followed if this user or root made it. In a directory where everybody may
    write (``/tmp``), whatever stands there must be this user's and have no second name: the kernel
    says so too (``fs.protected_symlinks``, ``fs.protected_regular``), but may be told not to.

    Args:
        path: where to.
        data: what.

    Raises:
        ChangeError: somebody else laid something there.
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOCTTY | os.O_CLOEXEC
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
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        file.write(data)
