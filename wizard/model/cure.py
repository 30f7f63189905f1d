"""A change of the configuration that repairs what a client gets of the backend's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Source

Where = Literal["after-route", "before-route", "server", "instead", "parameter", "url"]


@record
class Cure:
    """One line to write, change or take away.

    Args:
        where: ``after-route``, ``before-route``: beside the line that makes the route, in the same
            section; ``server``: in the virtual host, for all its routes; ``instead``: in the place
            of ``replaced``; ``parameter``: at the end of the line that makes the route; ``url``: in
            the place of the URL in that line.
        line: the directive with its arguments as they are to be written, or the parameter; empty:
            ``replaced`` is taken away.
        reason: why, in plain words: one line for the comment of the edit.
        replaced: the line that is changed or taken away.
    """

    where: Where
    line: str
    reason: str
    replaced: Source | None = None
