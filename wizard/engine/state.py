"""Small files that this program keeps for its user beside the journal of changes.

What is kept here is a convenience: what cannot be read, or may be somebody else's, counts as
nothing, and what cannot be kept is not. Nobody is told, and nothing fails.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from wizard import plain_file
from wizard.change import home
from wizard.config.installation import ownership
from wizard.errors import UsageError

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FAULTS = (OSError, ValueError, UsageError)
"""ValueError: a NUL in a name."""


def read(name: str, most: int) -> bytes:
    """A file of this user's own; empty: there is none.

    Args:
        name: of the file.
        most: bytes that are read.
    """
    with contextlib.suppress(*_FAULTS):
        path = _directory() / name
        descriptor = os.open(path, _READ)
        try:
            status = os.fstat(descriptor)
            plain_file.refuse(status, str(path))
            if status.st_uid == os.geteuid() and not ownership.changeable(str(path)):
                return os.read(descriptor, most)
        finally:
            os.close(descriptor)
    return b""


def keep(name: str, data: bytes) -> None:
    """Keep a file for this user alone, whole or not at all.

    Args:
        name: of the file; one that is there is replaced.
        data: its bytes.
    """
    with contextlib.suppress(*_FAULTS):
        directory = _directory()
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        new = _directory() / f".{name}.{os.urandom(4).hex()}"
        try:
            with os.fdopen(os.open(new, _NEW, 0o600), "wb") as file:
                file.write(data)
            new.replace(directory / name)
        finally:
            new.unlink(missing_ok=True)


def _directory() -> Path:
    """Where, without links.

    Raises:
        UsageError: as ``home.state_directory``.
        PermissionError: somebody else can put something there, or in its place.
        OSError: it cannot be looked at.
    """
    directory = home.state_directory()
    if ownership.replaceable(str(directory)) or (
        directory.exists() and ownership.shared(str(directory))
    ):
        raise PermissionError(str(directory))
    return Path(os.path.realpath(directory))
