"""One state of a configuration, run in throw-away servers: started, asked, ended."""

from __future__ import annotations

import random
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard import AGENT
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.httpd import client, command
from wizard.httpd.impostor import Encounter, Impostors, Tunnel
from wizard.httpd.sandbox import access, logs, render
from wizard.httpd.sandbox.outcome import Exchange, outcome
from wizard.httpd.sandbox.reach import Reach
from wizard.httpd.sandbox.relay import Dial
from wizard.httpd.sandbox.sandbox import Sandbox
from wizard.model.change import SECONDS
from wizard.model.config import Route
from wizard.model.rehearsal import KEEPS_OUT, Impostor, Pretence, Reception, Run, Untried

START_SECONDS = SECONDS["start"]
"""For httpd to come up; it resolves host names while it reads."""
_PORTS = range(20000, 32000)
"""Below the range that the kernel takes for outgoing connections."""
_MOST_TURNS = 6
"""Requests until a member of a balancer is asked."""
_SETTLED = 1.0
"""Seconds for the connections of an answered request to end."""
_TRIES = 5
"""Ports tried, in case another program takes one in between."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Also the answer of access control by a form or a third party: it leads to its own page."""
_WITHOUT_LOGIN = frozenset({"AH00025", "AH00027", "AH01796"})
"""Permission depends on a login, and no module does it: it may be one that is left out."""


def hosts(tree: Tree) -> list[Node]:
    """The virtual hosts of a tree, in the order of the files."""
    return [node for node in tree.walk() if node.key == "virtualhost"]


@dataclass(slots=True)
class _Server:
    """A throw-away httpd that is up, and the word that it demands, if any."""

    port: int
    tls: bool
    word: str
    error_log: Path
    access_log: Path


@dataclass(slots=True)
class Runner:
    """Runs one state of the configuration.

    Args:
        reach: what its servers may connect to, and in which sandbox.
        name: beginning of its files' names.
        layout: that the tree was read with.
        tree: that state.
        seconds: for each answer.
        impostors: tried for each route; None: none is.
    """

    reach: Reach
    name: str
    layout: Layout
    tree: Tree
    seconds: float = 0.0
    impostors: Impostors | None = None
    hosts: list[Node] = field(init=False)
    sandbox: Sandbox = field(init=False)

    def __post_init__(self) -> None:
        self.hosts = hosts(self.tree)
        self.sandbox = self.reach.network.sandbox

    def run(
        self, number: int, index: int | None, routes: Sequence[Route]
    ) -> tuple[list[Run], tuple[str, ...]]:
        """Start a server for one virtual host, ask for each route, end the server.

        Routes behind unix domain sockets have servers of their own, which may connect to no other.
        Where access control keeps the rehearsal's client out, a second server is asked that sets it
        aside.

        Args:
            number: of this run: no other has it.
            index: of the virtual host in ``hosts``; None: the main server.
            routes: of it.

        Returns:
            A run for each route, in order; and notes.
        """
        groups: dict[frozenset[str], list[int]] = {}
        for position, route in enumerate(routes):
            groups.setdefault(self.reach.sockets(route), []).append(position)
        found: dict[int, Run] = {}
        said: dict[str, None] = {}
        for part, (sockets, positions) in enumerate(groups.items()):
            name = f"{self.name}{number}.{part}"
            some = [routes[n] for n in positions]
            runs, notes = self._run(name, self._host(index), some, sockets)
            found |= zip(positions, runs, strict=True)
            said |= dict.fromkeys(notes)
        return [found[n] for n in range(len(routes))], tuple(said)

    def _run(
        self, name: str, kept: Sequence[Node], routes: Sequence[Route], sockets: frozenset[str]
    ) -> tuple[list[Run], tuple[str, ...]]:
        isolated = not self.sandbox.refused
        runs, notes = self._ask_all(name, kept, routes, sockets, opened=not isolated)
        if not isolated:
            return runs, (*notes, *self._not_rehearsed(kept))
        suspects = [n for n, run in enumerate(runs) if _may_be_kept_out(run)]
        if not suspects:
            return runs, notes
        again = [routes[n] for n in suspects]
        opened, _ = self._ask_all(f"{name}.open", kept, again, sockets, opened=True)
        for n, run in zip(suspects, opened, strict=True):
            if run.started and (run.proxied or run.status != runs[n].status):
                runs[n] = replace(run, kept_out=runs[n].status)
        return runs, notes

    def _host(self, index: int | None) -> list[Node]:
        return [self.hosts[index]] if index is not None and index < len(self.hosts) else []

    def access_control_note(self, index: int | None) -> str:
        """The note on a run that has ``kept_out``, for routes of this virtual host."""
        return (
            "httpd's own access control keeps the rehearsal's client out; the answer shown "
            "comes when it is set aside in the throw-away copy"
            f"{self._named(self._host(index))}."
        )

    def _not_rehearsed(self, kept: Sequence[Node]) -> Iterator[str]:
        """What is different where the servers listen on loopback of this machine."""
        refused = self.sandbox.refused
        yield (
            f"The system gives the throw-away httpd no network of its own ({refused}): it listens "
            f"on {render.ADDRESS}, opens to a word that only the rehearsal knows, and may reach "
            "others than the route's backend."
        )
        named = self._named(kept)
        if named:
            yield f"Access control is therefore not rehearsed{named}."

    def _named(self, kept: Sequence[Node]) -> str:
        """Where access is restricted, in parentheses."""
        places = access.places(self.tree, kept)
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        return f" ({', '.join(places[:3])}{more})" if places else ""

    def start_only(self) -> Run:
        """Start a server for all virtual hosts, and end it."""
        opened = bool(self.sandbox.refused)
        server, errors, _ = self._start(self.name, self.hosts, opened=opened)
        if server is None:
            return Run(False, errors)
        self.sandbox.stop(self.name)
        return Run(True)

    def _ask_all(
        self,
        name: str,
        kept: Sequence[Node],
        routes: Sequence[Route],
        sockets: frozenset[str],
        *,
        opened: bool,
    ) -> tuple[list[Run], tuple[str, ...]]:
        self.reach.prepare(routes)
        server, errors, notes = self._start(name, kept, sockets, opened=opened)
        if server is None:
            return [Run(False, errors) for _ in routes], notes
        try:
            exchanges = [self._ask_again(server, self._ask(server, route)) for route in routes]
            # afterwards: what an impostor does may put a member of a balancer into error
            isolated = not self.sandbox.refused
            met = [self._meet_all(server, route) for route in routes] if isolated else []
        finally:
            self.sandbox.stop(name)
        if not isolated:
            met = self._meet_through_tunnel(f"{name}.impostor", kept, routes)
        entries = logs.access(logs.read(server.access_log))
        runs = [outcome(each, server.error_log, entries) for each in exchanges]
        return [
            replace(run, impostors=some, untried=self._untried(route))
            for run, some, route in zip(runs, met, routes, strict=True)
        ], notes

    def _untried(self, route: Route) -> Untried | None:
        """Why no impostor stands in for a backend; None: one does, or nobody wants to know."""
        if route.backend.socket is not None:
            return Untried.SOCKET
        tunnelled = route.backend.uses_tls or route.backend.scheme == "http"
        return Untried.NO_NETWORK if self.sandbox.refused and not tunnelled else None

    def _meet_through_tunnel(
        self, name: str, kept: Sequence[Node], routes: Sequence[Route]
    ) -> list[tuple[Impostor, ...]]:
        """Have a server of their own ask the impostors: it reaches nobody else."""
        with Tunnel() as tunnel:
            server, _, _ = self._start(name, kept, opened=True, forward_proxy=tunnel.port)
            if server is None:
                return [() for _ in routes]
            try:
                return [self._meet_all(server, route, tunnel) for route in routes]
            finally:
                self.sandbox.stop(name)

    def _meet_all(
        self, server: _Server, route: Route, tunnel: Tunnel | None = None
    ) -> tuple[Impostor, ...]:
        if self.impostors is None or self._untried(route) is not None:
            return ()
        found = []
        for pretence in Pretence:
            encounter = self.impostors.impostor(pretence, route)
            if tunnel is not None:
                tunnel.encounter = encounter
            found.append(self._meet(server, route, encounter))
        return tuple(found)

    def _meet(self, server: _Server, route: Route, encounter: Encounter) -> Impostor:
        """Have httpd ask an impostor.

        It passes over a member of a balancer that is in error, until all are (``forcerecovery``);
        a forward proxy that leads to no other lets it fail with each of them first.
        """
        begin = time.monotonic()
        members = len(route.balancer_statuses)
        for _ in range(min(_MOST_TURNS, members + 2) if members else 1):
            exchange = self._ask(server, route, encounter.dial)
            reception = encounter.reception(_SETTLED)
            if reception is not Reception.NOT_ASKED:
                break
        if reception is Reception.UNCLEAR and logs.refuses(exchange.lines(server.error_log)):
            reception = Reception.REFUSED
        return Impostor(encounter.pretence, reception, time.monotonic() - begin)

    def _ask_again(self, server: _Server, first: Exchange) -> Exchange:
        """Where the connection to the backend broke: a second request, if that is answered."""
        if not first.is_broken(server.error_log):
            return first
        second = self._ask(server, first.route)
        return first if second.fails else replace(second, first=first)

    def _ask(self, server: _Server, route: Route, dial: Dial | None = None) -> Exchange:
        with self.reach.of(route, (render.ADDRESS, server.port), dial) as reached:
            begin = server.error_log.stat().st_size
            answer = client.get(
                render.ADDRESS,
                server.port,
                host=route.client_host or "localhost",
                path=route.request_path,
                tls=server.tls,
                seconds=self.seconds,
                agent=AGENT,
                word=server.word,
                upgrade=route.backend.uses_websocket,
                connect=self.reach.network.connect,
            )
        end = server.error_log.stat().st_size
        return Exchange(route, answer, reached, begin, end, port=server.port)

    def _start(
        self,
        name: str,
        kept: Sequence[Node],
        sockets: frozenset[str] = frozenset(),
        *,
        opened: bool,
        forward_proxy: int = 0,
    ) -> tuple[_Server | None, tuple[str, ...], tuple[str, ...]]:
        """The server, or what httpd said instead; and notes."""
        directory = self.sandbox.directory
        error_log, stderr = directory / f"{name}.error", directory / f"{name}.stderr"
        (directory / f"{name}.run").mkdir(mode=0o700, exist_ok=True)
        file = directory / f"{name}.conf"
        file.touch(mode=0o600)  # it may hold a password
        word = secrets.token_hex(16) if self.sandbox.refused else ""
        for port in _free_ports():
            door = access.Door(opened, word)
            config = render.render(
                self.tree, self.layout, kept, directory, name, port, door, forward_proxy, sockets,
                tuple(self.reach.doors.values()),
            )  # fmt: skip
            file.write_text(config.text, encoding="utf-8", errors="surrogateescape")
            self.sandbox.start(
                name, [*self._command(file), "-DFOREGROUND"], self.reach.network.number
            )
            if _ready(self.sandbox, name, error_log):
                access_log = directory / f"{name}.access"
                server = _Server(port, config.tls, word, error_log, access_log)
                return server, (), config.notes
            stderr_lines = logs.lines(logs.read(stderr))
            if not any("AH00072" in line for line in stderr_lines):
                break
        errors = logs.at_start(logs.lines(logs.read(error_log)), stderr_lines)
        errors = tuple(logs.with_origins(line, str(file), config.origins) for line in errors)
        return None, errors or ("httpd ended and wrote no message",), config.notes

    def _command(self, file: Path) -> list[str]:
        return [command.binary(self.layout), "-d", self.tree.server_root, "-f", str(file)]


def _may_be_kept_out(run: Run) -> bool:
    if run.proxied:
        return False
    return run.status in (KEEPS_OUT | _REDIRECTS) or not _WITHOUT_LOGIN.isdisjoint(run.codes)


def _free_ports() -> Iterator[int]:
    """Ports that nobody listens on just now."""
    found = 0
    while found < _TRIES:
        port = random.choice(_PORTS)  # noqa: S311 # nosec B311 # no secret: only not the one of a neighbour
        try:
            socket.create_server((render.ADDRESS, port)).close()
        except OSError:
            continue
        found += 1
        yield port


def _ready(sandbox: Sandbox, name: str, error_log: Path) -> bool:
    """Waits until httpd says that it serves; False if it ends, or does not come up in time."""
    end = time.monotonic() + START_SECONDS
    while not sandbox.ended(name, 0.01):
        if logs.READY in logs.read(error_log):
            return True
        if time.monotonic() > end:
            sandbox.stop(name)
    return False
