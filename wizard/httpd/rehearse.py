"""Rehearse routes in a throw-away httpd on loopback: as they are, and as a plan makes them.

The running server is neither asked nor touched. Where the rehearsal and the verdict differ, the
rehearsal is right.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from wizard import __version__
from wizard.config import reader
from wizard.config.layout import Layout, locate
from wizard.config.tree import Node, Tree
from wizard.errors import ConfigError
from wizard.fix import verify
from wizard.fix.wants import label
from wizard.httpd import client, logs, program, render
from wizard.httpd.stage import Stage
from wizard.model.config import Route, SourceFile
from wizard.model.plan import FixPlan
from wizard.model.rehearsal import Performance, Rehearsal
from wizard.model.scope import Scope

START_SECONDS = 30.0
"""For httpd to come up; it resolves host names while it reads."""
ANSWER_SECONDS = 15.0
"""For one answer, by default."""
_PORTS = range(20000, 32000)
"""Below the range that the kernel takes for outgoing connections."""
_TRIES = 5
"""Ports tried, should somebody else take one in between."""
_OWN = frozenset({400, 401, 403, 408, 413, 414, 417, *range(500, 600)})
"""What httpd may answer itself before or instead of the backend: for an answer that has no line in
the access log (its body did not end), or an httpd whose log does not tell the backend's status."""
_AGENT = f"proxy-wizard/{__version__}"


def rehearse(
    scope: Scope,
    routes: Sequence[Route],
    plan: FixPlan | None = None,
    files: Mapping[str, SourceFile] | None = None,
    *,
    seconds: float = ANSWER_SECONDS,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Rehearsal, ...]:
    """Ask a throw-away httpd for each route, before and after a plan.

    Args:
        scope: ``path``, ``defines`` and ``overlay`` name the configuration.
        routes: of that configuration. Routes of one virtual host share a server.
        plan: what to rehearse besides the present state; None or empty: that state only.
        files: ``Configuration.files``, which the plan was made for; needed with a plan.
        seconds: for each answer.
        progress: called with (done, total) after each virtual host.

    Returns:
        One rehearsal for each route, in order. Every file, process and port is gone.

    Raises:
        ConfigError: the configuration, or the planned one, cannot be read.
        WizardError: there is no httpd here, or it could not be run at all.
    """
    layout = locate(scope.path)
    program.binary(layout)
    limit = START_SECONDS + seconds * (len(routes) + 1)
    with Stage(program.environment(layout), limit) as stage:
        acts = [_Act("before", layout, _read(layout, scope, scope.overlay))]
        if plan is not None and not plan.is_empty:
            planned = _planned(stage, plan, files or {})
            acts.append(_Act("after", layout, _read(layout, scope, planned)))
        found: dict[int, Rehearsal] = {}
        groups = _by_host(acts[0].tree, routes)
        pool = ThreadPoolExecutor(len(acts))
        try:
            for number, (index, group) in enumerate(groups.items(), 1):
                runs = [
                    pool.submit(act.play, stage, f"{act.name}{number}", index, group, seconds)
                    for act in acts
                ]
                played = [run.result() for run in runs]
                for position, route in enumerate(group):
                    before, *after = [p[position] for p, _ in played]
                    notes = tuple(dict.fromkeys(n for _, told in played for n in told))
                    found[id(route)] = _rehearsal(route, before, after, notes)
                if progress is not None:
                    progress(number, len(groups))
        except BaseException:
            stage.close()  # ends the threads that wait for an answer
            raise
        finally:
            pool.shutdown()
    return tuple(found[id(route)] for route in routes)


def starts(
    scope: Scope, plan: FixPlan | None = None, files: Mapping[str, SourceFile] | None = None
) -> Performance:
    """Whether httpd comes up with the whole configuration, every virtual host in it.

    What passes ``-t`` may still end a running server at reload (a CA file that is no PEM, a check
    for revocation without a list …): only a start shows it.

    Args:
        scope: ``path``, ``defines`` and ``overlay`` name the configuration.
        plan: start as it makes the configuration; None: as it is.
        files: ``Configuration.files``, which the plan was made for; needed with a plan.

    Raises:
        ConfigError: the configuration cannot be read.
        WizardError: there is no httpd here, or it could not be run at all.
    """
    layout = locate(scope.path)
    program.binary(layout)
    with Stage(program.environment(layout), START_SECONDS + 5) as stage:
        contents = scope.overlay if plan is None else _planned(stage, plan, files or {})
        return _Act("whole", layout, _read(layout, scope, contents)).start_only(stage)


def _planned(stage: Stage, plan: FixPlan, files: Mapping[str, SourceFile]) -> Mapping[str, bytes]:
    """Contents after a plan, by path; its new files lie on the stage."""
    moved = verify.relocated(plan, str(stage.directory))
    verify.write_new(moved)
    return verify.overlay(moved, files)


def _read(layout: Layout, scope: Scope, overlay: Mapping[str, bytes] | None) -> Tree:
    contents = {os.path.realpath(name): data for name, data in (overlay or {}).items()}
    return reader.read(layout, scope.defines, overlay=contents)


def _hosts(tree: Tree) -> list[Node]:
    return [node for node in tree.walk() if node.key == "virtualhost"]


def _by_host(tree: Tree, routes: Iterable[Route]) -> dict[int | None, list[Route]]:
    """Routes by the number of their virtual host in the file order; None: the main server."""
    hosts = {node.source: index for index, node in enumerate(_hosts(tree))}
    groups: dict[int | None, list[Route]] = {}
    for route in routes:
        if route.vhost.is_main:
            groups.setdefault(None, []).append(route)
            continue
        index = hosts.get(route.vhost.source)
        if index is None:
            raise ConfigError(
                "the virtual host stands there no more.",
                file=route.vhost.source.file,
                line=route.vhost.source.line,
                hint="The file was edited meanwhile: run the command again.",
            )
        groups.setdefault(index, []).append(route)
    return groups


def _rehearsal(
    route: Route, before: Performance, after: Sequence[Performance], notes: tuple[str, ...]
) -> Rehearsal:
    if route.vhost.never_served:
        notes = (
            f"In reality no request reaches this virtual host: {route.vhost.never_served}.",
            *notes,
        )
    if route.shadowed_by is not None:
        notes = (f"The answer is that of another route: {route.shadowed_by} takes it.", *notes)
    return Rehearsal(
        label(route),
        route.client_host,
        route.request_path,
        before,
        after[0] if after else None,
        notes,
    )


@dataclass(slots=True)
class _Server:
    """A throw-away httpd that is up."""

    port: int
    tls: bool
    error_log: Path
    access_log: Path


@dataclass(slots=True)
class _Act:
    """One state of the configuration."""

    name: str
    layout: Layout
    tree: Tree
    hosts: list[Node] = field(init=False)

    def __post_init__(self) -> None:
        self.hosts = _hosts(self.tree)

    def play(
        self, stage: Stage, name: str, index: int | None, routes: Sequence[Route], seconds: float
    ) -> tuple[list[Performance], tuple[str, ...]]:
        """Start a server for one virtual host, ask for each route, end the server."""
        hosts = [self.hosts[index]] if index is not None and index < len(self.hosts) else []
        server, errors, notes = self._start(stage, name, hosts)
        if server is None:
            return [Performance(False, errors) for _ in routes], notes
        try:
            asked = [_ask(server, route, seconds) for route in routes]
        finally:
            stage.stop(name)
        told = logs.access(logs.read(server.access_log))
        return [_performance(answer, part, told) for answer, part in asked], notes

    def start_only(self, stage: Stage) -> Performance:
        """Start a server for all virtual hosts, and end it."""
        server, errors, _ = self._start(stage, self.name, self.hosts)
        if server is None:
            return Performance(False, errors)
        stage.stop(self.name)
        return Performance(True)

    def _start(
        self, stage: Stage, name: str, hosts: Sequence[Node]
    ) -> tuple[_Server | None, tuple[str, ...], tuple[str, ...]]:
        """The server, or what httpd said instead; and notes."""
        directory = stage.directory
        error_log, stderr = directory / f"{name}.error", directory / f"{name}.stderr"
        (directory / f"{name}.run").mkdir(mode=0o700, exist_ok=True)
        file = directory / f"{name}.conf"
        file.touch(mode=0o600)  # it may hold a password
        for port in _free_ports():
            script = render.render(self.tree, self.layout, hosts, directory, name, port)
            file.write_text(script.text, encoding="utf-8", errors="surrogateescape")
            stage.start(name, [*self._command(file), "-DFOREGROUND"])
            if _ready(stage, name, error_log):
                server = _Server(port, script.tls, error_log, directory / f"{name}.access")
                return server, (), script.notes
            said = logs.lines(logs.read(stderr))
            if not any("AH00072" in line for line in said):
                break
        errors = logs.at_start(logs.lines(logs.read(error_log)), said)
        errors = tuple(logs.with_origins(line, str(file), script.origins) for line in errors)
        return None, errors or ("httpd ended without a word",), script.notes

    def _command(self, file: Path) -> list[str]:
        return [program.binary(self.layout), "-d", self.tree.server_root, "-f", str(file)]


def _free_ports() -> Iterator[int]:
    """Ports that nobody listens on just now."""
    found = 0
    while found < _TRIES:
        port = random.choice(_PORTS)  # noqa: S311 # no secret: only not the one of a neighbour
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


def _ask(server: _Server, route: Route, seconds: float) -> tuple[client.Answer, list[str]]:
    """One request, and the lines that it left in the error log."""
    offset = server.error_log.stat().st_size
    answer = client.get(
        render.ADDRESS,
        server.port,
        host=route.client_host or "localhost",
        path=route.request_path,
        tls=server.tls,
        seconds=seconds,
        agent=_AGENT,
    )
    return answer, logs.lines(logs.read(server.error_log, offset))


def _performance(
    answer: client.Answer, log: Sequence[str], told: Mapping[int, logs.Access]
) -> Performance:
    entry = told.get(answer.port)
    shown = logs.shown(log)
    backend_status = entry.backend_status if entry else None
    return Performance(
        started=True,
        status=answer.status,
        backend_status=backend_status,
        proxied=backend_status is not None
        or (answer.status not in (None, *_OWN) and (entry is None or entry.proxied)),
        log=shown,
        codes=logs.codes(shown),
        certificates=logs.subjects(log),
        error=answer.error,
        seconds=answer.seconds,
    )
