"""Words and numbers as C reads them."""

from __future__ import annotations

import pytest

from wizard.config.syntax.words import atoi


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        (" \t+7x", 7),
        ("-3 4", -3),
        ("", 0),
        ("none", 0),
        ("- 3", 0),
        ("\u00a05", 0),  # a blank of Unicode is an ordinary byte
        ("2147483648", -(2**31)),
        ("4294967297", 1),
        ("9" * 5000, -1),
        ("-" + "9" * 5000, 0),
    ],
)
def test_a_number_is_what_glibc_makes_of_it(text: str, value: int) -> None:
    assert atoi(text) == value
