"""The changes that were made on this machine, for the engine's door: listed, finished, undone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.change.journal import Held as Held  # the front ends name it too
    from wizard.change.journal import Store
    from wizard.model.change import Change, Command, Deployed, DeployStep, Holder, Waiting


class Changes:
    """The journal of changes. Like the door, each call imports what it needs when it is made.

    Attributes:
        state: the directory in which it lies; None: this user's own.
    """

    state: Path | None = None

    def require_journal(self) -> None:
        """The directory of the journal must be one in which nobody else can write.

        Raises:
            UsageError, ChangeError: as ``wizard.change.journal.Store``.
        """
        self._store()

    stop: threading.Event

    @contextlib.contextmanager
    def locked(
        self, command: Command, waiting: Callable[[Holder, float], None] = lambda *_: None
    ) -> Iterator[Held]:
        """Keeps all others from changing files; waits a bounded time for one who does.

        Everything that a change rests on is read, and its outcome told, while this is held.

        Args:
            command: what it is held for; others are told.
            waiting: called while it waits: for whom, and since how many seconds.

        Returns:
            The journal, which the calls that change files want.

        Raises:
            BusyError: another command works here still.
            ChangeError: others can write into the directory of the journal, or it cannot be
                written.
            StoppedError: ``stop`` was set while it waited.
        """
        from wizard.change.left import telling

        store = self._store()
        with contextlib.ExitStack() as stack:
            with telling(store):
                held = stack.enter_context(store.locked(command, waiting=waiting, stop=self.stop))
            yield held

    def listed(self) -> list[tuple[Change, Holder | None]]:
        """Every change that was made here, the oldest first, and who makes it just now: None if it
        is done, undone, or was interrupted."""
        from wizard.change.journal import UNFINISHED

        store = self._store()
        changes, maker = store.changes(), None
        if any(change.state in UNFINISHED for change in changes):
            maker = store.holder()
            if maker is None:  # or is done by now
                changes = store.changes()
        return [(one, maker if one.state in UNFINISHED else None) for one in changes]

    def interrupted(self, held: Held | None = None) -> Change | None:
        """The change that was begun and is neither done nor undone, if there is one and nobody
        makes it just now.

        Args:
            held: from ``locked``, where it is held.
        """
        store = held or self._store()
        if store.unfinished() is None or (held is None and store.holder() is not None):
            return None
        return store.unfinished()  # whoever made it may be done by now

    def require_settled(self, held: Held) -> None:
        """Nothing may be planned while a change is half made.

        Raises:
            UnfinishedError: there is one.
        """
        from wizard.change.transaction import require_settled

        require_settled(held)

    def change(self, identifier: str | None) -> Change:
        """The change to roll back, as ``wizard.change.journal.Store.to_undo``."""
        return self._store().to_undo(identifier)

    def restoring(self, change: Change) -> tuple[bytes, dict[str, bytes]]:
        """What undoing does to the files, as ``wizard.change.edits.restoring``."""
        from wizard.change.edits import restoring

        return restoring(self._store(), change)

    def roll_back(
        self,
        held: Held,
        change: Change,
        *,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        """Undo a change and reload httpd, as ``wizard.change.deploy.take_back``."""
        from wizard.change.deploy import take_back
        from wizard.change.left import telling

        with telling(held, change):
            return take_back(held, change, graceful=graceful, progress=step)

    def finish(
        self,
        held: Held,
        change: Change,
        *,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        """Finish an interrupted change and reload httpd, as ``wizard.change.deploy.finish``."""
        from wizard.change.deploy import finish
        from wizard.change.left import telling

        with telling(held, change):
            return finish(held, change, graceful=graceful, progress=step)

    def _store(self) -> Store:
        from wizard.change.journal import Store

        return Store(self.state)
