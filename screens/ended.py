"""What came of a change, in the words and with the exit code that the program ends with."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from wizard.exit_codes import ExitCode


@dataclass(frozen=True)
class Ended:
    """What came of a change.

    Args:
        text: for the operator.
        code: what ``apply``, ``apply --finish`` or ``rollback`` would end with.
        id: of the change that was made or taken back; empty: none was.
        advice: what to do next in the wizard.
        leaves: it failed, and files are not, or may not be, what they were before.
    """

    text: Text
    code: ExitCode
    id: str = ""
    advice: str = ""
    leaves: bool = False
