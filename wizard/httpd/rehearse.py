"""Rehearse routes in a throw-away httpd on loopback: as they are, and as a change makes them.

The running server is neither asked nor touched. Where the rehearsal and the verdict differ, the
rehearsal is right.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TypeVar

from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import overlay, reader
from wizard.config.syntax.tree import Node, Tree
from wizard.errors import Advice, ConfigError, StoppedError
from wizard.httpd import command
from wizard.httpd.budget import Budget
from wizard.httpd.impostor import Impostors
from wizard.httpd.sandbox import doors
from wizard.httpd.sandbox.reach import Reach
from wizard.httpd.sandbox.run import START_SECONDS, Runner, hosts
from wizard.httpd.sandbox.sandbox import Network, Sandbox
from wizard.model.config import Route
from wizard.model.progress import Progress
from wizard.model.rehearsal import Pretence, Rehearsal, Run
from wizard.model.route_id import RouteId
from wizard.model.scope import Scope

T = TypeVar("T")
ANSWER_SECONDS = 15.0
"""For one answer, by default."""
_REFUSED = "httpd wanted to reach {}, which is not known as this route's backend: it was not let."
_MOST_REFUSED = 5
"""Such notes on one route."""


def rehearse(
    scope: Scope,
    routes: Sequence[Route],
    after: Mapping[str, bytes] | None = None,
    neighbours: Sequence[Route] = (),
    *,
    planned: Sequence[Route] = (),
    seconds: float = ANSWER_SECONDS,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> tuple[Rehearsal, ...]:
    """Ask a throw-away httpd for each route, before and after a change.

    Args:
        scope: ``path``, ``defines`` and ``overlay`` name the configuration; the names of
            ``resolve`` lead where it says.
        routes: of that configuration. Routes of one virtual host share a server.
        after: contents of the files that the change writes, by path; None or empty: there is no
            change, the present state alone is rehearsed.
        neighbours: other routes of the configuration: asked for where the change can touch them,
            as it changes a line of their virtual host or one outside of all virtual hosts. The
            main server's are asked for by the name of each virtual host that it changes, too. They
            also tell who else may answer: other members of a balancer, a route that shadows one.
        planned: the routes of the configuration after the change.
        seconds: for each answer.
        progress: called before each virtual host, and at the end.
        stop: ends it within a moment once it is set.

    Returns:
        One rehearsal for each route, in order, then those of neighbours. Every file, process and
        port is gone.

    Raises:
        ConfigError: the configuration, or the planned one, cannot be read.
        WizardError: there is no httpd here, or it could not be run at all.
        StoppedError: ``stop`` was set.
    """
    layout = locate(scope.path, httpd=scope.httpd)
    command.binary(layout)
    requests = (2 + len(Pretence)) * (len(routes) + len(neighbours)) + 1
    limit = START_SECONDS + seconds * requests
    present = _read(layout, scope, scope.overlay)
    known = [*routes, *neighbours]
    with contextlib.ExitStack() as stack:
        env = command.environment(layout, present.files.values())
        sandbox = stack.enter_context(Sandbox(env, limit, 2 if after else 1))
        impostors = Impostors(sandbox.directory)

        def runner(number: int, name: str, tree: Tree, changed: Sequence[Route] = ()) -> Runner:
            every = any(node.key == "noproxy" for node in tree.walk())
            ways = doors.find([*known, *changed], scope.resolve, every=every)
            network = Network(sandbox, number)
            reach = stack.enter_context(Reach(network, known, seconds, changed, ways))
            return Runner(reach, name, layout, tree, seconds, impostors)

        runners = [runner(0, "before", present)]
        if after:
            change = _read(layout, scope, overlay.staged(after, present.files, sandbox.directory))
            runners.append(runner(1, "after", change, planned))
            routes = [*routes, *_touched(present, change, routes, neighbours)]
        found: dict[RouteId, Rehearsal] = {}
        groups = _by_host(present, routes)
        pool = ThreadPoolExecutor(len(runners))
        try:
            for number, (index, group) in enumerate(groups.items(), 1):
                if progress is not None:
                    name = group[0].id.server_name or "the main server"
                    progress(Progress(number - 1, len(groups), name))
                pending = [pool.submit(runner.run, number, index, group) for runner in runners]
                results = _results(pending, stop)
                for position, route in enumerate(group):
                    before, *changed = [runs[position] for runs, _ in results]
                    notes = tuple(dict.fromkeys(note for _, own in results for note in own))
                    if any(run.kept_out is not None for run in (before, *changed)):
                        notes = (runners[0].access_control_note(index), *notes)
                    found[route.id] = _rehearsal(route, before, changed, notes)
            if progress is not None:
                progress(Progress(len(groups), len(groups)))
        except BaseException:
            sandbox.close()  # ends the threads that wait for an answer
            raise
        finally:
            pool.shutdown()
    return tuple(found[route.id] for route in routes)


def _results(runs: Sequence[Future[T]], stop: threading.Event | None) -> list[T]:
    """What runs give; they may wait for a backend for as long as an answer may take."""
    while stop is None or not stop.is_set():
        if not wait(runs, 0.1).not_done:
            return [run.result() for run in runs]
    raise StoppedError


def starts(
    scope: Scope,
    after: Mapping[str, bytes] | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Run:
    """Whether httpd comes up with the whole configuration, every virtual host in it.

    What passes ``-t`` may still end a running server at reload (a CA file that is no PEM, a check
    for revocation without a list …): only a start shows it.

    Args:
        scope: ``path``, ``defines`` and ``overlay`` name the configuration.
        after: contents of the files that a change writes, by path; None: start as it is.
        tell: called while it is waited for, as by ``Budget``.

    Raises:
        ConfigError: the configuration cannot be read.
        WizardError: there is no httpd here, or it could not be run at all.
    """
    layout = locate(scope.path, httpd=scope.httpd)
    command.binary(layout)
    tree = _read(layout, scope, scope.overlay)
    env = command.environment(layout, tree.files.values())
    with Sandbox(env, START_SECONDS + 5) as sandbox, Reach(Network(sandbox), (), 0.0) as reach:
        if after:
            tree = _read(layout, scope, overlay.staged(after, tree.files, sandbox.directory))
        with Budget(START_SECONDS, tell).telling():
            return Runner(reach, "whole", layout, tree).start_only()


def _read(layout: Layout, scope: Scope, contents: Mapping[str, bytes] | None) -> Tree:
    by_real_path = {os.path.realpath(name): data for name, data in (contents or {}).items()}
    return reader.read(layout, scope.defines, overlay=by_real_path)


def _touched(
    before: Tree, after: Tree, routes: Sequence[Route], neighbours: Sequence[Route]
) -> list[Route]:
    """The neighbours that a change can touch: directives of their own server, or of all, differ."""
    old, new = _shapes(before), _shapes(after)
    changed = {index for index in old if old[index] != new.get(index)}
    known = [*routes, *neighbours]
    main = {r.id.of_main: r for r in known if r.id.of_main}
    groups = _by_host(before, known)
    inherited = [
        used
        for index, group in groups.items()
        if index is not None and index in changed
        for used in _inherited(main.values(), group)
    ]
    if None in changed or len(old) != len(new):
        return [*neighbours, *inherited]
    groups = _by_host(before, neighbours)
    touched = [r for index, group in groups.items() if index in changed for r in group]
    return [*touched, *inherited]


def _inherited(main: Iterable[Route], own: Sequence[Route]) -> Iterator[Route]:
    """The main server's routes as a virtual host uses them, where they are no routes of its own."""
    host = own[0]
    known = {route.id for route in own}
    for route in main:
        who = replace(
            route.id, vhost=host.id.vhost, server_name=host.id.server_name, inherited=True
        )
        if who not in known:
            yield replace(route, id=who, vhost=host.vhost, client_host=host.client_host)


def _shapes(tree: Tree) -> dict[int | None, list[tuple[str, str]]]:
    """The directives of each virtual host by its number in the files; None: outside of all."""
    outside = [node for node in tree.root if node.key != "virtualhost"]
    inside = enumerate(hosts(tree))
    return {None: list(_shape(outside)), **{i: list(_shape([node])) for i, node in inside}}


def _shape(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Directives as they nest, wherever they stand in the files."""
    for node in nodes:
        yield node.key, node.args
        if node.children is not None:
            yield from _shape(node.children)
            yield "/", node.key


def _by_host(tree: Tree, routes: Iterable[Route]) -> dict[int | None, list[Route]]:
    """Routes by the number of their virtual host in the file order; None: the main server."""
    places = {node.source: index for index, node in enumerate(hosts(tree))}
    groups: dict[int | None, list[Route]] = {}
    for route in routes:
        if route.vhost.is_main:
            groups.setdefault(None, []).append(route)
            continue
        index = places.get(route.vhost.source)
        if index is None:
            raise ConfigError(
                "the virtual host stands there no more: the file was edited meanwhile.",
                file=route.vhost.source.file,
                line=route.vhost.source.line,
                hint=Advice("plan"),
            )
        groups.setdefault(index, []).append(route)
    return groups


def _rehearsal(
    route: Route, before: Run, after: Sequence[Run], notes: tuple[str, ...]
) -> Rehearsal:
    if route.vhost.never_served:
        why = route.vhost.never_served.rstrip(".")
        notes = (f"In reality no request reaches this virtual host: {why}.", *notes)
    if route.shadowed_by is not None:
        notes = (f"The answer is that of another route: {route.shadowed_by} takes it.", *notes)
    strangers = dict.fromkeys(each for run in (before, *after) for each in run.strangers)
    notes = (*(_REFUSED.format(each) for each in list(strangers)[:_MOST_REFUSED]), *notes)
    return Rehearsal(
        route=route.id,
        host=route.client_host,
        path=route.request_path,
        before=before,
        after=after[0] if after else None,
        notes=notes,
    )
