"""With which status a command ends."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``check``; other commands' meanings are in docs/reference/exit-codes.md."""

    OK = 0
    """Every route works and follows its row of the best-practice table."""
    WARNING = 1
    """Everything works, something is weak or soon to break."""
    FAILURE = 2
    """A route fails."""
    UNKNOWN = 3
    """It could not be determined: bad option, unreadable configuration, nothing to check."""
    HTTPD_ENDED = 4
    """The running httpd ended at a reload; what became of it and of the files is said."""
    NOT_RELOADED = 5
    """The files are changed, and the running httpd has not read them, or whether one runs is not
    known."""
    INTERRUPTED = 130
    """Ctrl-C."""
    BROKEN_PIPE = 141
    """The program that read the output has ended."""


def of_error(error: BaseException) -> ExitCode:
    """The exit code that an exception ends the process with."""
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return ExitCode.BROKEN_PIPE
    return getattr(error, "exit_code", ExitCode.UNKNOWN)  # a WizardError's
