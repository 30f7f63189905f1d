"""Statements: where a directive's bytes are, and what a changed word leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.config.syntax.words import argument
from wizard.fix.source.statements import SourceText, split, with_words

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
    assert [w.value for w in verify.words] == [b"none"]
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
    ("flat", "words"),
    [
        (b"a b", [b"a", b"b"]),
        (b'"T"x', [b"T", b"x"]),
        (b'a"b c"', [b'a"b', b'c"']),
        (b'"a b', [b"a b"]),
        (rb'"a\"b\\c\n"', [rb'a"b\c\n']),
        (rb"a\\b\ c", [rb"a\b" + b"\\", b"c"]),
        (b"it's", [b"it's"]),
        (b"a\x0bb\x0cc\rd", [b"a", b"b", b"c", b"d"]),
        (b"a\xa0b", [b"a\xa0b"]),
        (b'""', [b""]),
        (b"", []),
        (b'"', [b""]),
    ],
)
def test_words_are_split_as_httpd_splits_them(flat: bytes, words: list[bytes]) -> None:
    assert [w.value for w in split(flat, 0, len(flat))] == words


@settings(deadline=None)
@given(st.binary(max_size=12).filter(lambda b: b"\n" not in b), st.sampled_from([b"", b'"', b"'"]))
def test_an_argument_is_read_back_as_it_was(value: bytes, quote: bytes) -> None:
    written = argument(value, quote) + b" next"
    assert [w.value for w in split(written, 0, len(written))] == [value, b"next"]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data: bytes) -> None:
    text = SourceText(data)
    assert b"".join(text.lines) == data
    for statement in text.statements:
        assert 1 <= statement.first <= statement.last <= len(text.lines)
        assert with_words(statement, {}) == statement.flat
        assert statement.end == 0 or statement.end > statement.last
