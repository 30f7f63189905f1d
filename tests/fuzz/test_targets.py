"""A moment of fuzzing in every run: the seeds, what was found before, and a few mutations."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import seeds, targets
from tests.support.yardstick import bounded

SECONDS = 5
"""Of processor time for one input: the editor takes 2.4 for a line of half a million words, and no
other input takes 0.2."""
EXAMPLES = {"configuration": 250, "log": 400, "certificates": 300, "patch": 60, "statements": 400}


def run(target: str, data: bytes) -> None:
    with bounded(SECONDS):
        targets.TARGETS[target](data)


@pytest.mark.parametrize("target", targets.TARGETS)
def test_seeds(target: str) -> None:
    for data in seeds.of(target):
        run(target, data)


@st.composite
def mutations(draw: st.DrawFn, target: str) -> bytes:
    """A seed of which pieces are replaced by words, bytes or pieces of other seeds."""
    known = st.sampled_from(seeds.of(target))
    words = st.sampled_from(seeds.dictionary(target))
    data = draw(known)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(words, st.binary(max_size=4), known.map(lambda d: d[:200])))
        data = data[:start] + piece + data[stop:]
    return data[: targets.LARGEST]


@pytest.mark.parametrize("target", targets.TARGETS)
def test_mutations(target: str) -> None:
    @settings(
        max_examples=EXAMPLES[target],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(mutations(target))
    def one(data: bytes) -> None:
        run(target, data)

    one()
