"""How far a run is."""

from __future__ import annotations

from wizard.model.probe import ProbeReport
from wizard.record import record


@record
class Progress:
    """How far a run is, and what it is at now.

    Args:
        done: backends or virtual hosts that it is through with.
        total: of them.
        now: what is known so far of the backend that it waits for longest, or the name of the
            virtual host that is rehearsed; None: it is through.
    """

    done: int
    total: int
    now: ProbeReport | str | None = None
