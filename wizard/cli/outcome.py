"""A change on the command line while it is made, and what came of it: apply and rollback alike."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wizard.cli import diagnostics, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.exit_codes import ExitCode
    from wizard.model.change import Change, Deployed, DeployStep, Waiting
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal


def step(reached: DeployStep | Waiting) -> None:
    """Say what is being done, or waited for."""
    from wizard.wording import change

    diagnostics.note(change.step(reached))


def waiting(reached: DeployStep | Waiting) -> None:
    """Say what is waited for, and nothing of the steps."""
    if not isinstance(reached, str):
        step(reached)


def tell(
    done: Deployed,
    *,
    reload: bool,
    repair: Repair | None = None,
    played: Sequence[Rehearsal] = (),
    command: str = "",
) -> ExitCode:
    """Say what came of a change, its id, and last what still fails; the exit code that this makes.

    Args:
        done: the change.
        reload: httpd was to be reloaded.
        repair: what it was made for; None: that is not known any more, or it was undone.
        played: rehearsals of it.
        command: says what to do about what still fails.
    """
    from wizard.cli import layout
    from wizard.engine import gate, outcome
    from wizard.wording import change, confirmation

    diagnostics.note(f"{change.headline(done)}.")
    for piece in change.deployed(done, reload=reload):
        diagnostics.note(piece.whole, prose=piece.role != "command")
    if done.change.state == "applied":
        advise_undo(done.change.id)
    _write_id(done.change)
    failing = gate.still_failing(repair, played) if repair else ()
    if repair and failing:
        pieces = confirmation.still(failing, repair.plan)
        for line in layout.lines(pieces, output.Palette(stream=sys.stderr), 2):
            diagnostics.write(f"{line}\n")
        diagnostics.write(f"next: {command}\n")
    return outcome.exit_code(done, failing)


def advise_undo(identifier: str) -> None:
    """Say how to undo a change."""
    diagnostics.note(f"to undo it: proxy-wizard rollback {identifier}")


def _write_id(change: Change) -> None:
    try:
        output.write(f"{change.id}\n")
        output.flush()  # before a signal that waited ends the command
    except OSError:
        diagnostics.note(f"The change {change.id} is {change.state}; its id could not be written.")
        raise
