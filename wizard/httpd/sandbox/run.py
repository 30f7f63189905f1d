"""One state of a configuration, played in throw-away servers: started, asked, ended."""

from __future__ import annotations

import random
import secrets
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard import AGENT
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.httpd import client, command
from wizard.httpd.sandbox import logs, render
from wizard.httpd.sandbox.sandbox import Stage
from wizard.model.config import Route
from wizard.model.rehearsal import KEEPS_OUT, Run

START_SECONDS = 30.0
"""For httpd to come up; it resolves host names while it reads."""
_PORTS = range(20000, 32000)
"""Below the range that the kernel takes for outgoing connections."""
_TRIES = 5
"""Ports tried, should somebody else take one in between."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""What access control by a form or by a third party answers, too: the way to its own page."""
_TELLS = frozenset({"http", "https", "h2", "h2c"})
"""Schemes whose modules leave the backend's status for the access log, in every httpd 2.4."""
_BAD_GATEWAY = 502
_OWN = frozenset({400, 401, 403, 408, 413, 414, 417, *range(500, 600)})
"""What httpd may answer itself before or instead of the backend: for an answer that has no line in
the access log (its body did not end), or another scheme."""


def hosts(tree: Tree) -> list[Node]:
    """The virtual hosts of a tree, in the order of the files."""
    return [node for node in tree.walk() if node.key == "virtualhost"]


@dataclass(slots=True)
class _Server:
    """A throw-away httpd that is up, and the word that it lets in."""

    port: int
    tls: bool
    word: str
    error_log: Path
    access_log: Path


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer, and between which offsets of the error log it was given."""

    route: Route
    answer: client.Answer
    begin: int
    end: int


@dataclass(slots=True)
class Act:
    """One state of the configuration.

    Args:
        name: beginning of its files' names.
        layout: that the tree was read with.
        tree: that state.
    """

    name: str
    layout: Layout
    tree: Tree
    hosts: list[Node] = field(init=False)

    def __post_init__(self) -> None:
        self.hosts = hosts(self.tree)

    def play(
        self, stage: Stage, name: str, index: int | None, routes: Sequence[Route], seconds: float
    ) -> tuple[list[Run], tuple[str, ...]]:
        """Start a server for one virtual host, ask for each route, end the server.

        What access control keeps from the rehearsal's client is asked for once more, of a server
        that sets it aside for this client alone.

        Args:
            stage: where.
            name: of this run.
            index: of the virtual host in ``hosts``; None: the main server.
            routes: of it.
            seconds: for each answer.

        Returns:
            A performance for each route, in order; and notes.
        """
        kept = self._kept(index)
        played, notes = self._run(stage, name, kept, routes, seconds, opened=False)
        shut = [n for n, run in enumerate(played) if _may_be_kept_out(run)]
        if not shut:
            return played, notes
        asked = [routes[n] for n in shut]
        behind, _ = self._run(stage, f"{name}.open", kept, asked, seconds, opened=True)
        for n, run in zip(shut, behind, strict=True):
            if run.started and (run.proxied or run.status != played[n].status):
                played[n] = replace(run, kept_out=played[n].status)
        return played, notes

    def _kept(self, index: int | None) -> list[Node]:
        return [self.hosts[index]] if index is not None and index < len(self.hosts) else []

    def set_aside(self, index: int | None) -> str:
        """The note on a performance that has ``kept_out``, for routes of this virtual host."""
        places = render.access_control(self.tree, self._kept(index))
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        named = f" ({', '.join(places[:3])}{more})" if places else ""
        return (
            "httpd's own access control keeps the rehearsal's client out; what is shown is what "
            f"comes when it is set aside in the throw-away copy, for this client alone{named}."
        )

    def start_only(self, stage: Stage) -> Run:
        """Start a server for all virtual hosts, and end it."""
        server, errors, _ = self._start(stage, self.name, self.hosts, opened=False)
        if server is None:
            return Run(False, errors)
        stage.stop(self.name)
        return Run(True)

    def _run(
        self,
        stage: Stage,
        name: str,
        kept: Sequence[Node],
        routes: Sequence[Route],
        seconds: float,
        *,
        opened: bool,
    ) -> tuple[list[Run], tuple[str, ...]]:
        server, errors, notes = self._start(stage, name, kept, opened=opened)
        if server is None:
            return [Run(False, errors) for _ in routes], notes
        try:
            asked = [_ask(server, route, seconds) for route in routes]
        finally:
            stage.stop(name)
        told = logs.access(logs.read(server.access_log))
        return [_performance(each, server.error_log, told) for each in asked], notes

    def _start(
        self, stage: Stage, name: str, kept: Sequence[Node], *, opened: bool
    ) -> tuple[_Server | None, tuple[str, ...], tuple[str, ...]]:
        """The server, or what httpd said instead; and notes."""
        directory = stage.directory
        error_log, stderr = directory / f"{name}.error", directory / f"{name}.stderr"
        (directory / f"{name}.run").mkdir(mode=0o700, exist_ok=True)
        file = directory / f"{name}.conf"
        file.touch(mode=0o600)  # it may hold a password
        door = render.AccessKey(secrets.token_hex(16), opened)
        for port in _free_ports():
            script = render.render(self.tree, self.layout, kept, directory, name, port, door)
            file.write_text(script.text, encoding="utf-8", errors="surrogateescape")
            stage.start(name, [*self._command(file), "-DFOREGROUND"])
            if _ready(stage, name, error_log):
                access_log = directory / f"{name}.access"
                server = _Server(port, script.tls, door.word, error_log, access_log)
                return server, (), script.notes
            said = logs.lines(logs.read(stderr))
            if not any("AH00072" in line for line in said):
                break
        errors = logs.at_start(logs.lines(logs.read(error_log)), said)
        errors = tuple(logs.with_origins(line, str(file), script.origins) for line in errors)
        return None, errors or ("httpd ended without a word",), script.notes

    def _command(self, file: Path) -> list[str]:
        return [command.binary(self.layout), "-d", self.tree.server_root, "-f", str(file)]


def _may_be_kept_out(run: Run) -> bool:
    return not run.proxied and run.status in (KEEPS_OUT | _REDIRECTS)


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


def _ready(stage: Stage, name: str, error_log: Path) -> bool:
    """Waits until httpd says that it serves; False if it ends, or does not come up in time."""
    end = time.monotonic() + START_SECONDS
    while not stage.ended(name, 0.01):
        if logs.READY in logs.read(error_log):
            return True
        if time.monotonic() > end:
            stage.stop(name)
    return False


def _ask(server: _Server, route: Route, seconds: float) -> _Asked:
    begin = server.error_log.stat().st_size
    answer = client.get(
        render.ADDRESS,
        server.port,
        host=route.client_host or "localhost",
        path=route.request_path,
        tls=server.tls,
        seconds=seconds,
        agent=AGENT,
        word=server.word,
    )
    return _Asked(route, answer, begin, server.error_log.stat().st_size)


def _performance(asked: _Asked, log: Path, told: Mapping[int, logs.Access]) -> Run:
    answer = asked.answer
    entry = told.get(answer.port)
    written = logs.read(log, asked.begin)[: asked.end - asked.begin]
    own = logs.of_client(logs.lines(written), answer.port)
    shown = logs.shown(own)
    backend_status = entry.backend_status if entry else None
    if entry is not None and asked.route.backend.scheme in _TELLS:
        # mod_proxy_http notes the status line; 502 is httpd's own word for a head that breaks off
        broken = answer.status == _BAD_GATEWAY != backend_status
        proxied = backend_status is not None and not broken
    else:
        proxied = answer.status not in (None, *_OWN) and (entry is None or entry.proxied)
    return Run(
        started=True,
        status=answer.status,
        backend_status=backend_status,
        proxied=proxied,
        log=shown,
        codes=logs.codes(shown),
        certificates=logs.subjects(own),
        error=answer.error,
        seconds=answer.seconds,
    )
