"""A change brought into production: rehearsed start, write, ``-t``, reload, live check.

After any failure once the files are written, they are brought back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wizard.change import activation, transaction, uses
from wizard.change.activation import Progress
from wizard.change.journal import UNFINISHED, Held
from wizard.change.left import refused
from wizard.errors import Advice, ChangeError, HttpdEndedError, WizardError
from wizard.httpd import rehearse
from wizard.model.change import (
    Change,
    ChangeState,
    Deployed,
    DeployStep,
    Ended,
    NotReloaded,
    Waiting,
)
from wizard.model.config import Route, SourceFile
from wizard.model.scope import Scope


class RolledBackError(ChangeError):
    """The change was made, did not work, and was rolled back."""


class _Observer:
    """Whoever is told of the steps: what goes wrong with them neither stops a change nor undoes it.
    Ctrl-C and SystemExit end it until ``write`` was told, and from then on wait for its end.

    Args:
        progress: is told.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._writing = False
        self._failed: BaseException | None = None

    def __call__(self, step: DeployStep | Waiting) -> None:
        try:
            self._progress(step)
        except Exception as error:  # noqa: BLE001  # whatever goes wrong with them
            self._failed = self._failed or error
        except BaseException as error:
            if not self._writing:  # Ctrl-C, SystemExit: nothing is touched yet
                raise
            self._failed = error  # after the change is whole
        self._writing = self._writing or step == "write"

    def over(self, done: Deployed) -> Deployed:
        """The outcome, with a note on what they did not see.

        Raises:
            KeyboardInterrupt, SystemExit: the observer ended the program: now it may.
        """
        if self._failed is None:
            return done
        if not isinstance(self._failed, Exception):
            raise self._failed
        note = f"The steps could not all be shown: {self._failed or type(self._failed).__name__}."
        return replace(done, notes=(*done.notes, note))


def deploy(
    store: Held,
    scope: Scope,
    after: Mapping[str, bytes],
    files: Mapping[str, SourceFile],
    routes: Sequence[Route],
    *,
    reasons: Sequence[str] = (),
    graceful: bool = True,
    progress: Progress = lambda _: None,
) -> Deployed:
    """Make a change.

    Args:
        store: remembers it; its lock was held already when the configuration was read, or ``files``
            show whether anybody was faster.
        scope: names the configuration.
        after: contents of the files that it writes, by path.
        files: ``Configuration.files``, which it was planned for.
        routes: that the running server is asked for afterwards.
        reasons: why, one line each.
        graceful: reload the running server.
        progress: called before each step, and while httpd is waited for; what it raises stops
            nothing.

    Raises:
        ChangeError: nothing was changed (see ``transaction.apply``), or httpd would not start, or
            end at the reload.
        RolledBackError: ``-t`` or the reload failed; the files are as they were, and a server
            that had read the new ones has read them again.
        HttpdEndedError: the server ended at the reload; the files are as they were.
        WizardError: httpd could not be asked; nothing was changed, or the files are as they were.
        OSError: a file cannot be written; the files are as they were.
    """
    transaction.require_settled(store)
    transaction.require_unchanged(store, files)
    observer = _Observer(progress)
    targets = transaction.targets(after, files)
    target = activation.live(scope, [t.path for t in targets if t.before is not None])
    if target is not None:
        observer("start")
        whole = rehearse.starts(target.scope, after, activation.waiting(observer, "start"))
        if not whole.started:
            raise ChangeError(f"httpd would not start with the change. {activation.errors(whole)}")
        if graceful:
            activation.require_survival(target, after)
    observer("write")
    if target is None:
        change = transaction.apply(store, "", reasons, targets)
        told = _unread(change, scope) if graceful else None
        return observer.over(Deployed(change, not_reloaded=told))
    main = target.layout.main_file
    change = transaction.apply(
        store, main, reasons, targets,
        then="written", httpd=_named(scope), listed=target.tree.listed,
    )  # fmt: skip
    return observer.over(
        _activate_or_undo(store, target, change, routes, progress=observer, graceful=graceful)
    )


def finish(
    store: Held,
    change: Change,
    *,
    graceful: bool = True,
    progress: Progress = lambda _: None,
) -> Deployed:
    """Finish a change that was interrupted: write the rest, test, reload.

    Args:
        store: has the change.
        change: that was interrupted.
        graceful: reload the running server.
        progress: called before each step, and while httpd is waited for.

    Raises:
        ChangeError: see ``transaction.finish``; or httpd would end at the reload, and nothing was
            changed.
        RolledBackError, HttpdEndedError: as ``deploy``.
        OSError: a file cannot be written; the change stays unfinished.
    """
    observer = _Observer(progress)
    observer("write")
    if not change.config:
        change = transaction.finish(store, change)
        told = _unread(change, uses.scope(change)) if graceful else None
        return observer.over(Deployed(change, not_reloaded=told))
    if graceful:
        _require_survival(store, change)
    change = transaction.finish(store, change, then="written")
    target = activation.live(uses.scope(change), [file.path for file in change.files])
    if target is None:
        raise ChangeError(
            f"{change.config} does not read these files any more: whether httpd takes them cannot "
            "be asked.",
            hint=Advice("undo", change.id),
        )
    return observer.over(
        _activate_or_undo(store, target, change, (), progress=observer, graceful=graceful)
    )


def _require_survival(store: Held, change: Change) -> None:
    """Refuse to finish a change whose reload would end the server."""
    after = {file.path: store.new(change, number) for number, file in enumerate(change.files)}
    target = activation.live(uses.scope(change), list(after))
    if target is not None:
        activation.require_survival(target, after, frozenset(after))


def _named(scope: Scope) -> str | None:
    """The program that the operator names, wherever the next command is run."""
    program = scope.httpd.program
    return None if program is None else os.path.abspath(program)  # noqa: PTH100


def _unread(change: Change, scope: Scope) -> NotReloaded:
    return activation.unread(scope, [file.path for file in change.files])


def _activate_or_undo(
    store: Held,
    target: activation.Live,
    change: Change,
    routes: Sequence[Route],
    *,
    progress: Progress,
    graceful: bool,
) -> Deployed:
    """Have httpd take the files that were written; take them back if it does not."""
    try:
        done = activation.activate(target, change, routes, progress, graceful)
        return replace(done, change=transaction.confirm(store, change))
    except BaseException as error:
        ended = isinstance(error, activation.ReloadError) and not error.done.alive
        files = _undo(store, change, error, also_if_stuck=ended)
        own = frozenset(file.path for file in change.files)
        became = activation.settle(target, error, own) if graceful else None
        if became is not None:
            raise _ended(became, files) from error
        if isinstance(error, WizardError):
            raise RolledBackError(error.with_hint(files), hint=error.hint) from error
        raise


def _undo(store: Held, change: Change, reason: BaseException, *, also_if_stuck: bool) -> str:
    """Take a change back; what became of the files, a sentence.

    Raises:
        ChangeError: it could not be taken back, and there is nothing more to do.
    """
    try:
        transaction.undo(store, change)
    except (WizardError, OSError) as error:
        why = error if isinstance(error, WizardError) else refused(error)
        stuck = f"the change {change.id} could not be rolled back: {why}"
        if also_if_stuck:
            return f"And {stuck}"
        hint = Advice("undo", change.id)
        raise ChangeError(f"{reason} And {stuck}", hint=hint) from reason
    return f"The change {change.id} was rolled back."


def _ended(became: Ended, files: str) -> HttpdEndedError:
    """What became of a server that ended at a reload, and of the files."""
    what = f"httpd ended at the reload: {became.said.rstrip('.') or 'it said nothing'}. {files}"
    if became.started:
        again = f"httpd was started again as it was ({became.command})."
        return HttpdEndedError(f"{what} {again}", hint=Advice("ended"))
    again = f"httpd could not be started again: {became.text.rstrip('.')}."
    return HttpdEndedError(f"{what} {again}", hint=f"Start it with: {became.command}")


def take_back(
    store: Held,
    change: Change,
    *,
    graceful: bool = True,
    progress: Progress = lambda _: None,
) -> Deployed:
    """Undo a change, and reload the running server if it then comes up again.

    The files are brought back in any case: what they were may be what does not start.

    Args:
        store: has the change.
        change: to undo, as the operator saw it: what became of it meanwhile was not meant.
        graceful: reload the running server.
        progress: called before the first file is written, and while httpd is waited for.

    Returns:
        Its outcome; the notes tell which files were left, since they are used.

    Raises:
        ChangeError: it is in another state by now; see ``transaction.undo``; or a later change uses
            a file that this one created.
        HttpdEndedError: the server ended at the reload; the files are as they were before.
        OSError: a file cannot be written; see ``transaction.undo``.
    """
    now = store.read(change.id)
    if now.state != change.state and not {now.state, change.state} <= UNFINISHED:
        raise ChangeError(
            f"the change {change.id} is {now.state} by now.",
            hint=Advice("undo", change.id) if now.state == "applied" else Advice("list"),
        )
    observer = _Observer(progress)
    observer("write")
    before: ChangeState = "applied" if change.state == "applied" else "written"
    keep = uses.still_used(store, change)
    change = transaction.undo(store, change, keep, then="undoing")
    if graceful:
        done = _reload_again(store, change, before, observer)
    else:
        done = Deployed(change, notes=_refusal(change, observer))
    left = tuple(f"{path} was left where it is: {reason}" for path, reason in keep.items())
    undone = store.mark(change, "undone")
    return observer.over(replace(done, change=undone, notes=(*done.notes, *left), kept=tuple(keep)))


def _reload_again(store: Held, change: Change, before: ChangeState, progress: Progress) -> Deployed:
    """Have the running server read the files that were brought back.

    Raises:
        HttpdEndedError: it ended; the change is again what it was before.
    """
    try:
        target = activation.live(uses.scope(change), [file.path for file in change.files])
        if target is None:
            return Deployed(change, not_reloaded=_unread(change, uses.scope(change)))
        return activation.again(target, change, progress)
    except activation.ReloadError as error:
        files = _redo(store, change, before)
        raise _ended(activation.revive(error), files) from error
    except WizardError as error:
        return Deployed(change, not_reloaded=NotReloaded("failed", detail=str(error)))


def _refusal(change: Change, progress: Progress) -> tuple[str, ...]:
    try:
        target = activation.live(uses.scope(change), [file.path for file in change.files])
        return () if target is None else activation.refusal(target, progress)
    except WizardError as error:
        return (f"{error}",)


def _redo(store: Held, change: Change, then: ChangeState) -> str:
    """Put the files of a change back that was taken back; what became of them, a sentence."""
    try:
        transaction.finish(store, change, then=then)
    except (WizardError, OSError) as error:
        return f"And the rollback of {change.id} could not be taken back: {error}."
    return f"The files are again as they were before the rollback of {change.id}."
