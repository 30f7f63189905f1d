"""What the catalogue of findings says about a cause without knowing the route."""

from __future__ import annotations

from wizard.findings import CATALOGUE
from wizard.model.diagnosis import Remedy


def explanation(slug: str) -> str:
    """What the cause is, in plain words."""
    rule = CATALOGUE.get(slug)
    return f"{rule.title}." if rule is not None else ""


def of(slug: str) -> tuple[Remedy, ...]:
    """What can be done about it."""
    del slug
    return ()
