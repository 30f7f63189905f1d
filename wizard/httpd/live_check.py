"""One request for each route to the running server, after a reload."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wizard import AGENT
from wizard.config.servers.listen_addresses import ANY_IPV4, ANY_IPV6
from wizard.config.syntax.tree import Tree
from wizard.httpd import client, listeners
from wizard.httpd.budget import Budget
from wizard.model.change import SECONDS, LiveCheck
from wizard.model.config import Route

ANSWER_SECONDS = 15.0
"""For one answer of the running server, as long as ``SECONDS`` for all of them last."""


def check(
    tree: Tree, routes: Sequence[Route], tell: Callable[[int], None] = lambda _: None
) -> tuple[LiveCheck, ...]:
    """Ask the running server for routes, one after the other.

    Args:
        tree: its configuration: where it listens.
        routes: what to ask for.
        tell: called while it is waited for, as by ``Budget``.
    """
    budget = Budget(SECONDS["look"], tell)
    with budget.telling():
        return tuple(_check(tree, route, budget) for route in routes)


def _check(tree: Tree, route: Route, budget: Budget) -> LiveCheck:
    """One of them; what is left of the budget when it is over is not asked for."""
    address, port = _address(tree, route)

    if not budget.left:
        error = f"not asked: the {budget.seconds:.0f} s for all answers are over"
        return LiveCheck(route, address, port, None, error)

    def ask(*, announced: bool) -> client.Answer:
        return client.get(
            address,
            port,
            host=route.client_host or "localhost",
            path=route.request_path,
            tls=route.vhost.front_tls.value,
            seconds=min(ANSWER_SECONDS, budget.left),
            agent=AGENT,
            announced=announced,
            upgrade=route.backend.uses_websocket,
        )

    answer = ask(announced=False)
    if answer.status is None and budget.left and _expects_proxy_line(tree):
        # Which addresses expect a PROXY line, and from which clients, only httpd knows exactly.
        answer = ask(announced=True)
    return LiveCheck(route, address, port, answer.status, answer.error)


def _expects_proxy_line(tree: Tree) -> bool:
    """Whether some address of the server is reached through a balancer that announces clients."""
    return any(
        node.key == "remoteipproxyprotocol" and node.args.strip('" ').lower() == "on"
        for node in tree.walk()
    )


def _address(tree: Tree, route: Route) -> tuple[str, int]:
    """Where the running server answers for a route's virtual host."""
    listens = listeners.lines(tree)
    for text in route.vhost.addresses:
        host, _, port = text.rpartition(":")
        for listen_host, listen_port in listens:
            if port in ("*", str(listen_port)):
                return _reachable(host) or _reachable(listen_host) or "127.0.0.1", listen_port
    first, port_of_first = next(iter(listens), (None, 80))
    return _reachable(first) or "127.0.0.1", port_of_first


def _reachable(host: str | None) -> str:
    """A host that can be connected to, without brackets; empty for a wildcard."""
    bare = (host or "").strip("[]")
    return "" if bare in ("*", ANY_IPV4, ANY_IPV6) else bare
