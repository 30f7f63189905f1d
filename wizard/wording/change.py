"""A change in words: its steps, and what the running server answers afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from wizard.model.change import Deployed, DeployStep
from wizard.text import printable
from wizard.wording.pieces import Piece

STEPS: Final[Mapping[DeployStep, str]] = {
    "start": "rehearsing the start of the whole configuration",
    "write": "writing",
    "test": "configtest",
    "reload": "graceful reload",
    "look": "asking the running server",
}


def deployed(done: Deployed) -> Iterator[Piece]:
    """What was not done, and the running server's answers."""
    for note in done.notes:
        yield Piece("caution", printable(note))
    for look in done.looks:
        answer = look.error if look.status is None else look.status
        where = f"{look.address} port {look.port}"
        told = f"the running server ({where}) answers {look.route.id.label}: {answer}"
        yield Piece("text", printable(told))
