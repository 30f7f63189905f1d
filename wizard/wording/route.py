"""Routes in words."""

from __future__ import annotations

from collections.abc import Iterable

from wizard.text import printable

_LONGEST = 200
"""Characters of a label."""


def several(labels: Iterable[str]) -> str:
    """The first of some routes, and how many more there are: ``www.example.com / and 9 more``.

    Args:
        labels: ``RouteId.label`` of each, one at least; routes may share one.
    """
    first, *others = dict.fromkeys(labels)
    return (
        f"{printable(first, _LONGEST)} and {len(others)} more"
        if others
        else printable(first, _LONGEST)
    )
