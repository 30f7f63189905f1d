"""How many routes are how well, in words and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.wording import entries

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.model.diagnosis import Report
    from wizard.wording.entries import State

STYLES: Mapping[State, str] = {
    "FAIL": "red",
    "UNKNOWN": "cyan",
    "WARN": "yellow",
    "SKIP": "cyan",
    "OK": "green",
}
_WORDS: Mapping[State, tuple[str, str]] = {
    "FAIL": ("fails", "fail"),
    "UNKNOWN": ("unknown", "unknown"),
    "WARN": ("with warnings", "with warnings"),
    "SKIP": ("not asked", "not asked"),
    "OK": ("works", "work"),
}
"""Of one route, and of more."""


def counts(report: Report, palette: Palette) -> str:
    """``12 routes: 3 fail, 9 work (0.4 s)``."""
    found = Counter(entries.state(one, probed=report.probed) for one in report.diagnoses)
    parts = [
        palette(f"{found[state]} {_WORDS[state][found[state] > 1]}", STYLES[state])
        for state in entries.ORDER
        if found[state]
    ]
    total = len(report.diagnoses)
    return f"{total} route{'s' * (total != 1)}: {', '.join(parts)} ({report.seconds:.1f} s)"
