"""Where changes are recorded: a directory for each, with its journal and its files, old and new.

The journal is replaced atomically and is on disk before the step that it announces, so that after
a crash it says which files may be new.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from wizard.change import home, lock
from wizard.change.atomic_file import digest, missing_directories, sync_directory
from wizard.change.staging import clear, included
from wizard.config.installation import ownership
from wizard.errors import Advice, ChangeError, UsageError
from wizard.model.change import Change, ChangedFile, ChangeState, Command, Holder
from wizard.record import record

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
_JOURNAL = "journal.json"
_LOCK = "lock"
_BY_HAND = "Put a copy of it there, or change by hand what this change changed."
UNFINISHED: frozenset[ChangeState] = frozenset({"prepared", "applying", "written", "undoing"})


@record
class Target:
    """A file as it is to be.

    Args:
        path: real path.
        before: its bytes now; None: it does not exist.
        after: its bytes afterwards.
        mode: permissions, for a new file. Certificates are public: everybody may read it.
    """

    path: str
    before: bytes | None
    after: bytes
    mode: int = 0o644


class Store:
    """The changes that were made on this machine by this user.

    Args:
        directory: made when the first change is; None: the user's own.

    Raises:
        UsageError: as ``home.state_directory``.
        ChangeError: somebody else can write into the directory, or replace it.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or home.state_directory()
        self._check_owner()

    @contextlib.contextmanager
    def locked(
        self,
        command: Command,
        *,
        waiting: lock.Waiting = lambda *_: None,
        stop: threading.Event | None = None,
    ) -> Iterator[Held]:
        """Keeps other changes out meanwhile, as ``wizard.change.lock.held``.

        Raises:
            BusyError: another command works here still.
            ChangeError: others can write into the directory.
            StoppedError: ``stop`` was set while it waited.
        """
        for above in missing_directories(str(self.directory.parent)):
            Path(above).mkdir(mode=0o700, exist_ok=True)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self._check_owner()
        with lock.held(self.directory / _LOCK, command, waiting, stop):
            store = Held(self.directory)
            store.sweep()
            yield store

    def holder(self) -> Holder | None:
        """Who changes files here now; None: nobody does."""
        return lock.holder(self.directory / _LOCK)

    def changes(self) -> list[Change]:
        """Every change, the oldest first.

        Raises:
            ChangeError: a journal cannot be read.
        """
        if not self.directory.is_dir():
            return []
        names = sorted(p.name for p in self.directory.iterdir() if _ID.fullmatch(p.name))
        return [self.read(n) for n in names if (self.directory / n / _JOURNAL).exists()]

    def unfinished(self) -> Change | None:
        """The change that is neither done nor undone, if there is one: it was interrupted, unless
        whoever makes it holds the lock."""
        return next((c for c in self.changes() if c.state in UNFINISHED), None)

    def to_undo(self, identifier: str | None) -> Change:
        """The change that a roll-back is about.

        Args:
            identifier: of the change; None: the interrupted one, else the last that was applied.

        Raises:
            ChangeError: there is none of that name, or its journal is damaged.
            UsageError: there is nothing to undo.
        """
        if identifier is not None:
            return self.read(identifier)
        applied = [change for change in self.changes() if change.state == "applied"]
        found = self.unfinished() or (applied[-1] if applied else None)
        if found is None:
            raise UsageError(
                f"there is no change to undo in {self.directory}.",
                hint="What another user made (root, with sudo) that user undoes.",
            )
        return found

    def read(self, identifier: str) -> Change:
        """One change.

        Raises:
            ChangeError: there is none of that name, or its journal is damaged.
        """
        journal = self.directory / identifier / _JOURNAL
        if not _ID.fullmatch(identifier) or not journal.exists():
            raise ChangeError(
                f"there is no change {identifier!r} in the list of changes.", hint=Advice("list")
            )
        try:
            document: dict[str, Any] = json.loads(journal.read_bytes())
            files = tuple(
                ChangedFile(
                    _path(f["path"]),
                    f["before"],
                    f["after"],
                    _paths(f["created_directories"]),
                    f["mode"],
                )
                for f in document["files"]
            )
            change = Change(
                id=document["id"],
                created=document["created"],
                state=document["state"],
                config=document["config"],
                reasons=tuple(document["reasons"]),
                files=files,
                httpd=document.get("httpd"),  # journals of earlier releases have none
                included=_paths(document.get("included", ())),
            )
            if not _is_sound(change, identifier):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ChangeError(
                "this journal is damaged: how far its change got is not known.",
                file=str(journal),
                hint="No change is made or undone as long as it is here. Compare your files with "
                "what lies beside it (N.old: before this change, N.new: after it), then move "
                f"{journal.parent} to another place.",
            ) from None
        return change

    def place(self, change: Change) -> Path:
        """The directory of a change."""
        return self.directory / change.id

    def old(self, change: Change, number: int) -> bytes:
        """A file as it was. Number: its place in ``change.files``."""
        return self._content(change, number, "old", change.files[number].before)

    def new(self, change: Change, number: int) -> bytes:
        """A file as the change makes it."""
        return self._content(change, number, "new", change.files[number].after)

    def _content(self, change: Change, number: int, kind: str, expected: str | None) -> bytes:
        path = self.place(change) / f"{number}.{kind}"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ChangeError("this backup is missing.", file=str(path), hint=_BY_HAND) from None
        if digest(data) != expected:
            raise ChangeError("this backup is damaged.", file=str(path), hint=_BY_HAND)
        return data

    def _check_owner(self) -> None:
        """What lies here is written back by roll-back: nobody else may have put it here."""
        where = str(self.directory)
        others = ownership.replaceable(where)
        if not others and self.directory.exists():
            if not self.directory.is_dir():
                raise ChangeError("changes are remembered in a directory, not in this.", file=where)
            others = ownership.shared(where)
        if others:
            raise ChangeError(
                "somebody else can write into the directory where changes are remembered: "
                f"it {others}.",
                file=where,
                hint=f"Name another with {home.VARIABLE}.",
            )


class Held(Store):
    """The changes while their lock is held: only so one is recorded."""

    begun = ""
    """The id of the change that was recorded last."""

    def prepare(
        self,
        config: str,
        reasons: Sequence[str],
        targets: Sequence[Target],
        httpd: str | None = None,
        listed: Iterable[tuple[str, str]] = (),
    ) -> Change:
        """Write the backup and the journal of a change that is about to be made.

        Args:
            config: main file of the configuration.
            reasons: one line each.
            targets: the files, in the order in which they are to be written.
            httpd: the program that the operator named for it.
            listed: where Includes look (see ``staging.included``).

        Raises:
            OSError: no space, no permission …; nothing is left behind.
        """
        now = datetime.now(UTC)
        identifier = self._identifier(now)
        files = tuple(
            ChangedFile(
                t.path,
                None if t.before is None else digest(t.before),
                digest(t.after),
                missing_directories(str(Path(t.path).parent)),
                t.mode,
            )
            for t in targets
        )
        change = Change(
            id=identifier,
            created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            state="prepared",
            config=config,
            reasons=tuple(reasons),
            files=files,
            httpd=httpd,
            included=included(identifier, listed),
        )
        place = self.place(change)
        place.mkdir(mode=0o700)
        try:
            for number, target in enumerate(targets):
                if target.before is not None:
                    _write(place, f"{number}.old", target.before)
                _write(place, f"{number}.new", target.after)
            self._save(change)
            sync_directory(self.directory)
        except BaseException:
            self._forget(place)
            raise
        return change

    def _identifier(self, now: datetime) -> str:
        """A name that sorts after all others, be it that the clock was set back."""
        names = [p.name for p in self.directory.iterdir() if _ID.fullmatch(p.name)]
        second = max([f"{now:%Y%m%d-%H%M%S}-", *(name[:-4] for name in names)])
        taken = [int(name[-4:], 16) for name in names if name.startswith(second)]
        number = max(taken) + 1 if taken else secrets.randbelow(0x8000)
        return f"{second}{number:04x}"

    def mark(self, change: Change, state: ChangeState) -> Change:
        """Record how far a change got."""
        marked = replace(change, state=state)
        self._save(marked)
        return marked

    def _save(self, change: Change) -> None:
        document = asdict(change)
        for file in document["files"]:  # any bytes but NUL may stand in a path
            file["path"] = _hexadecimal(file["path"])
            file["created_directories"] = [_hexadecimal(d) for d in file["created_directories"]]
        document["included"] = [_hexadecimal(d) for d in document["included"]]
        self.begun = change.id
        place = self.place(change)
        new = place / f"{_JOURNAL}.new"
        try:
            _write(place, new.name, json.dumps(document, indent=1).encode("ascii"))
            new.rename(place / _JOURNAL)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink()
            raise
        sync_directory(place)

    def forget(self, change: Change) -> None:
        """Remove a change that touched nothing."""
        self._forget(self.place(change))

    def sweep(self) -> None:
        """Remove what an interruption left: what was staged, and what lies there without a journal,
        before which nothing is changed."""
        for place in self.directory.iterdir():
            if _ID.fullmatch(place.name) and not (place / _JOURNAL).exists():
                self._forget(place)
        with contextlib.suppress(ChangeError):  # a damaged journal, told where it is read
            for change in self.changes():
                clear(change, str(self.place(change)))

    def _forget(self, place: Path) -> None:
        with contextlib.suppress(OSError):
            for entry in place.iterdir():
                entry.unlink()
            place.rmdir()


def _is_sound(change: Change, identifier: str) -> bool:
    """Whether what a journal says can have been written there: JSON knows no such types.

    Raises:
        ValueError, TypeError: its time is none.
    """
    datetime.fromisoformat(change.created)
    words = (change.config, *change.reasons, change.httpd or "")
    return (
        change.id == identifier
        and change.state in get_args(ChangeState)
        and all(isinstance(word, str) and "\0" not in word for word in words)
        and all(_is_sound_file(file) for file in change.files)
    )


def _is_sound_file(file: ChangedFile) -> bool:
    absolute = Path(file.path).is_absolute() and "\0" not in file.path
    return absolute and isinstance(file.mode, int)


def _hexadecimal(path: str) -> str:
    return os.fsencode(path).hex()


def _paths(hexadecimal: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_path, hexadecimal))


def _path(hexadecimal: str) -> str:
    return os.fsdecode(bytes.fromhex(hexadecimal))


def _write(place: Path, name: str, data: bytes) -> None:
    descriptor = os.open(
        place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:  # write(2) names no file
        raise OSError(error.errno, error.strerror, str(place / name)) from error
