"""Each fault is there before, is named, and is gone after the patch; what is none stays silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answers.cases import cases
from tests.answers.judge import judged
from tests.config.routing.lab import directory

CASES = cases()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return directory(tmp_path_factory)


@pytest.mark.parametrize("part", range(2))
def test_every_case(part: int, place: Path) -> None:
    (place / str(part)).mkdir(mode=0o755)
    wrong = judged(place / str(part), CASES[part::2])
    assert not wrong, "\n".join(f"{name}: {'; '.join(said)}" for name, said in wrong.items())


def test_cases_are_told_apart() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert any(not case.is_fault for case in CASES)
