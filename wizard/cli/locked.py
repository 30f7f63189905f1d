"""The lock of a command that changes files, with word on stderr of whom it waits for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wizard.cli import diagnostics
from wizard.errors import EditedError
from wizard.wording.errors import edits

if TYPE_CHECKING:
    from wizard.engine.changes import Held
    from wizard.engine.engine import Engine
    from wizard.model.change import Command, Holder


@contextlib.contextmanager
def locked(engine: Engine, command: Command) -> Iterator[Held]:
    """Hold the engine's lock, as ``Engine.locked``; what somebody edited meanwhile is shown.

    Args:
        engine: whose.
        command: what it is held for.
    """
    from wizard.model.change import WAIT
    from wizard.wording import change

    told = False

    def waiting(holder: Holder, waited: float) -> None:
        nonlocal told
        if not told:
            diagnostics.note(change.waiting(holder))
            told = True
        progress(int(waited))

    progress = diagnostics.Progress[int](lambda seconds: f"{seconds} of {WAIT} seconds waited")
    with progress, engine.locked(command, waiting) as it:
        progress.close()
        try:
            yield it
        except EditedError as error:
            diagnostics.write("".join(f"{line}\n" for line in edits(error)))
            raise
