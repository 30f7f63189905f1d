"""Two constructs together: about 2,000 configurations, a test for each first one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.config.oracle.case import Case
from tests.config.oracle.compare import disagreements
from tests.config.oracle.pairs import ATOMS, WRAPPERS, beside, inside


def _all(root: Path, cases: Iterable[Case]) -> dict[str, list[str]]:
    """The cases that the two disagree on."""
    found = {}
    for case in cases:
        folder = root / "c"
        folder.mkdir()
        if texts := disagreements(folder, case):
            found[f"{case.name}: {case.text!r}"] = texts
        shutil.rmtree(folder)
    return found


@pytest.mark.parametrize("atom", ATOMS)
def test_beside_each_other(root: Path, atom: str) -> None:
    assert _all(root, beside(atom)) == {}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_inside_each_other(root: Path, wrapper: str) -> None:
    assert _all(root, inside(wrapper)) == {}
