"""What the step screens need of the application that shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.worker import Worker

    from screens.lifetime import Ended, Making, Observer
    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.engine.engine import Engine
    from wizard.model.change import Change
    from wizard.model.scope import Assumed, Scope


class Host(Protocol):
    """The application: it holds the session and the engine, and goes from step to step."""

    session: Session
    engine: Engine
    glyphs: Glyphs
    settling: tuple[str, Change] | None
    """What the operator wants done with an interrupted change; step 5 does it."""

    def refresh_step(self) -> None:
        """The session changed: redraw the step in view."""

    def narrowed_scope(self) -> Scope:
        """The scope, narrowed to the current route."""

    def read_again(
        self,
        *,
        path: str | None = None,
        host: str | None = None,
        resolve: tuple[Assumed, ...] | None = None,
    ) -> None:
        """Read the configuration; all earlier results are discarded.

        Args:
            path: another configuration, empty for the installed httpd's; None: the same.
            host: another Host header of the imagined client, empty for the virtual host's own
                name; None: the same.
            resolve: names that are taken to lead to an address; None: the same.
        """

    def action_step(self, key: str) -> None:
        """Go to a step."""

    @property
    def is_making(self) -> bool:
        """Whether a change is being made."""

    def make_change(
        self, make: Callable[[Observer], Ended], show: Callable[[Making], None]
    ) -> None:
        """Begin to make a change, as ``screens.lifetime.Lifetime.make_change``."""

    def post(self, callback: Callable[..., None], *arguments: object) -> None:
        """From another thread: have something called in the application's."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker failed: that is a fault of the wizard's own."""
