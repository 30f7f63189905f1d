"""A change to files of this machine: as its journal records it, and its outcome."""

from __future__ import annotations

from typing import Final, Literal

from wizard.errors import ChangeError
from wizard.model.config import Route
from wizard.record import record

ChangeState = Literal["prepared", "applying", "written", "applied", "undoing", "undone"]
"""``prepared``: backups are safe, nothing was touched; ``applying``: some files may be new, some
old; ``written``: all are new, but httpd may still refuse them; ``applied``: all are
new; ``undoing``: some may be old again, or httpd has yet to read them; ``undone``: all are old."""
DeployStep = Literal["start", "write", "test", "reload", "look"]
"""What is being done with a change, in this order: its start is rehearsed, the files are written,
``-t``, the graceful reload, a request to the running server."""

Command = Literal["apply", "rollback", "wizard"]
"""What changes files here."""
WAIT: Final = 30
"""Seconds that a command waits for another one that changes files: as long as that may wait for a
reload."""


@record
class Holder:
    """Who changes files here now.

    Args:
        pid: its process, as this one sees it; 0: not known.
        command: what it is; None: not known.
        since: seconds of the epoch; 0: not known.
    """

    pid: int = 0
    command: Command | None = None
    since: int = 0


class BusyError(ChangeError):
    """Another command changes files here, and was not done after ``WAIT`` seconds.

    Args:
        holder: that command.
    """

    def __init__(self, holder: Holder) -> None:
        super().__init__("another command changes files here.")
        self.holder = holder


@record
class ChangedFile:
    """One file of a change.

    Args:
        path: real path of the file (never a symbolic link).
        before: SHA-256 of its bytes before; None: the change creates it.
        after: SHA-256 of its bytes after.
        created_directories: directories made for it, outermost first.
        mode: permissions of a file that the change creates.
    """

    path: str
    before: str | None
    after: str
    created_directories: tuple[str, ...] = ()
    mode: int = 0o644


@record
class Change:
    """A change with everything needed to finish or undo it.

    Args:
        id: sorts by time: ``20261124-161500-3fa9``.
        created: ISO 8601, UTC.
        state: how far it got.
        config: the configuration (main file) that it belongs to.
        reasons: why, one line each.
        files: the files, in the order in which they are written.
        httpd: the program that the operator named for it; None: it is searched for.
    """

    id: str
    created: str
    state: ChangeState
    config: str
    reasons: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    httpd: str | None = None


@record
class LiveCheck:
    """What the running server answered to one route after the reload."""

    route: Route
    address: str
    port: int
    status: int | None
    error: str = ""


@record
class Reloaded:
    """How a reload went.

    Args:
        ok: new children serve.
        alive: the server still runs.
        command: what was called.
        text: httpd's words, if it failed.
    """

    ok: bool
    alive: bool
    command: tuple[str, ...]
    text: str = ""


@record
class Deployed:
    """A change that was made, and its outcome.

    Args:
        change: as the journal has it.
        reloaded: None: there was no reload.
        looks: answers of the running server.
        notes: what was not done, and why, each one sentence.
    """

    change: Change
    reloaded: Reloaded | None = None
    looks: tuple[LiveCheck, ...] = ()
    notes: tuple[str, ...] = ()
