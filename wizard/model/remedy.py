"""What one side can do about a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Where = Literal["config", "backend", "network", "ca"]

PLACES: Final[Mapping[Where, str]] = {
    "config": "in the configuration",
    "backend": "on the backend",
    "network": "in the network",
    "ca": "at the CA",
}
"""Where a remedy is applied, in words."""


class Remedy(NamedTuple):
    """What one side can do.

    Args:
        where: whose side it is.
        text: what to do.
        command: complete, to be pasted; None: there is none.
        looks: whether it only looks: it changes nothing, and can be run from anywhere.
        then: whether it follows the one before it; without, it is another way.
    """

    where: Where
    text: str
    command: str | None = None
    looks: bool = False
    then: bool = False

    @property
    def place(self) -> str:
        """Where it is applied, or that it only finds something out, in words."""
        return "to find out" if self.looks else PLACES[self.where]
