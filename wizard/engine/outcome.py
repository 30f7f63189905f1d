"""Did a change do what it was made for? A value in, an exit code out, for both front ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from wizard.model.change import Deployed

_CODES: Final[Mapping[Literal["good", "bad-answer", "not-reloaded"], ExitCode]] = {
    "good": ExitCode.OK,
    "bad-answer": ExitCode.FAILURE,
    "not-reloaded": ExitCode.NOT_RELOADED,
}


def exit_code(done: Deployed) -> ExitCode:
    """The exit code of a change that was made or taken back."""
    return _CODES[done.outcome]
