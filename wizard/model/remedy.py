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
    """What one side can do. ``command`` is complete and can be pasted, or None."""

    where: Where
    text: str
    command: str | None = None
