"""Errors that end a command with one clear sentence."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Advice(NamedTuple):
    """What to do next about a change, by its id: undo it, or first finish or undo it (``settle``).
    ``wizard.wording.errors`` makes the sentence."""

    step: Literal["settle", "undo"]
    change: str


class WizardError(Exception):
    """Something the operator can act on: what, where and what to do next.

    Args:
        message: one sentence that says what is wrong.
        file: the file concerned.
        line: the line concerned, from 1; 0 when there is none.
        hint: what to do next, one sentence or what one is made from.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, hint: str | Advice = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint

    def __str__(self) -> str:
        return self.with_hint(self.hint if isinstance(self.hint, str) else "")

    def with_hint(self, hint: str) -> str:
        """Place, message and a hint."""
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        if not hint:
            return f"{place}{self.message}"
        # httpd's own words end without a stop; a sentence follows them here
        stop = "" if self.message.endswith((".", "!", "?", ":")) else "."
        return f"{place}{self.message}{stop} {hint}"


class ConfigError(WizardError):
    """The configuration cannot be read (no such file, a structure that httpd refuses …)."""


class UsageError(WizardError):
    """A bad option or argument (no such vhost, a date in the past …)."""


class ChangeError(WizardError):
    """A file could not be changed, or must not be (it was edited meanwhile)."""


class EditedError(ChangeError):
    """A file is not what it should be: somebody edited it meanwhile.

    Args:
        message: one sentence.
        file: the file.
        diff: what was edited, as a unified diff.
        hint: what to do next.
    """

    def __init__(self, message: str, *, file: str, diff: str = "", hint: str = "") -> None:
        super().__init__(message, file=file, hint=hint)
        self.diff = diff


class StoppedError(WizardError):
    """The operator stopped it; nothing is left running."""

    def __init__(self) -> None:
        super().__init__("It was stopped.")
