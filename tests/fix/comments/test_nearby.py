"""Which comments stand at a line."""

from __future__ import annotations

from datetime import date

import pytest

from wizard.fix.comments import nearby
from wizard.fix.decide import temporary_exceptions
from wizard.fix.source.statements import SourceText


def around(text: str, *own: int) -> list[tuple[int, int, str, bool]]:
    """The comments round the lines ``own``."""
    found = nearby.around(SourceText(text.encode()), min(own), max(own), set(own))
    return [(one.first, one.last, one.text, one.direct) for one in found]


def test_above_and_below() -> None:
    text = "# one\n#  two\nSSLProxyVerify none\n# three\n\n# four\n"
    assert around(text, 3) == [(1, 2, "one two", True), (4, 4, "three", True)]


def test_a_blank_line_parts() -> None:
    assert around("# one\n\nSSLProxyVerify none\n\n# two\n", 3) == []


def test_a_block_is_headed() -> None:
    text = "# one\nSSLProxyEngine on\nSSLProxyVerify none\nSSLProxyCheckPeerName off\n"
    assert around(text, 3, 4) == [(1, 1, "one", True)]


def test_another_line_between_makes_it_less_sure() -> None:
    text = "# one\nProxyPreserveHost On\nSSLProxyVerify none\n"
    assert around(text, 3) == [(1, 1, "one", False)]


def test_another_matter_ends_it() -> None:
    text = "# one\nSSLCertificateFile x\nSSLProxyVerify none\nServerAlias y\n# two\n"
    assert around(text, 3) == []


@pytest.mark.parametrize(
    ("tag", "direct"), [("<Location /x>", True), ("<VirtualHost *:80>", False)]
)
def test_above_the_section(tag: str, direct: bool) -> None:
    assert around(f"# one\n{tag}\n    SSLProxyVerify none\n", 3) == [(1, 1, "one", direct)]


def test_a_closed_section_above_is_another_matter() -> None:
    text = "<Proxy *>\n# one\n</Proxy>\nSSLProxyVerify none\n"
    assert around(text, 4) == []


def test_what_stands_below_belongs_to_the_next_line() -> None:
    text = "SSLProxyVerify none\n# one\nProxyPass / https://b/\n# two\nServerAlias x\n"
    assert around(text, 1) == [(2, 2, "one", False)]


def test_between_two_lines() -> None:
    text = SourceText(b"# one\nProxyPass / https://b/\n")
    assert [one.text for one in nearby.around(text, 1, 0, ())] == ["one"]


def test_a_long_text_is_known_by_its_end() -> None:
    text = "".join(f"# {n}\n" for n in range(30)) + "SSLProxyVerify none\n"
    assert around(text, 31) == [(25, 30, "24 25 26 27 28 29", True)]


def test_what_announces_an_exception_is_nobody_s_comment() -> None:
    exception = temporary_exceptions.comment(
        date(2027, 1, 31), "ca-not-trusted", ["SSLProxyVerify none"]
    )
    text = f"# by hand\n{exception}\nSSLProxyVerify none\n"
    assert around(text, 3) == [(1, 2, "by hand", True)]


def test_bytes_that_are_no_utf_8() -> None:
    text = SourceText(b"# pr\xfcfen\nSSLProxyVerify none\n")
    assert [one.text for one in nearby.around(text, 2, 2, {2})] == ["pr\udcfcfen"]
