"""Whatever stands in a virtual host: after the patch each route serves strictly, or was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fix.random_sites import repair


@pytest.mark.parametrize("seed", range(1, 5))
def test_random_sites_are_repaired(roots: Path, seed: int) -> None:
    outcome = repair(roots, seed)
    assert list(outcome.faults()) == []
    assert len(outcome.after) >= 8
    served = sum(status == 200 for status in outcome.after.values())
    assert served >= 0.9 * len(outcome.after)
