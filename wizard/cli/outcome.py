"""A change on the command line while it is made, and what came of it: apply and rollback alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.cli import diagnostics, output

if TYPE_CHECKING:
    from wizard.exit_codes import ExitCode
    from wizard.model.change import Change, Deployed, DeployStep, Waiting


def step(reached: DeployStep | Waiting) -> None:
    """Say what is being done, or waited for."""
    from wizard.wording import change

    diagnostics.note(change.step(reached))


def waiting(reached: DeployStep | Waiting) -> None:
    """Say what is waited for, and nothing of the steps."""
    if not isinstance(reached, str):
        step(reached)


def tell(done: Deployed) -> ExitCode:
    """Say what came of a change, and its id; the exit code that this makes."""
    from wizard.engine import outcome
    from wizard.wording import change

    for piece in change.deployed(done):
        diagnostics.note(piece.whole)
    _write_id(done.change)
    return outcome.exit_code(done)


def advise_undo(identifier: str) -> None:
    """Say how to take a change back after which a route that it repairs still fails."""
    diagnostics.error(f"take the change back with: proxy-wizard rollback {identifier}")


def _write_id(change: Change) -> None:
    try:
        output.write(f"{change.id}\n")
        output.flush()  # before a signal that waited ends the command
    except OSError:
        diagnostics.note(f"The change {change.id} is {change.state}; its id could not be written.")
        raise
