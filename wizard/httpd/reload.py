"""Graceful reload of the running httpd, with the layout's own command; never a restart.

``-t`` and ``-k graceful`` both say yes to a configuration that ends the running server when it
reads it again (a CA file that is no PEM, …). So the caller rehearses the start first
(``rehearse.starts``), and this module watches what becomes of the server.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from wizard import plain_file
from wizard.config.installation import service
from wizard.config.installation.layout import Layout
from wizard.errors import WizardError
from wizard.httpd import command as program
from wizard.httpd import listeners, manager
from wizard.httpd.budget import Budget
from wizard.httpd.running import Running, alive, children, lives
from wizard.model.change import SECONDS, Reloaded

_CALM = 0.5
"""Seconds that the server must live on with its new children to count as reloaded."""


def command(layout: Layout, defines: Iterable[str] = ()) -> tuple[str, ...]:
    """The layout's own command for a graceful reload."""
    unit = service.unit(layout)
    if layout.native and unit and _active(unit):
        return ("systemctl", "reload", unit)
    control = service.control(layout)
    if layout.native and control and shutil.which(control[0]) and not tuple(defines):
        return (*control, "graceful")
    return (*program.command(layout, defines), "-k", "graceful")


def graceful(
    layout: Layout,
    server: Running,
    defines: Iterable[str] = (),
    tell: Callable[[int], None] = lambda _: None,
    ports: Iterable[int] = (),
) -> Reloaded:
    """Reload, and wait until the server either serves with new children or is gone.

    Args:
        layout: of the configuration.
        server: from ``wizard.httpd.running.running``.
        defines: that it was started with, besides those of the layout.
        tell: called while it is waited for, as by ``Budget``.
        ports: that it has to listen on afterwards.
    """
    budget = Budget(SECONDS["reload"], tell)
    # Without a PID file that names it, -k graceful would start a second server.
    words = command(layout, defines) if server.named else ("kill", "-USR1", str(server.pid))
    if not lives(server):  # -k graceful would start one
        return Reloaded(False, False, words, "it was gone before the reload")
    before = set(children(server.pid))
    offset = _size(server.log)
    failed = _told(layout, server, words, budget)
    if failed is not None:
        return failed
    while not set(children(server.pid)) - before:
        if not alive(server.pid):
            return Reloaded(False, False, words, _since(server.log, offset))
        if not budget.left:
            text = f"no new children after {budget.seconds:.0f} s. {_since(server.log, offset)}"
            return Reloaded(False, True, words, text.rstrip(), hangs=True)
        budget.pause()
    calm = Budget(_CALM)
    while calm.left and alive(server.pid):
        calm.pause()
    lost = listeners.missing(server, ports)
    if lost is None:
        return Reloaded(False, False, words, _since(server.log, offset))
    if lost:
        text = f"it does not listen on port {', '.join(map(str, lost))}"
        return Reloaded(False, True, words, text)
    return Reloaded(True, True, words)


def _told(
    layout: Layout, server: Running, words: tuple[str, ...], budget: Budget
) -> Reloaded | None:
    """Tell the server to reload; how that failed, or None."""
    try:
        if server.named:
            result = program.call(words, program.environment(layout), budget)
        else:
            result = signalled(server)
    except TimeoutError:
        text = f"it did not end within {budget.seconds:.0f} s"
        return Reloaded(False, alive(server.pid), words, text, hangs=True)
    except WizardError as error:
        return Reloaded(False, alive(server.pid), words, error.message)
    return None if result.ok else Reloaded(False, alive(server.pid), words, result.text)


def signalled(server: Running) -> program.CommandResult:
    """Send a server what ``-k graceful`` sends (SIGUSR1), and wait for nothing.

    Source: httpd's "Stopping and Restarting".

    Args:
        server: what has its number by now gets no signal.
    """
    try:
        descriptor = os.pidfd_open(server.pid)
    except OSError as error:
        return program.CommandResult(False, error.strerror or str(error))
    try:
        if lives(server):
            signal.pidfd_send_signal(descriptor, signal.SIGUSR1)
    except OSError as error:
        return program.CommandResult(False, error.strerror or str(error))
    finally:
        os.close(descriptor)
    return program.CommandResult(True, "")


def start_command(layout: Layout, defines: Sequence[str] = ()) -> str:
    """How the operator starts the server, should it be gone."""
    words = command(layout, defines)
    if words[0] == "systemctl":
        return f"systemctl start {words[2]}"
    return " ".join(word if word != "graceful" else "start" for word in words)


def _active(unit: str) -> bool:
    answer = manager.ask("is-active", "--quiet", unit)
    return answer is not None and answer.ok


def _size(log: str | None) -> int:
    try:
        return Path(log).stat().st_size if log else 0
    except OSError:
        return 0


def _since(log: str | None, offset: int) -> str:
    """What the server wrote since, at most the last twenty lines."""
    if log is None:
        return ""
    try:
        with os.fdopen(plain_file.opened(log), "rb") as file:
            file.seek(offset)
            data = file.read(1 << 20)
    except OSError:
        return ""
    return "\n".join(data.decode("utf-8", "surrogateescape").splitlines()[-20:])
