"""The changes that were made on this machine, for the engine's door: listed, finished, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.change.journal import Store
    from wizard.model.change import Change, Deployed, DeployStep


class Changes:
    """The journal of changes. Like the door, each call imports what it needs when it is made."""

    def changes(self) -> list[Change]:
        """Every change that was made here, the oldest first."""
        return self._store().changes()

    def interrupted(self) -> Change | None:
        """The change that was begun and is neither done nor undone, if there is one."""
        return self._store().unfinished()

    def require_settled(self) -> None:
        """Nothing may be planned while a change is half made.

        Raises:
            UnfinishedError: there is one.
        """
        from wizard.change.transaction import require_settled

        require_settled(self._store())

    def change(self, identifier: str | None) -> Change:
        """The change to roll back, as ``wizard.change.journal.Store.to_undo``."""
        return self._store().to_undo(identifier)

    def roll_back(self, change: Change, *, graceful: bool = True) -> tuple[str, ...]:
        """Undo a change and reload httpd, as ``wizard.change.deploy.take_back``."""
        from wizard.change.deploy import take_back

        return take_back(self._store(), change, graceful=graceful)

    def finish(
        self,
        change: Change,
        *,
        graceful: bool = True,
        step: Callable[[DeployStep], None] = lambda _: None,
    ) -> Deployed:
        """Finish an interrupted change and reload httpd, as ``wizard.change.deploy.finish``."""
        from wizard.change.deploy import finish

        return finish(self._store(), change, graceful=graceful, progress=step)

    def _store(self) -> Store:
        from wizard.change.journal import Store

        return Store()
