"""Logs of releases and systems that are not at hand, as their sources write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.logs import explain
from wizard.model.explanation import Explanation

DATA = Path(__file__).parent / "data"


def explained(name: str) -> Explanation:
    return explain((DATA / name).read_text().splitlines())


@pytest.mark.parametrize(
    ("name", "slug", "codes"),
    [
        ("httpd22.log", "connection-refused", {"AH00957", "AH00959"}),
        ("httpd22-verify.log", "ca-not-trusted", {"AH02039", "AH02003", "AH01084", "AH00898"}),
        ("selinux.log", "connection-not-permitted", {"AH00957", "AH01114"}),
        ("windows.log", "connection-refused", {"AH00957", "AH01114"}),
        ("openssl11.log", "issuer-not-a-ca", {"AH02276", "AH02003"}),
        ("stale.log", "stale-pooled-connection", {"AH01102", "AH00898"}),
    ],
)
def test_cause(name: str, slug: str, codes: set[str]):
    explanation = explained(name)
    assert explanation.causes[0].slug == slug
    assert {line.code for line in explanation.lines if line.code} == codes
    assert explanation.hidden is None


def test_22_has_no_log_level_of_modules():
    hidden = explained("httpd22-hidden.log").hidden
    assert hidden is not None
    assert "`LogLevel info`" in hidden
    assert "ssl:info" not in hidden


def test_a_browsers_failed_handshake_is_no_fault_of_a_backend():
    explanation = explained("front.log")
    assert explanation.causes == ()
    assert explanation.hidden is None
    assert not [line for line in explanation.lines if line.slugs]


def test_access_logs_are_not_read():
    assert explained("access.log") == Explanation(lines_read=2)


def test_what_clients_write_into_a_line_is_not_believed():
    explanation = explained("spoofed.log")
    assert [line.code for line in explanation.lines] == ["AH00126"]
    assert explanation.causes == ()


def test_the_number_of_another_openssl_counts_less_than_its_text():
    line = explained("openssl11.log").lines[0]
    assert line.openssl == 79  # 24 in OpenSSL 1.1
