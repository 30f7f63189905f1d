"""What is on disk after a change failed, said by every error that ends one."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from wizard.change import attributes
from wizard.change.atomic_file import digest, directory, snapshot
from wizard.change.journal import Held, Store
from wizard.errors import ChangeError, FileError, Left, Obstacle, WizardError
from wizard.model.change import Change

_FLAGS: dict[int, Obstacle] = {
    attributes.IMMUTABLE: "immutable",
    attributes.APPEND_ONLY: "append-only",
}
_OBSTACLES: dict[int, Obstacle] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "quota",
    errno.EROFS: "read-only",
    errno.EBUSY: "mounted",
}


@contextlib.contextmanager
def telling(store: Store, change: Change | None = None) -> Iterator[None]:
    """Every error from within says what is wrong with which file, and what is on disk then.

    Args:
        store: has the changes; held, it knows which one was begun within.
        change: that is finished or undone; None: a new one is made.

    Raises:
        WizardError: with ``left``; in place of an OSError a FileError.
    """
    earlier = _begun(store)
    before = None if change is None else _look(store, change.id)
    try:
        yield
    except (WizardError, OSError) as error:
        begun = _begun(store) if change is None else change.id
        now = _look(store, begun) if change is not None or begun != earlier else None
        told = error if isinstance(error, WizardError) else refused(error)
        if now is None:
            told.left = Left()
        else:  # without files: nothing was changed
            told.left = Left(now.change, now.state) if now == before else now
        raise told from (error if told is not error else error.__cause__)


def _begun(store: Store) -> str:
    return store.begun if isinstance(store, Held) else ""


def _look(store: Store, identifier: str) -> Left | None:
    """What is on disk of a change; None if it is in no journal that can be read."""
    try:
        change = store.read(identifier)
    except (ChangeError, OSError):
        return None
    kinds: dict[str, list[str]] = {"new": [], "old": [], "other": []}
    for file in change.files:
        found = _digest(file.path)
        kind = {file.before: "old", file.after: "new"}.get(found, "other")
        kinds[kind].append(file.path)
    return Left(
        change.id,
        change.state,
        tuple(kinds["new"]),
        tuple(kinds["old"]),
        tuple(kinds["other"]),
        str(store.directory / change.id),
    )


def _digest(path: str) -> str | None:
    """Of a file's bytes; None: there is none; empty: it cannot be read, or is no file."""
    place = Path(path)
    try:
        if not place.parent.is_dir():
            return None
        with directory(str(place.parent)) as folder:
            now = snapshot(folder, place.name)
    except (ChangeError, OSError):
        return ""
    return None if now is None else digest(now.data)


def refused(error: OSError) -> FileError:
    """What stands in the way, as far as it can be found out."""
    path = os.fsdecode(error.filename) if error.filename is not None else ""
    reason = error.strerror or str(error)
    number = error.errno or 0
    to = os.fsdecode(error.filename2) if error.filename2 is not None else path  # of a rename
    obstacle, where = _obstacle(number, path, to)
    return FileError(reason, number, obstacle, file=path, where=where)


def _obstacle(number: int, path: str, to: str) -> tuple[Obstacle, str]:
    if number in _OBSTACLES:
        return _OBSTACLES[number], _mount_point(path)
    if number not in (errno.EPERM, errno.EACCES):
        return "other", path
    for place in (path, to, str(Path(path).parent)):
        for flag, obstacle in _FLAGS.items():
            if _flags(place) & flag:
                return obstacle, place
    return ("permission" if os.geteuid() else "forbidden"), path


def _flags(path: str) -> int:
    """The file's flags that lsattr(1) shows; 0 where the file system has none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        return attributes.flags(descriptor)
    except OSError:
        return 0
    finally:
        os.close(descriptor)


def _mount_point(path: str) -> str:
    place = Path(path or "/")
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return str(place)
