"""Rehearse routes in a throw-away httpd on loopback: as they are, and as a plan makes them.

The running server is neither asked nor touched. Where the rehearsal and the verdict differ, the
rehearsal is right.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.errors import ConfigError
from wizard.fix import confirm
from wizard.httpd import command
from wizard.httpd.sandbox import run as act
from wizard.httpd.sandbox.run import START_SECONDS, Act
from wizard.httpd.sandbox.sandbox import Stage
from wizard.model.config import Route, SourceFile
from wizard.model.plan import FixPlan
from wizard.model.rehearsal import Performance, Rehearsal
from wizard.model.route_id import RouteId
from wizard.model.scope import Scope

ANSWER_SECONDS = 15.0
"""For one answer, by default."""


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
    layout = locate(scope.path, httpd=scope.httpd)
    command.binary(layout)
    limit = START_SECONDS + seconds * (len(routes) + 1)
    present = _read(layout, scope, scope.overlay)
    with Stage(command.environment(layout, present.files.values()), limit) as stage:
        acts = [Act("before", layout, present)]
        if plan is not None and not plan.is_empty:
            planned = _planned(stage, plan, files or {})
            acts.append(Act("after", layout, _read(layout, scope, planned)))
        found: dict[RouteId, Rehearsal] = {}
        groups = _by_host(acts[0].tree, routes)
        pool = ThreadPoolExecutor(len(acts))
        try:
            for number, (index, group) in enumerate(groups.items(), 1):
                runs = [
                    pool.submit(each.play, stage, f"{each.name}{number}", index, group, seconds)
                    for each in acts
                ]
                played = [run.result() for run in runs]
                for position, route in enumerate(group):
                    before, *after = [p[position] for p, _ in played]
                    notes = tuple(dict.fromkeys(n for _, told in played for n in told))
                    if any(run.kept_out is not None for run in (before, *after)):
                        notes = (acts[0].set_aside(index), *notes)
                    found[route.id] = _rehearsal(route, before, after, notes)
                if progress is not None:
                    progress(number, len(groups))
        except BaseException:
            stage.close()  # ends the threads that wait for an answer
            raise
        finally:
            pool.shutdown()
    return tuple(found[route.id] for route in routes)


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
    layout = locate(scope.path, httpd=scope.httpd)
    command.binary(layout)
    env = command.environment(layout, None if files is None else files.values())
    with Stage(env, START_SECONDS + 5) as stage:
        contents = scope.overlay if plan is None else _planned(stage, plan, files or {})
        return Act("whole", layout, _read(layout, scope, contents)).start_only(stage)


def _planned(stage: Stage, plan: FixPlan, files: Mapping[str, SourceFile]) -> Mapping[str, bytes]:
    """Contents after a plan, by path; its new files lie on the stage."""
    moved = confirm.relocated(plan, str(stage.directory))
    confirm.write_new(moved)
    return confirm.overlay(moved, files)


def _read(layout: Layout, scope: Scope, overlay: Mapping[str, bytes] | None) -> Tree:
    contents = {os.path.realpath(name): data for name, data in (overlay or {}).items()}
    return reader.read(layout, scope.defines, overlay=contents)


def _by_host(tree: Tree, routes: Iterable[Route]) -> dict[int | None, list[Route]]:
    """Routes by the number of their virtual host in the file order; None: the main server."""
    places = {node.source: index for index, node in enumerate(act.hosts(tree))}
    groups: dict[int | None, list[Route]] = {}
    for route in routes:
        if route.vhost.is_main:
            groups.setdefault(None, []).append(route)
            continue
        index = places.get(route.vhost.source)
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
        route.id,
        route.client_host,
        route.request_path,
        before,
        after[0] if after else None,
        notes,
    )
