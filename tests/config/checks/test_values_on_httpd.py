"""Values of arguments: httpd refuses the same lines, in the same words."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from tests.config.checks import values

_COUNT, _SEED = 240, 21


def test_values_are_refused_as_httpd_refuses_them(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    lab = values.Lab(tmp_path)
    differing: list[str] = []
    for group in values.draw(_COUNT, random.Random(_SEED)):
        differing += values.compare(lab, group, counts)
    assert not differing
    assert counts["refused by both"] > 80
    assert counts["accepted by both"] > 80


def test_a_difference_is_told(tmp_path: Path) -> None:
    """The comparison itself: what the one refuses and the other does not, both ways."""

    class Wrong(values.Lab):
        def predicted(self, cases: object) -> dict[int, str]:
            return {0: "never", 1: "other words"}

    lines = ("KeepAliveTimeout 5", "KeepAliveTimeout x", "ListenBacklog x", "MaxRanges 5")
    cases = [values.Case(line.split()[0], line, inside=False) for line in lines]
    counts: Counter[str] = Counter()
    told = list(values.compare(Wrong(tmp_path), cases, counts))
    assert len(told) == 3
    assert counts["refused without reason"] == 1
    assert counts["other words"] == 1
    assert counts["not seen"] == 1
    assert counts["accepted by both"] == 1
