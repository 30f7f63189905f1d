"""A change in words: its steps, and what the running server answers afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from wizard.model.change import (
    SECONDS,
    WAIT,
    Command,
    Deployed,
    DeployStep,
    Holder,
    NotReloaded,
    Unread,
    Waiting,
)
from wizard.text import printable
from wizard.wording.pieces import Piece

_STEPS: Final[Mapping[DeployStep, str]] = {
    "start": "rehearsing the start of the whole configuration",
    "write": "writing",
    "test": "configtest",
    "reload": "graceful reload",
    "look": "asking the running server",
}
_AWAITED: Final[Mapping[DeployStep, str]] = {
    "start": "httpd to come up",
    "test": "the end of httpd -t",
    "reload": "httpd to answer the reload",
    "look": "the running server's answer",
}
_NOT_RELOADED: Final[Mapping[Unread, str]] = {
    "none-runs": "httpd does not run with this configuration: there was nothing to reload.",
    "none-reads": "No running httpd reads these files: neither -t nor a reload was done.",
    "several": "More than one httpd runs with this configuration ({pids}), and neither the PID "
    "file nor the service manager tells which is meant: none was reloaded.",
    "unclear": "httpd runs ({pids}), and whether with this configuration is not known: it was not "
    "reloaded.",
    "contained": "httpd reads this configuration in a container ({pids}): it was not reloaded.",
    "hidden": "This user is not shown the processes of others: whether httpd runs with this "
    "configuration is not known, and none was reloaded.",
    "unasked": "Which httpd reads these files is not known{running}: neither -t nor a reload was "
    "done.",
    "elsewhere": "httpd reads these files with another main file ({pids}): it was not reloaded.",
    "others": "Further servers read these files ({pids}): they were not reloaded.",
    "refused": "httpd was not reloaded: -t does not pass. {detail}",
    "would-end": "httpd was not reloaded: it would end at it. {detail}",
    "failed": "httpd was not reloaded: {detail}",
}
_COMMANDS: Final[Mapping[Command | None, str]] = {
    "apply": "`proxy-wizard apply`",
    "rollback": "`proxy-wizard rollback`",
    "wizard": "the wizard",
    None: "another command of proxy-wizard",
}


def working(holder: Holder) -> str:
    """Who changes files here, and since when, as the beginning of a sentence."""
    who = _COMMANDS[holder.command]
    if not holder.pid:
        return f"{who} is working here"
    return f"{who} (process {holder.pid}) has been working here since {_clock(holder.since)}"


def waiting(holder: Holder) -> str:
    """For whom a command waits, and how long at most."""
    return f"{working(holder)}; waiting at most {WAIT} s."


def busy(holder: Holder) -> str:
    """Who was waited for in vain."""
    return f"{working(holder)} and was not done after {WAIT} s. Nothing was changed."


def under_way(holder: Holder) -> str:
    """Of a change that is neither done nor undone, and not interrupted."""
    if not holder.pid:
        return "being made just now"
    return f"being made by process {holder.pid} since {_clock(holder.since)}"


def _clock(seconds: int) -> str:
    """A time of this day, or of another with its date, as the operator's clock shows it."""
    then, now = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone()
    return f"{then:%H:%M:%S}" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M:%S}"


def step(reached: DeployStep | Waiting) -> str:
    """What is being done, or waited for, and how long at most."""
    if isinstance(reached, Waiting):
        return f"waiting for {_AWAITED[reached.step]}, at most {reached.seconds} s more"
    seconds = SECONDS.get(reached)
    return _STEPS[reached] + (f" (at most {seconds} s)" if seconds else "")


def deployed(done: Deployed) -> Iterator[Piece]:
    """What was not done, and the running server's answers."""
    if done.not_reloaded is not None:
        yield from _not_reloaded(done.not_reloaded, done)
    for note in done.notes:
        yield Piece("caution", printable(note))
    for look in done.looks:
        answer = look.error if look.status is None else look.status
        where = f"{look.address} port {look.port}"
        told = f"the running server ({where}) answers {look.route.id.label}: {answer}"
        yield Piece("text", printable(told))


def _not_reloaded(told: NotReloaded, done: Deployed) -> Iterator[Piece]:
    """Why a running httpd has not read the files, what is on disk, and what has it read them."""
    pids = ", ".join(f"pid {pid}" for pid in told.pids)
    sentence = _NOT_RELOADED[told.reason].format(
        pids=pids, running=f" (there run: {pids})" if pids else "", detail=told.detail
    )
    yield Piece("caution", printable(sentence))
    if done.outcome == "not-reloaded":
        undone = done.change.state == "undone"
        files = "the files are as they were before the change" if undone else "the change is made"
        yield Piece(
            "caution", f"On disk {files}; what runs goes on with what it read before, until it is "
            "reloaded."
        )  # fmt: skip
        if told.command:
            fatal = told.reason in ("refused", "would-end")  # -t passes some of what ends a server
            label = "Mend that first, then reload it with" if fatal else "Reload it with"
            yield Piece("command", printable(told.command), label)
