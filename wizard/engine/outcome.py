"""Did a change do what it was made for? A value in, an exit code out, for both front ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from wizard.model.change import Deployed
    from wizard.model.diagnosis import Diagnosis

_CODES: Final[Mapping[Literal["good", "bad-answer", "not-reloaded"], ExitCode]] = {
    "good": ExitCode.OK,
    "bad-answer": ExitCode.FAILURE,
    "not-reloaded": ExitCode.NOT_RELOADED,
}


def exit_code(done: Deployed, still_failing: Sequence[Diagnosis] = ()) -> ExitCode:
    """The exit code of a change that was made or undone.

    Args:
        done: the change.
        still_failing: routes that the plan did not repair.
    """
    code = _CODES[done.outcome]
    return ExitCode.FAILURE if still_failing and code is ExitCode.OK else code
