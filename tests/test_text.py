"""What is shown stands in its own cells: marks, blanks and signs that would move others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from screens.terminal.sanitize import Sanitizer
from wizard.text import MARKS, escaped

ACUTE = "\u0301"


@pytest.mark.parametrize(
    "text",
    [
        "a\u200db",  # zero-width joiner
        "\u2764\ufe0f",  # a variation selector
        "\U000e0101",
        "a\u034fb",  # combining grapheme joiner
        "a\u00adb",  # soft hyphen
        "\u202eabc",  # bidi marks
        "\u2066abc",
        "\u061cabc",
        "\U000e0041",  # a tag
        "\ue000",  # private use
        "\U0010fffd",
        "\U000e0fff",  # unassigned
        "\u0378",
        "\u3164",  # Hangul filler
        "\u115f",
        "\uffa0",
        "\u17b4",
        "\u180b",
        "\u2800",
        "\u3000",  # blanks
        "\u00a0",
        "\u2028",
        "a\u20dd",  # a circle around it
        "\U0001f1e9\U0001f1ea",  # a flag
        "\U0001f44d\U0001f3fd",  # a colour of skin
        "\ufdfd",  # a sentence in one letter
        "\u2e3b",  # a dash of three
        "\t",
        "\x1b[2J",
        "\x9b2J",
        "\udcff",
        f" {ACUTE}",  # a mark on nothing
        f"→{ACUTE}",
    ],
)
def test_what_moves_others_is_escaped(text: str) -> None:
    shown = escaped(text)
    assert "\\" in shown
    assert cell_len(shown) == sum(map(cell_len, shown))
    harmful = [char for char in text if not (char.isascii() or char in "→👍❤")]
    assert not set(harmful) & set(shown)


def test_a_pile_of_marks_ends() -> None:
    assert escaped("e" + ACUTE * 8) == "e" + ACUTE * MARKS + r"\u0301" * 3
    jamo = "\u1100" + "\u1161" * 8
    assert escaped(jamo) == jamo[: MARKS + 1] + r"\u1161" * 3
    assert escaped(ACUTE) == r"\u0301"


def strings(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield unicodedata.normalize("NFC", found)
    elif isinstance(found, dict):
        for value in found.values():
            yield from strings(value)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from strings(value)


def longest_pile(name: str) -> int:
    kinds = "".join(unicodedata.category(char)[0] for char in name)
    return max(map(len, re.findall("M+", kinds)), default=0)


def test_names_in_every_language_stay() -> None:
    """Of countries, languages and scripts, as CLDR has them in each language."""
    names = set()
    for locale in localedata.locale_identifiers():
        data = localedata.load(locale)
        names |= set(strings([data[key] for key in ("territories", "languages", "scripts")]))
    assert len(names) > 50_000
    assert max(map(longest_pile, names)) < MARKS
    for name in ("လျှို့ဝှက်", "Nguyễn Thị Huyền", "བསྒྲུབས", "שָּׁ֖בַת", "กำลัง", "대한민국"):
        assert longest_pile(name) <= MARKS
        assert escaped(name) == name
        assert "\\" not in escaped(unicodedata.normalize("NFD", name))


@given(st.text())
def test_the_last_filter_keeps_every_cell(text: str) -> None:
    for ascii_only in (False, True):
        (shown,) = Sanitizer(ascii_only).apply([Segment(text)], Color(0, 0, 0))
        assert cell_len(shown.text) == cell_len(text)
        assert shown.text.isprintable()
        assert not ascii_only or shown.text.isascii()


def test_the_last_filter_lets_no_pile_pass() -> None:
    text = "e" + ACUTE * 50 + "│ \u2764\ufe0f"
    (shown,) = Sanitizer(ascii_only=False).apply([Segment(text)], Color(0, 0, 0))
    assert shown.text.count(ACUTE) == MARKS
    assert "\ufe0f" not in shown.text
    assert cell_len(shown.text) == cell_len(text)
