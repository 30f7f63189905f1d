"""Statements: where a directive's bytes are, and what a changed word leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.config.syntax.logical_lines import decode, encode
from wizard.config.syntax.words import argument, split_words, words_of
from wizard.fix.source.statements import SourceText, with_words

SITE = b"""\
# comment \\
SSLProxyEngine swallowed by the comment
<VirtualHost *:443>
\tServerName a
    <IfModule mod_ssl.c>
        SSLProxyVerify \\
            none
    </IfModule>
    <Location "/x">
      ProxyPass "https://h:8443/" retry=0
    </Location>
</VirtualHost>
Listen 80"""


def test_statements_know_their_lines_and_sections() -> None:
    text = SourceText(SITE)
    verify = text.at(7)
    assert verify is text.at(6)
    assert verify is not None
    assert (verify.first, verify.last, verify.name) == (6, 7, "sslproxyverify")
    assert [s.name for s in verify.sections] == ["virtualhost", "ifmodule"]
    assert [w.value for w in verify.words] == ["none"]
    vhost = text.at(3)
    assert vhost is not None
    assert (vhost.tag, vhost.end) == ("<", 12)
    assert text.at(1) is None
    assert text.at(2) is None
    last = text.at(13)
    assert last is not None
    assert text.line_end_of(last) == b""
    assert last.parent is None


def test_a_changed_word_keeps_quotes_indentation_and_the_rest() -> None:
    text = SourceText(SITE)
    passed = text.at(10)
    assert passed is not None
    assert (
        with_words(passed, {0: "https://n:8443/"}) == b'      ProxyPass "https://n:8443/" retry=0'
    )
    tag = text.at(9)
    assert tag is not None
    assert with_words(tag, {0: "/y"}) == b'    <Location "/y">'
    verify = text.at(7)
    assert verify is not None
    assert with_words(verify, {0: "require"}) == b"        SSLProxyVerify             require"
    assert with_words(verify, {-1: "SSLProxyVerifyDepth", 0: "2"}).split() == [
        b"SSLProxyVerifyDepth",
        b"2",
    ]


@pytest.mark.parametrize(
    ("flat", "written"),
    [
        ("a b", ["a", "b"]),
        ('"T"x', ['"T"', "x"]),
        ('a"b c"', ['a"b', 'c"']),
        ('"a b', ['"a b']),
        (r'"a\"b\\c" d', [r'"a\"b\\c"', "d"]),
        (" it's 'x' ", ["it's", "'x'"]),
        ('""', ['""']),
        ('"', ['"']),
        (" ", []),
    ],
)
def test_words_have_their_places(flat: str, written: list[str]) -> None:
    assert [flat[word.start : word.stop] for word in words_of(flat, 0, len(flat))] == written
    assert [word.value for word in words_of(flat, 0, len(flat))] == split_words(flat)


@settings(deadline=None)
@given(
    st.binary(max_size=12).filter(lambda b: b"\n" not in b).map(decode),
    st.sampled_from(["", '"', "'"]),
)
def test_an_argument_is_read_back_as_it_was(value: str, quote: str) -> None:
    assert split_words(argument(value, quote) + " next") == [value, "next"]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data: bytes) -> None:
    text = SourceText(data)
    assert b"".join(text.lines) == data
    for statement in text.statements:
        assert 1 <= statement.first <= statement.last <= len(text.lines)
        assert with_words(statement, {}) == encode(statement.flat)
        assert statement.end == 0 or statement.end > statement.last


def test_the_backslash_that_ends_a_file_continues_on_the_line_below() -> None:
    """httpd names the line behind the last one; what is edited is the last one."""
    text = SourceText(b"Listen 1\nSSLProxyEngine on \\\n")
    last = text.at(3)
    assert last is not None
    assert (last.first, last.last, last.flat) == (2, 2, "SSLProxyEngine on ")
