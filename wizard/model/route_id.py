"""The identity of a route, the same before and after a plan."""

from __future__ import annotations

from wizard.record import record


@record
class RouteId:
    """What distinguishes a route from every other one of its configuration.

    It holds no line number: a plan inserts lines, and the route has to be found again afterwards. A
    plan neither adds nor removes a virtual host, and changes neither names nor paths nor the order
    of routes, so places in the order of reading stay the same. (Where a plan corrects a misspelt
    directive, a route appears; later ones with the same path and kind in the same virtual host move
    by one.)

    Args:
        vhost: the server's place in the order of reading: 0 the main server, 1 the first
            ``<VirtualHost>``; one that is read twice (Include, Macro) has two.
        server_name: ServerName as written; None: it has none.
        path: as written, see ``Route.path``.
        kind: see ``Route.kind``.
        number: from 0, among the routes for which all else is the same, in the order of reading:
            the members of one balancer, two ProxyPass of one path.
        inherited: the main server's directive, as this virtual host uses it; it becomes a route of
            its own once the plan gives the virtual host its own settings.
        asked: path of the request, where the route is asked for more than one (``--path``) and
            this is not the first.
    """

    vhost: int
    server_name: str | None
    path: str
    kind: str
    number: int = 0
    inherited: bool = False
    asked: str = ""

    @property
    def of_main(self) -> tuple[str, str, int] | None:
        """Which of the main server's routes it is, whichever server uses it; None: it is none."""
        used = self.vhost == 0 or self.inherited
        return (self.path, self.kind, self.number) if used else None

    @property
    def label(self) -> str:
        """``VHOST PATH``: how people read it. Several routes may have the same."""
        return f"{self.server_name or 'main server'} {self.path}"
