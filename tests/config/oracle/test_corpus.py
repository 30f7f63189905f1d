"""The reader's tree, refusals and warnings are httpd's, construct by construct."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.oracle.case import Case
from tests.config.oracle.compare import disagreements
from tests.config.oracle.corpus import CASES


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{group}/{case.name}") for group, case in CASES]
)
def test_construct(root: Path, case: Case) -> None:
    assert disagreements(root, case) == []
