"""What the step screens need of the application that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.worker import Worker

    from screens.decisions import Decisions
    from screens.lifetime import Making
    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.engine.engine import Engine
    from wizard.model.change import Change, Holder
    from wizard.model.route_id import RouteId
    from wizard.model.scope import Assumed, Scope


class Host(Protocol):
    """The application: it holds the session and the engine, works, and goes from step to step."""

    session: Session
    engine: Engine
    glyphs: Glyphs
    change: Making | None
    """The last change that was begun here."""
    changes: tuple[tuple[Change, Holder | None], ...]
    """Every change that is in the journal, the last first, each with who makes it just now."""
    changes_error: str
    """Why the journal cannot be read; empty: it was read."""
    waits_for: Holder | None
    """Whom a change waits for."""

    # to read

    def read_again(
        self,
        *,
        path: str | None = None,
        host: str | None = None,
        resolve: tuple[Assumed, ...] | None = None,
        keep: bool = False,
    ) -> None:
        """Read the configuration; all earlier results are discarded.

        Args:
            path: another configuration, empty for the installed httpd's; None: the same.
            host: another Host header of the imagined client, empty for the virtual host's own
                name; None: the same.
            resolve: names that are taken to lead to an address; None: the same.
            keep: what came of the last change stays.
        """

    def narrowed_scope(self) -> Scope:
        """The scope, narrowed to the current route."""

    # to probe, plan, rehearse

    def choose(self, route: RouteId) -> None:
        """Go to another route."""

    def probe(self) -> None:
        """Ask the backend of the current route (again)."""

    def probe_all(self) -> None:
        """Ask the backend of every route."""

    def decide(self, decisions: Decisions) -> None:
        """Plan with other decisions about the current route."""

    def preview(self, file: str) -> None:
        """Plan as it would be with the CA of a file; empty: show no such plan."""

    def plan(self) -> None:
        """Plan with the decisions (again)."""

    def rehearse(self) -> None:
        """Rehearse the plan (again)."""

    def cancel(self) -> bool:
        """End what is under way, one work at a time.

        Returns:
            Whether anything was.
        """

    def was_copied(self, text: str) -> bool:
        """Whether a fingerprint was handed to the clipboard by this program."""

    # to change

    @property
    def obstacle(self) -> str:
        """Why ``apply`` would not ask whether to write; empty: it would."""

    def apply(self) -> None:
        """Show what will be written where, and ask."""

    def undo(self, change: Change) -> None:
        """Take a change back, after asking."""

    def finish(self, change: Change) -> None:
        """Finish an interrupted change, after asking."""

    @property
    def is_making(self) -> bool:
        """Whether a change is being made."""

    @property
    def is_making_here(self) -> bool:
        """Whether a change is being made that was begun in the configuration in view."""

    def read_changes(self) -> None:
        """Read the journal; the screen is told later."""

    # to show

    @property
    def has_more_keys(self) -> bool:
        """Whether keys wait for the one that is being dealt with."""

    def refresh_step(self) -> None:
        """The session changed: go on with what comes next, and redraw the screen in view."""

    def action_step(self, key: str) -> None:
        """Go to a step; ``case``: to the case."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker failed: that is a fault of the wizard's own."""
