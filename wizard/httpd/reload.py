"""Graceful reload of the running httpd, with the layout's own command; never a restart.

``-t`` and ``-k graceful`` both say yes to a configuration that ends the running server when it
reads it again (a CA file that is no PEM, …). So the caller rehearses the start first
(``rehearse.starts``), and this module watches what becomes of the server.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from wizard.config.installation import service
from wizard.config.installation.layout import Layout
from wizard.errors import WizardError
from wizard.httpd import command as program
from wizard.httpd.running import Running, alive, children
from wizard.model.change import Reloaded

SECONDS = 30.0
"""For a new generation of children to come up."""
_TICK = 0.02
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


def graceful(layout: Layout, server: Running, defines: Iterable[str] = ()) -> Reloaded:
    """Reload, and wait until the server either serves with new children or is gone.

    Args:
        layout: of the configuration.
        server: from ``wizard.httpd.running.running``.
        defines: that it was started with, besides those of the layout.
    """
    words = command(layout, defines)
    if not alive(server.pid):  # -k graceful would start one
        return Reloaded(False, False, words, "it was gone before the reload")
    before = set(children(server.pid))
    offset = _size(server.log)
    try:
        result = program.call(words, program.environment(layout))
    except WizardError as error:
        return Reloaded(False, alive(server.pid), words, error.message)
    if not result.ok:
        return Reloaded(False, alive(server.pid), words, result.text)
    end = time.monotonic() + SECONDS
    while not set(children(server.pid)) - before:
        if not alive(server.pid):
            return Reloaded(False, False, words, _since(server.log, offset))
        if time.monotonic() > end:
            text = f"no new children after {SECONDS:.0f} s. {_since(server.log, offset)}"
            return Reloaded(False, True, words, text)
        time.sleep(_TICK)
    calm = time.monotonic() + _CALM
    while time.monotonic() < calm:
        if not alive(server.pid):
            return Reloaded(False, False, words, _since(server.log, offset))
        time.sleep(_TICK)
    return Reloaded(True, True, words)


def start_command(layout: Layout, defines: Sequence[str] = ()) -> str:
    """How the operator starts the server, should it be gone."""
    words = command(layout, defines)
    if words[0] == "systemctl":
        return f"systemctl start {words[2]}"
    return " ".join(word if word != "graceful" else "start" for word in words)


def _active(unit: str) -> bool:
    systemctl = shutil.which("systemctl")
    if systemctl is None or not Path(service.BOOTED).is_dir():
        return False
    try:
        return program.call([systemctl, "is-active", "--quiet", unit], {"LC_ALL": "C"}, 10.0).ok
    except WizardError:
        return False


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
        with Path(log).open("rb") as file:
            file.seek(offset)
            data = file.read(1 << 20)
    except OSError:
        return ""
    return "\n".join(data.decode("utf-8", "surrogateescape").splitlines()[-20:])
