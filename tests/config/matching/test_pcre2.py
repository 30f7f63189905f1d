"""Expressions that the reader believes to understand, asked of the PCRE2 that httpd loads."""

from __future__ import annotations

import ctypes

from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.config.matching.patterns import compile_regex, refused_by_pcre

PCRE2 = ctypes.CDLL("libpcre2-8.so.0")
PCRE2.pcre2_compile_8.restype = ctypes.c_void_p
PCRE2.pcre2_match_data_create_from_pattern_8.restype = ctypes.c_void_p
PATTERNS = st.text("a/{}12, \t*+?|()^$", max_size=9)
PATHS = st.text("a/{}12, ", max_size=6)
_NO_MATCH = -1


def search(pattern: str, text: str) -> bool | None:
    """Whether PCRE2 finds the pattern in the text; None if it cannot compile it."""
    error, offset = ctypes.c_int(), ctypes.c_size_t()
    code = PCRE2.pcre2_compile_8(
        pattern.encode(), ctypes.c_size_t(len(pattern)), ctypes.c_uint32(0),
        ctypes.byref(error), ctypes.byref(offset), None,
    )  # fmt: skip
    if code is None:
        return None
    compiled = ctypes.c_void_p(code)
    found = ctypes.c_void_p(PCRE2.pcre2_match_data_create_from_pattern_8(compiled, None))
    result: int = PCRE2.pcre2_match_8(
        compiled, text.encode(), ctypes.c_size_t(len(text)), ctypes.c_size_t(0),
        ctypes.c_uint32(0), found, None,
    )  # fmt: skip
    PCRE2.pcre2_match_data_free_8(found)
    PCRE2.pcre2_code_free_8(compiled)
    assert result >= _NO_MATCH
    return result > _NO_MATCH


def test_pcre2_is_asked() -> None:
    assert search("^/a{2}$", "/aa") is True
    assert search("^/a{2}$", "/a") is False
    assert search("(", "") is None


@settings(deadline=None)
@given(PATTERNS, PATHS)
def test_what_is_understood_matches_as_in_pcre2(pattern: str, path: str) -> None:
    regex = compile_regex(pattern)
    theirs = search(pattern, path)
    if regex is not None:
        assert theirs == (regex.search(path) is not None)
    if refused_by_pcre(pattern):
        assert theirs is None
