"""Everything that httpd answers itself before it asks a route's backend, in its own order."""

from __future__ import annotations

from wizard.config.routing.rewrite_barriers import RewriteBarriers
from wizard.config.routing.server import Server
from wizard.config.routing.targets import RouteTarget
from wizard.config.servers.access import Access
from wizard.config.servers.levels import ServerLevel
from wizard.model.barrier import Barrier


class Barriers:
    """Of one configuration.

    Args:
        main: the main server.
        client: IP address of the imagined client; None: any.
    """

    def __init__(self, main: ServerLevel, client: str | None) -> None:
        self._access = Access(main, client)
        self._rewriting = RewriteBarriers(main, client)

    def of(self, server: Server, target: RouteTarget, url: str) -> tuple[Barrier, ...]:
        """Rules at server level, authorisation, then what sections redirect.

        Args:
            server: of the route.
            target: what becomes of its imagined request.
            url: that it is mapped to.
        """
        path, place = target.request_path, target.place
        return (
            *self._rewriting.early(server, target),
            *self._access.of(server.level, url, path, place, server.host),
            *self._rewriting.late(server, target, url),
        )
