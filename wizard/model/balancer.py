"""What clients get of a balancer as a whole."""

from __future__ import annotations

from typing import Literal

from wizard.model.route_id import RouteId
from wizard.record import record

Share = Literal["passed-over", "once-per-retry", "its-share"]
"""``passed-over``: httpd goes on to another member, and no client notices; ``once-per-retry``: in
each ``retry`` period one client gets its error; ``its-share``: every client it is chosen for."""


@record
class Faulty:
    """A member that does not answer well.

    Args:
        route: it.
        url: of it.
        status: what its clients get; None: none, for they are not asked for.
        share: how often.
        seconds: of ``retry``, after which it is tried again.
        reason: why, a sentence.
    """

    route: RouteId
    url: str
    status: int | None
    share: Share
    seconds: float
    reason: str


@record
class BalancerVerdict:
    """The verdict on a balancer over its members, each of which is a route of its own.

    Args:
        name: of the balancer.
        vhost: label of its virtual host and path.
        members: its routes.
        outcome: ``ok``: most clients get an answer; ``fail``: none does; ``unknown``: not all
            members were asked.
        status: what most clients get; None: not known.
        faulty: its members that do not answer well.
    """

    name: str
    vhost: str
    members: tuple[RouteId, ...]
    outcome: Literal["ok", "fail", "unknown"]
    status: int | None
    faulty: tuple[Faulty, ...] = ()
