"""Make a change, finish one that was interrupted, or undo one.

Order, to make and to undo alike: every content complete on disk (``staging``), and each name seen
to be replaceable; then the journal; then only renames and removals. So a full disk, a read-only
file system, a missing permission or a damaged backup shows before anything is touched or marked,
and after a crash each file is either as it was or as it is to be.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from wizard.change import attributes
from wizard.change.atomic_file import Snapshot, digest, discard, snapshot
from wizard.change.edits import edited
from wizard.change.journal import UNFINISHED, Held, Store, Target
from wizard.change.staging import (
    Staging,
    at,
    remove_directories,
    require_replaceable,
)
from wizard.config.installation import ownership
from wizard.errors import Advice, ChangeError, EditedError
from wizard.model.change import Change, ChangedFile, ChangeState
from wizard.model.config import SourceFile

_LIST = Advice("list")


class UnfinishedError(ChangeError):
    """An earlier change was interrupted; it has to be finished or undone first.

    Args:
        change: that change.
    """

    def __init__(self, change: Change) -> None:
        super().__init__(
            f"the change {change.id} was interrupted ({change.state}).",
            hint=Advice("settle", change.id),
        )
        self.change = change


def require_settled(store: Store) -> None:
    """Refuses a further change while one is half made.

    Raises:
        UnfinishedError: there is one.
    """
    interrupted = store.unfinished()
    if interrupted is not None:
        raise UnfinishedError(interrupted)


def require_unchanged(store: Store, files: Mapping[str, SourceFile]) -> None:
    """Refuses a plan that was made from other files than there are now.

    Args:
        store: names a change that made a file another.
        files: ``Configuration.files``, from which it was made.

    Raises:
        EditedError: one is not what it was.
        ChangeError: one was swapped for something else.
        OSError: one cannot be read any more.
    """
    for file in files.values():
        place = Path(file.real_path)
        if place.is_file() or not place.exists():  # what is no file has no bytes to compare
            _check(store, file.real_path, file.data)


def targets(after: Mapping[str, bytes], files: Mapping[str, SourceFile]) -> tuple[Target, ...]:
    """The files that a change writes.

    Args:
        after: their contents by path; those of the configuration by their real path.
        files: ``Configuration.files``: the bytes that the change was planned against.

    Returns:
        Each under its real path: a directory may be reached through a link (``ServerRoot``).
    """
    before = {file.real_path: file.data for file in files.values()}
    return tuple(
        Target(path, before[path], data) if path in before else Target(_real(path), None, data)
        for path, data in after.items()
    )


def _real(path: str) -> str:
    """A path without links on the way to it; its last name stays, be it a link or not."""
    place = Path(path)
    return str(Path(os.path.realpath(place.parent), place.name))


def apply(
    store: Held,
    config: str,
    reasons: Sequence[str],
    new: Sequence[Target],
    *,
    then: ChangeState = "applied",
    httpd: str | None = None,
    listed: Iterable[tuple[str, str]] = (),
) -> Change:
    """Write files, all or none.

    Args:
        store: remembers the change.
        config: main file of the configuration that they belong to.
        reasons: why, one line each.
        new: what to write.
        then: the state of the change when all is written; ``written`` where httpd has yet to be
            asked (see ``confirm``).
        httpd: the program that the operator named for it.
        listed: where Includes of that configuration look (``Tree.listed``).

    Returns:
        The change.

    Raises:
        UnfinishedError: an earlier change was interrupted.
        EditedError: a file is not what ``new`` says it is now; nothing was changed.
        ChangeError: a file was swapped for something else.
        OSError: a file cannot be written; what was written already is undone.
    """
    require_settled(store)
    for target in new:
        _check(store, target.path, target.before)
    # New files first: the others name them, and to take them back needs no space.
    ordered = sorted(new, key=lambda target: target.before is not None)
    change = store.prepare(config, reasons, ordered, httpd, listed)
    try:
        return _carry_out(store, change, then)
    except BaseException:
        _take_back(store, change)
        raise


def confirm(store: Held, change: Change) -> Change:
    """Marks a change that is written, and that httpd took, as applied.

    Raises:
        ChangeError: it is not in the journal as it was.
    """
    change = store.read(change.id)
    if change.state != "written":
        raise ChangeError(f"the change {change.id} is {change.state} by now.", hint=_LIST)
    return store.mark(change, "applied")


def finish(store: Held, change: Change, *, then: ChangeState = "applied") -> Change:
    """Write the rest of an interrupted change.

    Args:
        store: has the change.
        change: that was interrupted.
        then: as for ``apply``.

    Raises:
        EditedError: a file is neither as it was nor as it is to be.
        ChangeError: somebody else settled it meanwhile.
        OSError: as ``apply``; the change stays unfinished.
    """
    change = store.read(change.id)
    if change.state not in UNFINISHED:
        raise ChangeError(f"the change {change.id} is {change.state} by now.", hint=_LIST)
    _refuse_edited(store, change)
    return _carry_out(store, change, then)


def undo(
    store: Held, change: Change, keep: Collection[str] = (), *, then: ChangeState = "undone"
) -> Change:
    """Bring every file of a change back to what it was.

    Args:
        store: has the change.
        change: to undo.
        keep: real paths of files that it created and that stay (see ``uses.still_used``).
        then: the state of the change when that is done; ``undoing`` where httpd has yet to read the
            files.

    Raises:
        EditedError: a file was edited since; nothing was changed.
        ChangeError: a later change touched one of the files; or a backup is damaged.
        OSError: a file cannot be written. Where that shows before anything is touched, the change
            stays what it was, else unfinished.
    """
    interrupted = store.unfinished()
    if interrupted is not None and interrupted.id != change.id:
        raise UnfinishedError(interrupted)
    change = store.read(change.id)  # somebody else may have undone it meanwhile
    if change.state == "undone":
        raise ChangeError(f"the change {change.id} is undone already.", hint=_LIST)
    _refuse_later(store, change)
    _refuse_edited(store, change)
    return _undo(store, change, then, keep)


def _carry_out(store: Held, change: Change, then: ChangeState) -> Change:
    """Write what is not done yet."""
    with Staging(change, store.place(change)) as staging:
        pending = [n for n in range(len(change.files)) if _stage_new(store, staging, change, n)]
        change = store.mark(change, "applying")
        for number in pending:
            file = change.files[number]
            with at(file.path) as (folder, name):
                _compare(file.path, file.before, snapshot(folder, name))
            staging.publish(number, new=file.before is None)
    return store.mark(change, then)


def _stage_new(store: Store, staging: Staging, change: Change, number: int) -> bool:
    """Whether a file has yet to be written; its new content is staged then."""
    file = change.files[number]
    if file.before is None:
        _refuse_shared(file.path)
        staging.make_directory(number)
    with at(file.path) as (folder, name):
        now = snapshot(folder, name)
        if now is not None and digest(now.data) == file.after:
            return False
        ending = Path(name).suffix
        like = now.attributes if now else attributes.for_new(folder, ending, file.mode)
    staging.write(number, store.new(change, number), like)
    return True


def _refuse_shared(path: str) -> None:
    """A file that httpd is to trust is not made where others could replace it."""
    why = ownership.shared(str(Path(path).parent))
    if why:
        raise ChangeError(
            f"its directory {why}.",
            file=path,
            hint=Advice("changed"),
        )


def _take_back(store: Held, change: Change) -> None:
    """After a failure: everything as it was. What cannot be taken back now stays in the journal."""
    with contextlib.suppress(OSError, ChangeError):
        if store.read(change.id).state == "prepared":
            store.forget(change)  # nothing was touched; that needs no space on a full disk
        else:
            _undo(store, change)


def _undo(
    store: Held, change: Change, then: ChangeState = "undone", keep: Collection[str] = ()
) -> Change:
    with Staging(change, store.place(change)) as staging:
        numbers = [n for n, file in enumerate(change.files) if file.path not in keep][::-1]
        pending = [number for number in numbers if _stage_old(store, staging, change, number)]
        try:
            marked = _mark_undoing(store, change)
            for number in pending:
                _bring_back(staging, change, number)
        except OSError:
            if all(_as_changed(change.files[number]) for number in pending):
                with contextlib.suppress(OSError):
                    store.mark(change, change.state)  # nothing was touched
            raise
    remove_directories(_made(store, change))
    return marked if marked.state == then else store.mark(change, then)


def _made(store: Store, change: Change) -> list[str]:
    """The directories made for the files of a change, by it or an earlier one that is undone, the
    outermost first."""
    parents = {str(place) for file in change.files for place in Path(file.path).parents}
    undone = [c for c in store.changes() if c.state == "undone" or c.id == change.id]
    return sorted(
        {made for c in undone for file in c.files for made in file.created_directories} & parents
    )


def _mark_undoing(store: Held, change: Change) -> Change:
    try:
        return store.mark(change, "undoing")
    except OSError:
        # An unfinished state in the journal says as much as "undoing": some files may be new, some
        # old. So a disk that is full by now does not keep them from being brought back.
        if change.state not in UNFINISHED:
            raise
        return change


def _as_changed(file: ChangedFile) -> Snapshot | None:
    """A file that is as the change made it; None: it is not."""
    now = _present(file.path)
    return now if now is not None and digest(now.data) == file.after else None


def _stage_old(store: Store, staging: Staging, change: Change, number: int) -> bool:
    """Whether a file has yet to be brought back; its old content is staged then."""
    file = change.files[number]
    now = _as_changed(file)
    if now is None:
        return False
    if file.before is None:
        with at(file.path) as (folder, name):
            require_replaceable(folder, name)
    else:
        staging.write(number, store.old(change, number), now.attributes)
    return True


def _bring_back(staging: Staging, change: Change, number: int) -> None:
    """One file as it was, unless somebody edited it a moment ago."""
    file = change.files[number]
    with at(file.path) as (folder, name):
        now = snapshot(folder, name)
        if now is None or digest(now.data) != file.after:
            return
        if file.before is None:
            discard(folder, name)
            os.fsync(folder)
            return
    staging.publish(number, new=False)


def _refuse_edited(store: Store, change: Change) -> None:
    for number, file in enumerate(change.files):
        now = _present(file.path)
        found = None if now is None else digest(now.data)
        if found in (file.before, file.after):
            continue
        raise edited(
            store,
            file.path,
            store.new(change, number),
            now,
            since=f"since the change {change.id}",
            advice=Advice("edits"),
        )


def _refuse_later(store: Store, change: Change) -> None:
    own = {file.path for file in change.files}
    for later in reversed(store.changes()):
        touched = own & {file.path for file in later.files}
        if later.id > change.id and later.state == "applied" and touched:
            raise ChangeError(
                f"the later change {later.id} touched this file too, and has to be undone first.",
                file=min(touched),
                hint=Advice("undo", later.id),
            )


def _check(store: Store, path: str, before: bytes | None) -> None:
    now = _present(path)
    if (None if now is None else now.data) != before:
        since, advice = "since the plan was made", Advice("plan")
        raise edited(store, path, before or b"", now, since=since, advice=advice)


def _compare(path: str, before: str | None, now: Snapshot | None) -> None:
    """Right before the rename: once more, whether the file is still the old one."""
    if (None if now is None else digest(now.data)) != before:
        raise EditedError(
            "this file was edited while the change was being made.",
            file=path,
            hint=Advice("plan"),
        )


def _present(path: str) -> Snapshot | None:
    """A file as it is now; None: there is none."""
    if not Path(path).parent.is_dir():
        return None
    with at(path) as (folder, name):
        return snapshot(folder, name)
