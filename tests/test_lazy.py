"""Expressions that wait to be compiled."""

from __future__ import annotations

import re

import pytest

from wizard.lazy import pattern


def test_a_lazy_pattern_finds_what_a_compiled_one_finds() -> None:
    lazy, compiled = pattern(r"ah(\d+)", re.IGNORECASE), re.compile(r"ah(\d+)", re.IGNORECASE)
    for text in ("AH01144: x", "nothing", "ah1 ah2"):
        for _ in range(2):
            assert lazy.findall(text) == compiled.findall(text)
            assert bool(lazy.search(text)) == bool(compiled.search(text))
    assert lazy.pattern == compiled.pattern


def test_it_is_compiled_at_its_first_use() -> None:
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("")
