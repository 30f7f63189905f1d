"""What is asked of one finding."""

from __future__ import annotations

from dataclasses import dataclass

from tests.findings.cases import Pair


@dataclass(frozen=True)
class Check:
    """One finding.

    Args:
        fires: must have it.
        near: must not.
        cause: it is the first finding, and critical.
        severity: what it has in ``fires``.
        says: words of its evidence, explanation or remedies.
    """

    fires: Pair
    near: Pair
    cause: bool = False
    severity: str = "critical"
    says: tuple[str, ...] = ()
