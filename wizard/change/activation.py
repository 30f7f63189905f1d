"""The running httpd takes the files of a change, or the old ones again: test, reload, ask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.errors import ConfigError, WizardError
from wizard.httpd import command as program
from wizard.httpd import live_check, rehearse, reload
from wizard.httpd.running import Running, running
from wizard.model.change import Change, Deployed, DeployStep, Reloaded
from wizard.model.config import Route
from wizard.model.rehearsal import Run
from wizard.model.scope import Scope

NOTHING_RUNS = "httpd does not run with this configuration: there was nothing to reload."


@dataclass(frozen=True, slots=True)
class Live:
    """The configuration that the running httpd reads, and its server.

    Args:
        scope: names it.
        layout: of it.
        tree: as it is now.
        server: None: httpd does not run with it.
    """

    scope: Scope
    layout: Layout
    tree: Tree
    server: Running | None


class RefusedError(WizardError):
    """``httpd -t`` refuses the configuration."""


def live(scope: Scope, paths: Sequence[str]) -> Live | None:
    """The configuration of the running httpd that reads some files.

    Args:
        scope: what the operator named; a lone virtual host file belongs to the httpd that it lies
            in the configuration of, else to the installed one, if that reads it.
        paths: real paths of the files.

    Returns:
        None when no whole configuration is known that reads any of them.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    layout = locate(scope.path, httpd=scope.httpd)
    if layout.partial:
        try:
            layout = locate(layout.whole or None, httpd=scope.httpd)
        except ConfigError:
            return None
        scope = replace(scope, path=layout.main_file)
    if layout.binary is None:
        return None
    tree = reader.read(layout, scope.defines)
    server = running(layout, tree)
    if server is not None and not set(server.defines) <= {*layout.defines, *scope.defines}:
        scope = replace(scope, defines=tuple(dict.fromkeys((*scope.defines, *server.defines))))
        tree = reader.read(layout, scope.defines)
    if not {file.real_path for file in tree.files.values()} & set(paths):
        return None
    return Live(scope, layout, tree, server)


def activate(
    target: Live,
    change: Change,
    routes: Sequence[Route],
    progress: Callable[[DeployStep], None],
    graceful: bool,
) -> Deployed:
    """Test the files that were written, reload, and ask the running server.

    Raises:
        RefusedError: ``-t`` failed.
        WizardError: the reload failed, or httpd could not be asked.
    """
    progress("test")
    result = program.configtest(target.layout, target.scope.defines)
    if not result.ok:
        raise RefusedError(f"httpd -t refuses the configuration: {result.text}")
    if not graceful:
        return Deployed(change)
    if target.server is None:
        return Deployed(change, notes=(NOTHING_RUNS,))
    progress("reload")
    done = reload.graceful(target.layout, target.server, target.scope.defines)
    if not done.ok:
        raise WizardError(_failed(target, done))
    progress("look")
    return Deployed(change, done, tuple(live_check.check(target.tree, r) for r in routes))


def errors(whole: Run) -> str:
    """Why httpd does not start, in its own words: the reason follows the place on a second line."""
    return " ".join(whole.errors[:3])


def settle(target: Live) -> None:
    """After a roll-back: the running server, should it have read the new files, reads the old."""
    with contextlib.suppress(WizardError):
        server = running(target.layout, target.tree)
        if server is not None and server == target.server:
            reload.graceful(target.layout, server, target.scope.defines)


def again(target: Live) -> tuple[str, ...]:
    """Have the running server read files that were brought back, if it then comes up again.

    Returns:
        What was not done, and why, each one sentence.

    Raises:
        WizardError: httpd could not be asked.
    """
    if target.server is None:
        return (NOTHING_RUNS,)
    result = program.configtest(target.layout)
    if not result.ok:
        return (f"httpd was not reloaded: -t refuses the old configuration. {result.text}",)
    whole = rehearse.starts(target.scope)
    if not whole.started:
        return (f"httpd was not reloaded: it would end at it. {errors(whole)}",)
    done = reload.graceful(target.layout, target.server)
    return () if done.ok else (_failed(target, done),)


def _failed(target: Live, done: Reloaded) -> str:
    text = f"{' '.join(done.command)} failed: {done.text or 'it said nothing'}."
    if done.alive:
        return text
    return (
        f"httpd has ended: {done.text or 'it said nothing'}. Start it again with: "
        f"{reload.start_command(target.layout, target.scope.defines)}."
    )
