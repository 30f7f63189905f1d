"""Whom a request may reach, and whom httpd wanted to reach besides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

from wizard.httpd.sandbox.names import Names
from wizard.httpd.sandbox.packets import Attempts
from wizard.httpd.sandbox.relay import Destination, Dial, Passage, as_sent, outward
from wizard.httpd.sandbox.sandbox import Network
from wizard.model.config import Route
from wizard.model.probe import ProbeRequest
from wizard.model.rehearsal import End


@dataclass(slots=True)
class Reached:
    """Who was there for one request.

    Args:
        answered: whether the route's backend sent something after httpd had asked; None: not
            known, for it has no address (``unix:``), or the servers have no network of their own.
        strangers: addresses and ports of others that httpd wanted to connect to.
        hung_up: who ended a connection of the request first; None: nobody, or it is not known.
    """

    answered: bool | None = None
    hung_up: End | None = None
    strangers: tuple[Destination, ...] = ()


class Reach:
    """What the servers in a network may connect to, as a context manager.

    Where they have no network of their own they reach whatever this machine does.

    Args:
        network: of the servers.
        known: routes of the configuration: a request for one member of a balancer may be served by
            any, and one for a route that is shadowed by the one that shadows it.
        seconds: for an address, and for a connection.
    """

    def __init__(self, network: Network, known: Sequence[Route], seconds: float) -> None:
        self.network = network
        self._known = known
        self._seconds = seconds
        self._attempts: Attempts | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Reach:
        if not self.network.sandbox.refused:
            self._attempts = Attempts(self.network)
            self._open.callback(self._attempts.close)
            self._open.enter_context(Names(self.network))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def prepare(self, routes: Sequence[Route]) -> None:
        """Have the names of these routes' backends looked up meanwhile."""
        if self._attempts is not None:
            for host, _ in {peer for route in routes for peer in peers(route, self._known)}:
                self.network.sandbox.resolve(host, self.network.number)

    @contextlib.contextmanager
    def of(self, route: Route, own: Destination, dial: Dial | None = None) -> Iterator[Reached]:
        """Let one request reach the route's backend; afterwards it is known who was there.

        Args:
            route: of the request; ``prepare`` was called for it.
            own: where the server listens.
            dial: makes the connections to the backend, and no other that may serve the request is
                there; None: to the true ones.
        """
        reached = Reached()
        if self._attempts is None:
            yield reached
            return
        allowed = self._destinations(route, self._known if dial is None else ())
        self._attempts.since()
        with Passage(self.network, allowed, dial or outward(self._seconds)) as passage:
            yield reached
            reached.hung_up = passage.hung_up
            if allowed and not any(each.backend.socket for each in _serving(route, self._known)):
                reached.answered = passage.answered
        known = map(as_sent, [*allowed, own])
        reached.strangers = tuple(sorted(self._attempts.since().difference(known)))

    def _destinations(self, route: Route, known: Sequence[Route]) -> list[Destination]:
        return [
            (address, port)
            for host, port in peers(route, known)
            for address in self.network.sandbox.addresses(host, self._seconds)
        ]

    def sockets(self, route: Route) -> frozenset[str]:
        """Paths of the unix domain sockets that may serve a request for a route."""
        found = (each.backend.socket for each in _serving(route, self._known))
        return frozenset(path for path in found if path is not None)


def peers(route: Route, known: Sequence[Route]) -> dict[tuple[str, int], None]:
    """Host and port that httpd connects to for a request of a route, in any case.

    Args:
        route: the route.
        known: others of its configuration.
    """
    found: dict[tuple[str, int], None] = {}
    for each in _serving(route, known):
        backend = each.backend
        peer = ProbeRequest(
            host=backend.host,
            port=backend.port,
            tls=False,
            timeout=0.0,
            forward_proxy=each.proxy_remote.value,
        ).peer
        if all(peer) and backend.socket is None:
            found[peer] = None
    return found


def _serving(route: Route, known: Sequence[Route]) -> Iterator[Route]:
    """The routes whose backends may answer for one."""
    yield route
    for other in known:
        same = route.balancer is not None and other.balancer == route.balancer
        if same or other.source == route.shadowed_by:
            yield other
