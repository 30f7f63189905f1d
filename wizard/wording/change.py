"""A change in words: what it does, its steps, and what the running server answers afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from wizard.model.change import (
    SECONDS,
    WAIT,
    Change,
    ChangedFile,
    Command,
    Deployed,
    DeployStep,
    Holder,
    NotReloaded,
    Unread,
    Waiting,
)
from wizard.text import printable
from wizard.wording.moment import moment
from wizard.wording.pieces import Piece
from wizard.wording.route import several

_STEPS: Final[Mapping[DeployStep, str]] = {
    "start": "starting a throw-away httpd with the change",
    "write": "writing the files",
    "test": "testing the configuration with httpd -t",
    "reload": "graceful reload",
    "look": "asking the running server",
}
_AWAITED: Final[Mapping[DeployStep, str]] = {
    "start": "the throw-away httpd to start",
    "test": "the end of httpd -t",
    "reload": "the reloaded httpd to serve requests",
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
_COMMANDS: Final[Mapping[Command | None, tuple[str, str]]] = {
    "apply": ("`proxy-wizard apply`", "a command that applies a change"),
    "rollback": ("`proxy-wizard rollback`", "a command that undoes a change"),
    "wizard": ("the wizard", "another wizard"),
    None: ("another command of proxy-wizard", "another command of this program"),
}
"""On the command line, and in the wizard."""


def working(holder: Holder, *, wizard: bool = False) -> str:
    """Who changes files here, and since when, as the beginning of a sentence.

    Args:
        holder: who.
        wizard: for the wizard.
    """
    who = _COMMANDS[holder.command][wizard]
    if not holder.pid:
        return f"{who} is working here"
    since = _since(holder, wizard=wizard)
    return f"{who} (process {holder.pid}) has been working here since {since}"


def waiting(holder: Holder, *, wizard: bool = False) -> str:
    """For whom a command waits, and how long at most.

    Args:
        holder: who.
        wizard: for the wizard.
    """
    return f"{working(holder, wizard=wizard)}; waiting at most {WAIT} s."


def busy(holder: Holder, *, wizard: bool = False) -> str:
    """Who was waited for in vain.

    Args:
        holder: who.
        wizard: for the wizard.
    """
    who = working(holder, wizard=wizard)
    return f"{who} and was not done after {WAIT} s. Nothing was changed."


def under_way(holder: Holder, *, wizard: bool = False) -> str:
    """Of a change that is neither done nor undone, and not interrupted.

    Args:
        holder: who makes it.
        wizard: for the wizard.
    """
    if not holder.pid:
        return "being made just now"
    return f"being made by process {holder.pid} since {_since(holder, wizard=wizard)}"


def _since(holder: Holder, *, wizard: bool) -> str:
    """Since when, as the operator's clock shows it; on the command line without a zone."""
    if wizard:
        return moment(holder.since, seconds=True)
    then = datetime.fromtimestamp(holder.since).astimezone()
    today = then.date() == datetime.now().astimezone().date()
    return f"{then:%H:%M:%S}" if today else f"{then:%Y-%m-%d %H:%M:%S}"


def step(reached: DeployStep | Waiting) -> str:
    """What is being done, or waited for, and how long at most."""
    if isinstance(reached, Waiting):
        return f"waiting for {_AWAITED[reached.step]}, at most {reached.seconds} s more"
    seconds = SECONDS.get(reached)
    return _STEPS[reached] + (f" (at most {seconds} s)" if seconds else "")


def headline(done: Deployed) -> str:
    """What became of a change, in a few words."""
    undone = done.change.state == "undone"
    match done.outcome:
        case "good":
            return "undone" if undone else "applied"
        case "bad-answer":
            made = "undone" if undone else "applied"
            return f"{made}, but the running server answers with an error"
        case "not-reloaded":
            made = "undone" if undone else "written"
            return f"{made}, but the running httpd has not read it"


def deployed(done: Deployed, *, reload: bool = True) -> Iterator[Piece]:
    """What was restored, whether httpd has read it, what was not done, and its answers.

    Args:
        done: the change.
        reload: httpd was to be reloaded.
    """
    if done.change.state == "undone":
        for file in done.change.files:
            if file.path not in done.kept:
                what = "deleted" if file.before is None else "restored"
                yield Piece("text", f"{what}: {printable(file.path)}")
    if done.not_reloaded is not None:
        yield from _not_reloaded(done.not_reloaded, done)
    elif reload:
        yield Piece("text", "httpd was reloaded.")
    else:
        yield Piece("text", "httpd was not reloaded (--no-reload).")
    for note in done.notes:
        yield Piece("caution", printable(note))
    answers: dict[str, list[str]] = {}
    for look in done.looks:
        answer = look.error if look.status is None else str(look.status)
        if look.failed:
            answer = f"{answer} (asked at {look.address} port {look.port})"
        answers.setdefault(answer, []).append(look.route.id.label)
    for answer, labels in answers.items():
        yield Piece("text", f"the running server answers {several(labels)}: {printable(answer)}")


def undo(
    change: Change,
    counts: Mapping[str, tuple[int, int]],
    *,
    reload: bool = True,
    wizard: bool = False,
) -> Iterator[Piece]:
    """What undoing a change does, before the question.

    Args:
        change: as the journal has it.
        counts: lines that come back and that go, by file; of a file that is missing here they are
            not known.
        reload: httpd is to be reloaded.
        wizard: for the wizard.
    """
    yield Piece("heading", _heading(change, wizard=wizard))
    for reason in _reasons(change):
        yield Piece("text", reason, "it repaired")
    for file in sorted(change.files, key=lambda file: file.before is None):
        yield Piece("text", _undone(file, counts.get(file.path)))
    then = ", and a graceful reload if that passes." if reload else ". httpd is not reloaded."
    yield Piece("note", f"httpd -t{then}", "then")


def finish(change: Change, *, wizard: bool = False) -> Iterator[Piece]:
    """What finishing an interrupted change does, before the question.

    Args:
        change: as the journal has it.
        wizard: for the wizard.
    """
    yield Piece("heading", _heading(change, wizard=wizard))
    for file in change.files:
        yield Piece("text", f"writes {printable(file.path)}")
    for reason in _reasons(change):
        yield Piece("text", reason, "it repairs")


def listed(change: Change, maker: Holder | None) -> Iterator[Piece]:
    """A change of the list.

    Args:
        change: as the journal has it.
        maker: who makes it just now; None: nobody does.
    """
    yield Piece("heading", f"{change.id}  {change.state}  {_made(change)}")
    if maker is not None:
        yield Piece("caution", under_way(maker))
    if change.config:
        yield Piece("text", printable(change.config), "configuration")
    for file in change.files:
        label = "new file" if file.before is None else "changed"
        yield Piece("text", printable(file.path), label)
    for reason in _reasons(change):
        yield Piece("text", reason, "repaired")


def _heading(change: Change, *, wizard: bool) -> str:
    made = moment(change.created) if wizard else _made(change)
    return f"change {change.id}, made {made}, {change.state}"


def _made(change: Change) -> str:
    """When it was made, as its id has it."""
    return printable(f"{datetime.fromisoformat(change.created):%Y-%m-%d %H:%M} UTC")


def _undone(file: ChangedFile, counts: tuple[int, int] | None) -> str:
    path = printable(file.path)
    if file.before is None:
        return f"deletes {path}"
    added, removed = counts or (0, 0)
    signs = " ".join(f"{sign}{count}" for count, sign in ((added, "+"), (removed, "-")) if count)
    return f"restores {path}   {signs}".rstrip()


def _reasons(change: Change) -> Iterator[str]:
    """What it repaired, each finding once: ``www.example.com / and 9 more: ca-not-configured``."""
    routes: dict[str, list[str]] = {}
    for reason in change.reasons:
        label, _, slug = reason.rpartition(": ")
        routes.setdefault(slug, []).append(label)
    for slug, labels in routes.items():
        yield f"{several(labels)}: {printable(slug)}" if any(labels) else printable(slug)


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
