"""Each fault is there before, is named, and is gone after the patch; what is none stays silent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.answers.cases import cases
from tests.answers.judge import judged

CASES = cases()


@pytest.mark.parametrize("part", range(2))
def test_every_case(part: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own shut httpd's user out
        Path(name).chmod(0o755)
        wrong = judged(Path(name), CASES[part::2])
    assert not wrong, "\n".join(f"{name}: {'; '.join(said)}" for name, said in wrong.items())


def test_cases_are_told_apart() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert any(not case.is_fault for case in CASES)
