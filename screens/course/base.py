"""What the works have in common: the session, the engine, and the screen to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.lifetime import Lifetime

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.engine.engine import Engine
    from wizard.model.scope import Scope


class Course(Lifetime):
    """An application that works by itself as far as it may."""

    session: Session
    engine: Engine

    def refresh_step(self) -> None:
        """The session changed: go on with what comes next, and redraw the screen in view."""
        raise NotImplementedError

    def narrowed_scope(self) -> Scope:
        """The scope, narrowed to the current route."""
        raise NotImplementedError

    def read_again(self, *, keep: bool = False) -> None:
        """Read the configuration; all earlier results are discarded."""
        raise NotImplementedError
