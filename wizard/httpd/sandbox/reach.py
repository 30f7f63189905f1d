"""Whom a request may reach, and whom httpd wanted to reach besides."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, TracebackType

from wizard.httpd.sandbox.doors import Door
from wizard.httpd.sandbox.names import Names
from wizard.httpd.sandbox.packets import Attempts
from wizard.httpd.sandbox.relay import Destination, Dial, Passage, as_sent, outward
from wizard.httpd.sandbox.sandbox import Network
from wizard.model.config import Route
from wizard.model.probe import peer
from wizard.model.rehearsal import End

NO_DOORS: Mapping[tuple[str, int], Door] = MappingProxyType({})


@dataclass(slots=True)
class Reached:
    """Who was there for one request.

    Args:
        answered: whether the route's backend sent something after httpd had asked; None: not
            known, for it has no address (``unix:``), or the servers have no network of their own.
        strangers: addresses and ports of others that httpd wanted to connect to.
        hung_up: who ended a connection of the request first; None: nobody, or it is not known.
        doors: through which httpd could go.
    """

    answered: bool | None = None
    hung_up: End | None = None
    strangers: tuple[Destination, ...] = ()
    doors: tuple[Door, ...] = ()


class Reach:
    """What the servers in a network may connect to, as a context manager.

    Where they have no network of their own they reach whatever this machine does.

    Args:
        network: of the servers.
        known: routes of the configuration: a request for one member of a balancer may be served by
            any, and one for a route that is shadowed by the one that shadows it.
        seconds: for an address, and for a connection.
        planned: the routes as the configuration that is rehearsed has them, where that is another.
        doors: of their backends, by host and port.
    """

    def __init__(
        self,
        network: Network,
        known: Sequence[Route],
        seconds: float,
        planned: Sequence[Route] = (),
        doors: Mapping[tuple[str, int], Door] = NO_DOORS,
    ) -> None:
        self.network = network
        self.doors = doors
        self._known = known
        self._planned = {route.id: route for route in planned}
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
        if self._attempts is not None or self.doors:
            places = {place for route in routes for place in self._peers(route, self._known)}
            led = {place for place, door in self.doors.items() if door.address}
            for host, _ in places - led:
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
        places = self._peers(route, self._known if dial is None else ())
        doors = tuple(self.doors[place] for place in places if place in self.doors)
        reached = Reached(doors=doors)
        allowed = [door.place for door in doors]
        behind = {door.place: self._behind(door) for door in doors}
        dial = dial or outward(self._seconds)
        if self._attempts is None:
            with Passage(self.network, allowed, dial, behind):
                yield reached
            return
        allowed += self._destinations(places)
        self._attempts.since()
        with Passage(self.network, allowed, dial, behind) as passage:
            yield reached
            reached.hung_up = passage.hung_up
            if allowed and not any(each.backend.socket for each in _serving(route, self._known)):
                reached.answered = passage.answered
        known = map(as_sent, [*allowed, own])
        reached.strangers = tuple(sorted(self._attempts.since().difference(known)))

    def _behind(self, door: Door) -> Destination:
        """Where a door leads."""
        found = [door.address] if door.address else self._addresses(door.host)
        return next(iter(found), door.host), door.port

    def _addresses(self, host: str) -> tuple[str, ...]:
        return self.network.sandbox.addresses(host, self._seconds)

    def _peers(self, route: Route, known: Sequence[Route]) -> dict[tuple[str, int], None]:
        """Host and port of whoever may serve a request, as it is and as it is planned."""
        planned = self._planned.get(route.id)
        return peers(route, known) | ({} if planned is None else peers(planned, ()))

    def _destinations(self, places: Iterable[tuple[str, int]]) -> list[Destination]:
        return [
            (address, port)
            for host, port in places
            if (host, port) not in self.doors
            for address in self._addresses(host)
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
    places = (peer(each) for each in _serving(route, known))
    return dict.fromkeys(place for place in places if place is not None)


def _serving(route: Route, known: Sequence[Route]) -> Iterator[Route]:
    """The routes whose backends may answer for one."""
    yield route
    for other in known:
        same = route.balancer is not None and other.balancer == route.balancer
        if same or other.source == route.shadowed_by:
            yield other
