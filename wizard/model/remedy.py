"""What one side can do about a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = Literal["config", "backend", "network", "ca"]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What one side can do. ``command`` is complete and can be pasted, or None."""

    where: Where
    text: str
    command: str | None = None
