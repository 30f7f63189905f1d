"""What one side can do about a fault."""

from __future__ import annotations

from typing import Literal

from wizard.model.record import record

Where = Literal["config", "backend", "network", "ca"]


@record
class Remedy:
    """What one side can do. ``command`` is complete and can be pasted, or None."""

    where: Where
    text: str
    command: str | None = None
