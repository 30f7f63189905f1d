"""A change in words: its steps, and what the running server answers afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from wizard.model.change import WAIT, Command, Deployed, DeployStep, Holder
from wizard.text import printable
from wizard.wording.pieces import Piece

STEPS: Final[Mapping[DeployStep, str]] = {
    "start": "rehearsing the start of the whole configuration",
    "write": "writing",
    "test": "configtest",
    "reload": "graceful reload",
    "look": "asking the running server",
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


def deployed(done: Deployed) -> Iterator[Piece]:
    """What was not done, and the running server's answers."""
    for note in done.notes:
        yield Piece("caution", printable(note))
    for look in done.looks:
        answer = look.error if look.status is None else look.status
        where = f"{look.address} port {look.port}"
        told = f"the running server ({where}) answers {look.route.id.label}: {answer}"
        yield Piece("text", printable(told))
