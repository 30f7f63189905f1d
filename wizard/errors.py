"""Errors that end a command with one clear sentence."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from wizard.exit_codes import ExitCode

STOPS = (".", "!", "?", ":", "…")
"""Ends of a sentence, or of a text that was cut."""


class Advice(NamedTuple):
    """What to do next; ``wizard.wording.errors`` makes the sentence.

    Undo a change, or first finish or undo it (``settle``); make the plan anew (``plan``), since
    somebody changed a file (``changed``); take back what somebody edited (``edits``); look at the
    list of changes (``list``); run where httpd is (``httpd``); find out why it ended (``ended``).
    """

    step: Literal["settle", "undo", "plan", "changed", "edits", "list", "httpd", "ended"]
    change: str = ""
    """Its id, for ``settle`` and ``undo``."""


class Left(NamedTuple):
    """What is on disk after a change failed; without files: the command changed nothing."""

    change: str = ""
    """The id of the change; empty: none was begun."""
    state: str = ""
    """As its journal has it."""
    new: tuple[str, ...] = ()
    """Files that are as the change makes them."""
    old: tuple[str, ...] = ()
    """Files that are as they were before it."""
    other: tuple[str, ...] = ()
    """Files that are neither, or cannot be read."""
    journal: str = ""
    """The directory that holds the journal, and every file, old and new."""


Obstacle = Literal[
    "full", "quota", "read-only", "immutable", "append-only", "mounted", "permission", "forbidden",
    "other",
]  # fmt: skip
"""Why a file cannot be written. ``mounted``: by itself, as a container's volume; ``permission``:
root may; ``forbidden``: root may not either."""


class WizardError(Exception):
    """Something the operator can act on: what, where and what to do next.

    Args:
        message: one sentence that says what is wrong.
        file: the file concerned.
        line: the line concerned, from 1; 0 when there is none.
        hint: what to do next, one sentence or what one is made from.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.UNKNOWN

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, hint: str | Advice = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.hint = hint
        self.left: Left | None = None
        """What is on disk, of an error that ends a change."""

    def __str__(self) -> str:
        return self.with_hint(self.hint if isinstance(self.hint, str) else "")

    def with_hint(self, hint: str) -> str:
        """Place, message and a hint."""
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        if not hint:
            return f"{place}{self.message}"
        # httpd's own words end without a stop; a sentence follows them here
        stop = "" if self.message.endswith(STOPS) else "."
        return f"{place}{self.message}{stop} {hint}"


class ConfigError(WizardError):
    """The configuration cannot be read (no such file, a structure that httpd refuses …)."""


class UnreadableError(ConfigError):
    """A file of the configuration that this user may not read; httpd, started by root, may."""


class UsageError(WizardError):
    """A bad option or argument (no such vhost, a date in the past …)."""


class ChangeError(WizardError):
    """A file could not be changed, or must not be (it was edited meanwhile)."""


class FileError(ChangeError):
    """The system does not let a file be read or written.

    Args:
        reason: the system's words.
        number: its errno.
        obstacle: what stands in the way.
        file: the file.
        where: the file, directory or mount point that the obstacle is about.
    """

    def __init__(
        self, reason: str, number: int, obstacle: Obstacle, *, file: str, where: str
    ) -> None:
        super().__init__(f"{reason}.", file=file)
        self.number = number
        self.obstacle = obstacle
        self.where = where


class HttpdEndedError(ChangeError):
    """The running httpd ended at a reload; the message says what became of it and of the files."""

    exit_code = ExitCode.HTTPD_ENDED


class EditedError(ChangeError):
    """A file is not what it should be: somebody edited it meanwhile.

    Args:
        message: one sentence.
        file: the file.
        diff: what was edited, the first lines of a unified diff.
        more: how many lines follow; -1: the files are too long to compare.
        hint: what to do next.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str,
        diff: tuple[str, ...] = (),
        more: int = 0,
        hint: str | Advice = "",
    ) -> None:
        super().__init__(message, file=file, hint=hint)
        self.diff = diff
        self.more = more


class StoppedError(WizardError):
    """The operator stopped it; nothing is left running."""

    def __init__(self) -> None:
        super().__init__("It was stopped.")
