"""A change brought into production: rehearsed start, write, configtest, reload, live check.

After any failure once the files are written, they are brought back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from wizard.change import transaction
from wizard.change.journal import Store
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.errors import Advice, ChangeError, ConfigError, WizardError
from wizard.httpd import command as program
from wizard.httpd import live_check, rehearse, reload
from wizard.model.change import Change, Deployed, DeployStep, Reloaded
from wizard.model.config import Route, SourceFile
from wizard.model.rehearsal import Run
from wizard.model.scope import HttpdChoice, Scope

_NOTHING_RUNS = "httpd does not run with this configuration: there was nothing to reload."


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
    server: reload.Running | None


class RefusedError(WizardError):
    """``httpd -t`` refuses the configuration."""


class RolledBackError(ChangeError):
    """The change was made, did not work, and was rolled back."""


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
    server = reload.running(layout, tree)
    if server is not None and not set(server.defines) <= {*layout.defines, *scope.defines}:
        scope = replace(scope, defines=tuple(dict.fromkeys((*scope.defines, *server.defines))))
        tree = reader.read(layout, scope.defines)
    if not {file.real_path for file in tree.files.values()} & set(paths):
        return None
    return Live(scope, layout, tree, server)


def deploy(
    store: Store,
    scope: Scope,
    after: Mapping[str, bytes],
    files: Mapping[str, SourceFile],
    routes: Sequence[Route],
    *,
    reasons: Sequence[str] = (),
    graceful: bool = True,
    progress: Callable[[DeployStep], None] = lambda _: None,
) -> Deployed:
    """Make a change.

    Args:
        store: remembers it.
        scope: names the configuration.
        after: contents of the files that it writes, by path.
        files: ``Configuration.files``, which it was planned for.
        routes: that the running server is asked for afterwards.
        reasons: why, one line each.
        graceful: reload the running server.
        progress: called before each step.

    Raises:
        ChangeError: nothing was changed (see ``transaction.apply``), or httpd would not start.
        RolledBackError: ``-t`` or the reload failed; the files are as they were, and a server
            that had read the new ones has read them again.
        WizardError: httpd could not be asked; nothing was changed, or the files are as they were.
        OSError: a file cannot be written; the files are as they were.
    """
    targets = transaction.targets(after, files)
    target = live(scope, [t.path for t in targets if t.before is not None])
    if target is not None:
        progress("start")
        whole = rehearse.starts(target.scope, after)
        if not whole.started:
            raise ChangeError(
                f"httpd would not start with the change; nothing was changed. {_errors(whole)}"
            )
    progress("write")
    if target is None:
        note = (
            "No running httpd reads these files as far as the layout tells: neither -t nor a "
            "reload was done."
        )
        return Deployed(transaction.apply(store, "", reasons, targets), notes=(note,))
    main = target.layout.main_file
    change = transaction.apply(store, main, reasons, targets, then="written", httpd=_named(scope))
    return _activate_or_undo(store, target, change, routes, progress=progress, graceful=graceful)


def finish(
    store: Store,
    change: Change,
    *,
    graceful: bool = True,
    progress: Callable[[DeployStep], None] = lambda _: None,
) -> Deployed:
    """Finish a change that was interrupted: write the rest, test, reload.

    Args:
        store: has the change.
        change: that was interrupted.
        graceful: reload the running server.
        progress: called before each step.

    Raises:
        ChangeError: see ``transaction.finish``.
        RolledBackError: as ``deploy``.
        OSError: a file cannot be written; the change stays unfinished.
    """
    progress("write")
    if not change.config:
        note = "No running httpd was known to read these files: neither -t nor a reload was done."
        return Deployed(transaction.finish(store, change), notes=(note,))
    change = transaction.finish(store, change, then="written")
    target = live(_scope(change), [file.path for file in change.files])
    if target is None:
        raise ChangeError(
            f"{change.config} does not read these files any more: whether httpd takes them cannot "
            "be asked.",
            hint=Advice("undo", change.id),
        )
    return _activate_or_undo(store, target, change, (), progress=progress, graceful=graceful)


def _named(scope: Scope) -> str | None:
    """The program that the operator names, wherever the next command is run."""
    program = scope.httpd.program
    return None if program is None else os.path.abspath(program)  # noqa: PTH100


def _scope(change: Change) -> Scope:
    """The configuration of a change, with the httpd that it was made for."""
    return Scope(path=change.config, httpd=HttpdChoice(change.httpd))


def _activate_or_undo(
    store: Store,
    target: Live,
    change: Change,
    routes: Sequence[Route],
    *,
    progress: Callable[[DeployStep], None],
    graceful: bool,
) -> Deployed:
    """Have httpd take the files that were written; take them back if it does not."""
    try:
        done = _activate(target, change, routes, progress, graceful)
        return replace(done, change=transaction.confirm(store, change))
    except BaseException as error:
        _undo(store, change, error)
        if graceful and not isinstance(error, RefusedError):
            _settle(target)
        if isinstance(error, WizardError):
            raise RolledBackError(
                f"{error.message.strip()} The change {change.id} was rolled back."
            ) from error
        raise


def _activate(
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
        return Deployed(change, notes=(_NOTHING_RUNS,))
    progress("reload")
    done = reload.graceful(target.layout, target.server, target.scope.defines)
    if not done.ok:
        raise WizardError(_failed(target, done))
    progress("look")
    return Deployed(change, done, tuple(live_check.check(target.tree, r) for r in routes))


def _errors(whole: Run) -> str:
    """Why httpd does not start, in its own words: the reason follows the place on a second line."""
    return " ".join(whole.errors[:3])


def _undo(store: Store, change: Change, reason: BaseException) -> None:
    try:
        transaction.undo(store, change)
    except (WizardError, OSError) as error:
        raise ChangeError(
            f"{reason} And the change {change.id} could not be rolled back: {error}",
            hint=Advice("undo", change.id),
        ) from reason


def _settle(target: Live) -> None:
    """After a roll-back: the running server, should it have read the new files, reads the old."""
    with contextlib.suppress(WizardError):
        server = reload.running(target.layout, target.tree)
        if server is not None and server == target.server:
            reload.graceful(target.layout, server, target.scope.defines)


def _failed(target: Live, done: Reloaded) -> str:
    text = f"{' '.join(done.command)} failed: {done.text or 'it said nothing'}."
    if done.alive:
        return text
    return (
        f"httpd has ended: {done.text or 'it said nothing'}. Start it again with: "
        f"{reload.start_command(target.layout, target.scope.defines)}."
    )


def take_back(store: Store, change: Change, *, graceful: bool = True) -> tuple[str, ...]:
    """Undo a change, and reload the running server if it then comes up again.

    The files are brought back in any case: what they were may be what does not start.

    Args:
        store: has the change.
        change: to undo.
        graceful: reload the running server.

    Returns:
        What was not done, and why, each one sentence.

    Raises:
        ChangeError: see ``transaction.undo``.
        OSError: a file cannot be written; the change stays unfinished.
    """
    transaction.undo(store, change)
    if not graceful:
        return ()
    if not change.config:
        return ("No running httpd was known to read these files: nothing was reloaded.",)
    try:
        target = live(_scope(change), [file.path for file in change.files])
        if target is None or target.server is None:
            return (_NOTHING_RUNS,)
        result = program.configtest(target.layout)
        if not result.ok:
            return (f"httpd was not reloaded: -t refuses the old configuration. {result.text}",)
        whole = rehearse.starts(target.scope)
        if not whole.started:
            return (f"httpd was not reloaded: it would end at it. {_errors(whole)}",)
        done = reload.graceful(target.layout, target.server)
    except WizardError as error:
        return (f"httpd was not reloaded: {error}",)
    return () if done.ok else (_failed(target, done),)
