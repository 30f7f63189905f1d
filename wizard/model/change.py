"""A change to files of this machine: as its journal records it, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping
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

SECONDS: Final[Mapping[DeployStep, int]] = {"start": 30, "test": 60, "reload": 30, "look": 30}
"""How long a step takes at most: a rehearsed start; ``-t`` (5,000 virtual hosts take half a second,
host names may take longer); the command of a reload and the new children together; the answers of
the running server together."""
Doubt = Literal["several", "unclear", "contained", "hidden", "elsewhere"]
"""Why it is not known which httpd runs with a configuration, or whether one does: more than one
does, and nothing tells which is meant; one runs of which this user may not see what it reads; one
in a container reads it; this user is not shown the processes of others; one reads the files with
another main file."""
Unread = Literal[
    "none-runs", "none-reads", Doubt, "unasked", "others", "refused", "would-end", "failed"
]  # fmt: skip
"""Why the files of a change were not read by a running httpd: surely none runs with their
configuration; surely none reads them; ``Doubt``; there is no program to test and reload with, or
no configuration is known that reads them; further servers read the files, beside the one that was
reloaded; ``-t`` refuses it; a start with it fails, or the server that runs would end at the reload;
the reload failed."""
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
        included: directories in which an Include would read what is staged there.
    """

    id: str
    created: str
    state: ChangeState
    config: str
    reasons: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    httpd: str | None = None
    included: tuple[str, ...] = ()


@record
class LiveCheck:
    """What the running server answered to one route after the reload."""

    route: Route
    address: str
    port: int
    status: int | None
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether it answered with an error, or not at all."""
        return self.status is None or self.status >= 500


@record
class Reloaded:
    """How a reload went.

    Args:
        ok: new children serve.
        alive: the server still runs.
        command: what was called.
        text: httpd's words, if it failed.
        hangs: it did not answer in time.
    """

    ok: bool
    alive: bool
    command: tuple[str, ...]
    text: str = ""
    hangs: bool = False


@record
class Ended:
    """What became of a server that ended at a reload.

    Args:
        said: httpd's words when it ended.
        command: starts it as it was started, for a shell.
        started: it was started so, and listens where it did.
        text: else why not: httpd's words, or a sentence.
    """

    said: str
    command: str
    started: bool
    text: str = ""


@record
class Waiting:
    """httpd is waited for.

    Args:
        step: in which this is.
        seconds: at most from now on.
    """

    step: DeployStep
    seconds: int


@record
class NotReloaded:
    """A running httpd, if there is one, has not read the files of a change.

    Args:
        reason: why.
        pids: of the servers in question.
        detail: httpd's words, or a sentence on what failed.
        command: has the server read them; ``""`` if it is not known.
    """

    reason: Unread
    pids: tuple[int, ...] = ()
    detail: str = ""
    command: str = ""


@record
class Deployed:
    """A change that was made or taken back, and its outcome.

    Args:
        change: as the journal has it.
        looks: answers of the running server.
        notes: what else was not done, and why, each one sentence.
        not_reloaded: None: the running server has read the files, or was not to.
        kept: paths of files that the change made and that were left when it was undone.
    """

    change: Change
    looks: tuple[LiveCheck, ...] = ()
    notes: tuple[str, ...] = ()
    not_reloaded: NotReloaded | None = None
    kept: tuple[str, ...] = ()

    @property
    def outcome(self) -> Literal["good", "bad-answer", "not-reloaded"]:
        """What the files on disk are to the running server. ``good``: it reads them and answers, or
        surely none runs, or it was not to read them."""
        if any(look.failed for look in self.looks):
            return "bad-answer"
        told = self.not_reloaded
        sure = told is None or told.reason in ("none-runs", "none-reads")
        return "good" if sure else "not-reloaded"
