"""Expressions: taken and refused as httpd does, in its words; hostile ones in bounded time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.checks import expressions
from tests.support.yardstick import bounded
from wizard.config.checks.expressions.grammar import refused


def test_random_expressions_are_judged_as_httpd_does(tmp_path: Path) -> None:
    names = expressions.known(tmp_path)
    assert list(expressions.disagreements(600, 2026, names, singles=40)) == []


def _nobody(_: str, __: str, ___: str | None) -> None:
    return None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        "!" * 200_000,
        "%{a:" * 50_000,
        "a(" * 50_000,
        "'" * 100_001,
        "true and " * 50_000,
        "'" + "%{A}" * 50_000 + "'",
        "m#" + "a" * 7_000,
        "{" * 1000,
        "\\" * 1000,
    ],
    ids=lambda text: text[:6],
)
def test_long_ones_end(text: str) -> None:
    with bounded(2):
        refused(text, _nobody)
        refused(text, _nobody, string=True)
