"""The running httpd takes the files of a change, or the old ones again: test, reload, ask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wizard.config.installation import processes, service
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.errors import ChangeError, ConfigError, WizardError
from wizard.httpd import command as program
from wizard.httpd import listeners, live_check, readers, rehearse, reload, revival, survival
from wizard.httpd.budget import Budget
from wizard.httpd.revival import Start
from wizard.httpd.running import NotKnown, NotRunning, Running, Server, pid_file, running
from wizard.model.change import (
    SECONDS,
    Change,
    Deployed,
    DeployStep,
    Ended,
    NotReloaded,
    Reloaded,
    Unread,
    Waiting,
)
from wizard.model.config import Problem, Route
from wizard.model.rehearsal import Run
from wizard.model.scope import Scope
from wizard.record import record

Progress = Callable[[DeployStep | Waiting], None]
"""Told of each step before it begins, and while httpd is waited for."""
_SAID = 3
"""Lines of httpd's that are told when it has ended: the last say why."""


@record
class Live:
    """The configuration that the running httpd reads, and its server.

    Args:
        scope: names it.
        layout: of it.
        tree: as it is now.
        server: that runs with it, or why none is known.
    """

    scope: Scope
    layout: Layout
    tree: Tree
    server: Server


class RefusedError(WizardError):
    """``httpd -t`` refuses the configuration, or does not end, or the running server would end at
    it: it was not told."""


class ReloadError(WizardError):
    """The reload failed.

    Args:
        target: what was to be reloaded.
        done: how that failed.
        start: how the server was started; None: this user may not see it.
    """

    def __init__(self, target: Live, done: Reloaded, start: Start | None) -> None:
        super().__init__(_failed(done))
        self.target = target
        self.done = done
        self.start = start


def live(scope: Scope, paths: Sequence[str]) -> Live | None:
    """The configuration of the running httpd that reads some files.

    Args:
        scope: what the operator named; a lone virtual host file belongs to the httpd that it lies
            in the configuration of, else to the installed one or to one that runs, if that reads
            it.
        paths: real paths of the files.

    Returns:
        None when no whole configuration is known that reads any of them, or there is no program of
        it.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    layout = locate(scope.path, httpd=scope.httpd)
    if not layout.partial:
        return None if layout.binary is None else _read_by(scope, layout, paths)
    for main in (layout.whole or None, *readers.reading(paths, scope.httpd).mains.values()):
        with contextlib.suppress(ConfigError):
            whole = locate(main, httpd=scope.httpd)
            if whole.binary is not None and not whole.partial:
                found = _read_by(replace(scope, path=whole.main_file), whole, paths)
                if found is not None:
                    return found
    return None


def _read_by(scope: Scope, layout: Layout, paths: Sequence[str]) -> Live | None:
    """A whole configuration with its server, if it reads any of the files."""
    tree = reader.read(layout, scope.defines)
    server = running(layout, tree)
    if isinstance(server, Running) and not set(server.defines) <= {*layout.defines, *scope.defines}:
        scope = replace(scope, defines=tuple(dict.fromkeys((*scope.defines, *server.defines))))
        tree = reader.read(layout, scope.defines)
    if not {file.real_path for file in tree.files.values()} & set(paths):
        return None
    return Live(scope, layout, tree, _with_others(server, paths, scope))


def _with_others(server: Server, paths: Sequence[str], scope: Scope) -> Server:
    """The server of a configuration, and those of others that read the same files."""
    known = (server.pid, *server.others) if isinstance(server, Running) else ()
    more = tuple(readers.reading(paths, scope.httpd, known).mains)
    if isinstance(server, Running):
        return replace(server, others=(*server.others, *more))
    return NotKnown("elsewhere", more) if more and isinstance(server, NotRunning) else server


def unread(scope: Scope, paths: Sequence[str]) -> NotReloaded:
    """Why nothing was reloaded where ``live`` knows of no configuration.

    Args:
        scope: as for ``live``.
        paths: as for ``live``.
    """
    with contextlib.suppress(WizardError):
        layout = locate(scope.path, httpd=scope.httpd)
        if not layout.partial:
            alone = running(layout, reader.read(layout, scope.defines))
            server = _with_others(alone, paths, scope)
            reason: Unread = "none-reads" if isinstance(server, NotRunning) else "unasked"
            return replace(_not_reloaded(layout, server), reason=reason)
    found = readers.reading(paths, scope.httpd)
    pids = (*found.mains, *found.unknown)
    sure = not pids and processes.all_seen()
    return NotReloaded("none-reads") if sure else NotReloaded("unasked", pids)


def _not_reloaded(layout: Layout, server: Server) -> NotReloaded:
    """Why the server that a configuration may have was not reloaded."""
    if isinstance(server, NotRunning):
        return NotReloaded("none-runs")
    call = service.of(layout).reload
    if isinstance(server, NotKnown):
        return NotReloaded(server.doubt, server.pids, command=call)
    return NotReloaded("failed", (server.pid, *server.others), command=call)


def activate(
    target: Live,
    change: Change,
    routes: Sequence[Route],
    progress: Progress,
    graceful: bool,
) -> Deployed:
    """Test the files that were written, reload, and ask the running server.

    Raises:
        RefusedError: ``-t`` failed, or the server would end at the reload.
        WizardError: the reload failed, or httpd could not be asked.
    """
    progress("test")
    _test(target, progress)
    if not graceful:
        return Deployed(change)
    target = _now(target, change)
    if not isinstance(target.server, Running):
        return Deployed(change, not_reloaded=_not_reloaded(target.layout, target.server))
    own = frozenset(file.path for file in change.files)
    if found := survival.faults(target.scope, own=own):  # <IfFile> sees what was written only now
        would = f"the running httpd would end at the reload. {_first(found)}"
        raise RefusedError(would, hint=found[0].hint)
    progress("reload")
    _reload(target, target.server, progress)
    if routes:
        progress("look")
    looks = live_check.check(target.tree, routes, waiting(progress, "look"))
    return Deployed(change, looks, not_reloaded=_others(target))


def _now(target: Live, change: Change) -> Live:
    """With the server that runs at this moment: it may have been started, stopped or exchanged
    since the change began."""
    server, before = running(target.layout, target.tree), target.server
    if isinstance(server, Running) and isinstance(before, Running):
        if (server.pid, server.began) == (before.pid, before.began):
            return target
    elif server == before:
        return target
    paths = [file.path for file in change.files]
    return replace(target, server=_with_others(server, paths, target.scope))


def waiting(progress: Progress, step: DeployStep) -> Callable[[int], None]:
    """What tells that httpd is waited for in a step, and how many seconds at most."""
    return lambda seconds: progress(Waiting(step, seconds))


def _test(target: Live, progress: Progress) -> None:
    try:
        budget = Budget(SECONDS["test"], waiting(progress, "test"))
        result = program.configtest(target.layout, target.scope.defines, budget)
    except WizardError as error:  # it hangs, or cannot be run: the server was not told either
        raise RefusedError(error.message, hint=error.hint) from None
    if not result.ok:
        said = " ".join(result.text.splitlines())
        raise RefusedError(f"httpd -t refuses the configuration: {said}")


def _reload(target: Live, server: Running, progress: Progress) -> None:
    """Reload.

    Raises:
        ReloadError: it failed.
    """
    start = revival.of(server)
    done = reload.graceful(
        target.layout, server, target.scope.defines,
        waiting(progress, "reload"), listeners.ports(target.tree),
    )  # fmt: skip
    if not done.ok:
        raise ReloadError(target, done, start)


def _others(target: Live) -> NotReloaded | None:
    """The servers that run with the configuration beside the one that was reloaded."""
    if not isinstance(target.server, Running) or not target.server.others:
        return None
    pids = target.server.others
    return NotReloaded("others", pids, command=f"kill -USR1 {' '.join(map(str, pids))}")


def errors(whole: Run) -> str:
    """Why httpd does not start, in its own words: the reason follows the place on a second line."""
    return " ".join(whole.errors[:3])


def require_survival(
    target: Live, after: Mapping[str, bytes], own: frozenset[str] = frozenset()
) -> None:
    """Refuse a change whose reload would end the server that runs.

    Args:
        target: the configuration as it is.
        after: contents of the files that the change writes, by path.
        own: of them, the real paths of those that are written already.

    Raises:
        WouldEndError: it would; nothing was changed.
    """
    if not isinstance(target.server, Running):
        return
    found = survival.faults(target.scope, after, own)
    if found:
        known = {(one.code, one.directive) for one in survival.faults(target.scope, own=own)}
        raise WouldEndError(found, before={(one.code, one.directive) for one in found} <= known)


class WouldEndError(ChangeError):
    """The server that runs would end at the reload of a change; nothing was changed.

    Args:
        problems: why, the first to be met first.
        before: whether all of it was so without the change.
    """

    def __init__(self, problems: Sequence[Problem], *, before: bool) -> None:
        so = " This was so before the change." if before else ""
        super().__init__(
            "the running httpd would end at the reload that this change needs. "
            f"{_first(problems)}{so}",
            hint=problems[0].hint or "Correct that first.",
        )


def _first(problems: Sequence[Problem]) -> str:
    """What would end the server, and where it stands."""
    first = problems[0]
    place = f"{first.file}:{first.line}" if first.line else first.file
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return f"{place}: {first.message.rstrip('.')}.{more}"


def settle(target: Live, error: BaseException, own: frozenset[str]) -> Ended | None:
    """After a roll-back: the running server, should it have read the new files, reads the old; one
    that has ended is started again.

    Args:
        target: what was to be activated.
        error: why it is rolled back. A server that did not answer in time is told, and not waited
            for again.
        own: real paths of the files that were written and brought back.

    Returns:
        What became of a server that has ended; None: it runs, as far as is known.
    """
    server = error.target.server if isinstance(error, ReloadError) else target.server
    if isinstance(error, RefusedError) or not isinstance(server, Running):
        return None
    if isinstance(error, ReloadError):
        if not error.done.alive:
            return revive(error)
        if error.done.hangs:
            reload.signalled(server)
            return None
    try:
        now = running(target.layout, target.tree)
        same = isinstance(now, Running) and (now.pid, now.began) == (server.pid, server.began)
        if same and not survival.faults(target.scope, own=own):
            _reload(target, server, lambda _: None)
    except ReloadError as failed:
        return None if failed.done.alive else revive(failed)
    except WizardError:
        pass  # why it was rolled back is what is told
    return None


def revive(error: ReloadError) -> Ended:
    """Start a server again that has ended."""
    target = error.target
    said = " ".join(error.done.text.splitlines()[-_SAID:])
    if error.start is None:
        command = reload.start_command(target.layout, target.scope.defines)
        return Ended(said, command, started=False, text="how it was started cannot be seen")
    return revival.revive(
        error.start, said, listeners.ports(target.tree), pid_file(target.layout, target.tree),
        lambda: running(target.layout, target.tree),
    )  # fmt: skip


def again(target: Live, change: Change, progress: Progress) -> Deployed:
    """Have the running server read files that were brought back, if it then comes up again.

    Raises:
        ReloadError: it has ended.
        WizardError: httpd could not be asked.
    """
    told = _not_reloaded(target.layout, target.server)
    if not isinstance(target.server, Running):
        return Deployed(change, notes=refusal(target, progress), not_reloaded=told)
    try:
        _test(target, progress)
    except RefusedError as error:
        return Deployed(change, not_reloaded=replace(told, reason="refused", detail=error.message))
    why = _why_it_would_end(target, change, progress)
    if why:
        return Deployed(change, not_reloaded=replace(told, reason="would-end", detail=why))
    target = _now(target, change)
    if not isinstance(target.server, Running):
        return Deployed(change, not_reloaded=_not_reloaded(target.layout, target.server))
    try:
        _reload(target, target.server, progress)
    except ReloadError as error:
        if not error.done.alive:
            raise
        return Deployed(change, not_reloaded=replace(told, detail=error.message))
    return Deployed(change, not_reloaded=_others(target))


def refusal(target: Live, progress: Progress) -> tuple[str, ...]:
    """What ``-t`` says of files that no server is to read now; empty: it passes."""
    try:
        _test(target, progress)
    except RefusedError as error:
        return (f"{error.message.rstrip('.')}. httpd does not start with it.",)
    return ()


def _why_it_would_end(target: Live, change: Change, progress: Progress) -> str:
    """Why a server would not survive a reload of the files that are there; empty if it would."""
    whole = rehearse.starts(target.scope, tell=waiting(progress, "start"))
    if not whole.started:
        return errors(whole)
    found = survival.faults(target.scope, own=frozenset(file.path for file in change.files))
    return f"{_first(found)} {found[0].hint}".rstrip() if found else ""


def _failed(done: Reloaded) -> str:
    said = " ".join(done.text.split()).rstrip(".") or "it said nothing"
    if not done.alive:
        return f"httpd has ended: {said}."
    text = f"{' '.join(done.command)} failed: {said}."
    return f"{text} httpd reads what is on disk when it goes on." if done.hangs else text
