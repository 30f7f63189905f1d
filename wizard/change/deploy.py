"""A change brought into production: rehearsed start, write, configtest, reload, live check.

After any failure once the files are written, they are brought back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wizard.change import activation, transaction
from wizard.change.journal import Store
from wizard.errors import Advice, ChangeError, WizardError
from wizard.httpd import rehearse
from wizard.model.change import Change, Deployed, DeployStep
from wizard.model.config import Route, SourceFile
from wizard.model.scope import HttpdChoice, Scope


class RolledBackError(ChangeError):
    """The change was made, did not work, and was rolled back."""


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
    target = activation.live(scope, [t.path for t in targets if t.before is not None])
    if target is not None:
        progress("start")
        whole = rehearse.starts(target.scope, after)
        if not whole.started:
            raise ChangeError(
                "httpd would not start with the change; nothing was changed. "
                f"{activation.errors(whole)}"
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
    target = activation.live(_scope(change), [file.path for file in change.files])
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
    target: activation.Live,
    change: Change,
    routes: Sequence[Route],
    *,
    progress: Callable[[DeployStep], None],
    graceful: bool,
) -> Deployed:
    """Have httpd take the files that were written; take them back if it does not."""
    try:
        done = activation.activate(target, change, routes, progress, graceful)
        return replace(done, change=transaction.confirm(store, change))
    except BaseException as error:
        _undo(store, change, error)
        if graceful and not isinstance(error, activation.RefusedError):
            activation.settle(target)
        if isinstance(error, WizardError):
            raise RolledBackError(
                f"{error.message.strip()} The change {change.id} was rolled back."
            ) from error
        raise


def _undo(store: Store, change: Change, reason: BaseException) -> None:
    try:
        transaction.undo(store, change)
    except (WizardError, OSError) as error:
        raise ChangeError(
            f"{reason} And the change {change.id} could not be rolled back: {error}",
            hint=Advice("undo", change.id),
        ) from reason


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
        target = activation.live(_scope(change), [file.path for file in change.files])
        if target is None:
            return (activation.NOTHING_RUNS,)
        return activation.again(target)
    except WizardError as error:
        return (f"httpd was not reloaded: {error}",)
