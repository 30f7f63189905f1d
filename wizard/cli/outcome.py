"""A change on the command line while it is made, and what came of it: apply and rollback alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from wizard.cli import diagnostics, output
from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from wizard.model.change import Change, Deployed, DeployStep, Waiting

_CODES: Final[Mapping[Literal["good", "bad-answer", "not-reloaded"], ExitCode]] = {
    "good": ExitCode.OK,
    "bad-answer": ExitCode.FAILURE,
    "not-reloaded": ExitCode.NOT_RELOADED,
}


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
    from wizard.wording import change

    for piece in change.deployed(done):
        diagnostics.note(piece.whole)
    _write_id(done.change)
    return _CODES[done.outcome]


def _write_id(change: Change) -> None:
    try:
        output.write(f"{change.id}\n")
        output.flush()
    except OSError:
        diagnostics.note(f"The change {change.id} is {change.state}; its id could not be written.")
        raise
