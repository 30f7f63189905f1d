"""Whose rules hold, in words, and which of them are uncertain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.model.config import Configuration
from wizard.model.httpd_info import HttpdInfo
from wizard.reference import backports
from wizard.reference.behaviours import BEHAVIOURS
from wizard.reference.release import NEWEST, Release, dotted
from wizard.wording import installed

KNOWN = HttpdInfo("2.4.71", "/usr/sbin/apache2", (), "3.0.19", found="which runs with it (pid 812)")
NEWEST_HTTPD = dotted(NEWEST.httpd)


def test_the_first_line() -> None:
    configuration = Configuration(
        "/etc/apache2/apache2.conf", "/etc/apache2", "debian", KNOWN, (), ()
    )
    assert installed.headline(configuration) == (
        "/etc/apache2/apache2.conf (debian layout): "
        "httpd 2.4.71 with OpenSSL 3.0.19, which runs with it (pid 812)"
    )
    assert list(installed.notes(KNOWN)) == []
    assert installed.short(KNOWN) == "httpd 2.4.71, OpenSSL 3.0.19"


def test_what_is_assumed_is_said() -> None:
    httpd = HttpdInfo(unasked="No program was asked, as the operator wishes.")
    assert httpd.assumed
    openssl = dotted(NEWEST.openssl)
    assert installed.rules(httpd) == (
        f"httpd {NEWEST_HTTPD} with OpenSSL {openssl} is assumed, the newest known"
    )
    first, second = installed.notes(httpd)
    assert first == httpd.unasked
    assert "--httpd FILE" in second
    assert installed.short(httpd) == f"httpd {NEWEST_HTTPD}, OpenSSL {openssl} (assumed)"


def test_an_openssl_that_cannot_be_told_is_assumed() -> None:
    httpd = replace(KNOWN, openssl=None)
    assert f"OpenSSL {dotted(NEWEST.openssl)} (assumed)," in installed.rules(httpd)


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("2.4.29", "is older than 2.4.37"),
        ("2.4.36", "is older than 2.4.37"),
        ("2.4.37", None),
        (NEWEST_HTTPD, None),
        ("2.4.999", f"is newer than {NEWEST_HTTPD}"),
        ("2.5.1", f"is newer than {NEWEST_HTTPD}"),
    ],
)
def test_old_and_new_releases_give_a_note(version: str, says: str | None) -> None:
    notes = list(installed.notes(replace(KNOWN, version=version)))
    assert len(notes) == (says is not None)
    assert says is None or says in notes[0]


def test_what_comes_from_outside_is_shown_harmless() -> None:
    httpd = HttpdInfo("2.4.71", found="which PATH has (/a\x1b[2J)", unasked="b\x1b[2J.")
    assert "\x1b" not in installed.rules(httpd) + "".join(installed.notes(httpd))


@pytest.mark.parametrize(
    ("description", "takes"),
    [
        ("Apache/2.4.37 (Red Hat Enterprise Linux)", True),
        ("Apache/2.4.57 (Red Hat Enterprise Linux) OpenSSL/3.0.7", True),
        ("Apache/2.4.37 (centos)", True),
        ("Apache/2.4.62 (CentOS Stream)", True),
        ("Apache/2.4.62 (Rocky Linux)", True),
        ("Apache/2.4.62 (AlmaLinux)", True),
        ("Apache/2.4.37 (Oracle Linux Server)", True),
        ("Apache/2.4.51 (Linux/SUSE)", True),
        ("Apache/2.4.62 (Fedora Linux)", False),
        ("Apache/2.4.62 (Amazon Linux)", False),
        ("Apache/2.4.58 (Ubuntu)", False),
        ("Apache/2.4.71 (Debian)", False),
        ("Apache/2.4.37 (Unix)", False),
        ("Apache/2.4.37", False),
    ],
)
def test_whose_releases_carry_backports(description: str, takes: bool) -> None:
    assert backports.known(description) is takes


def test_what_backports_make_uncertain() -> None:
    """What changed after the release's own number, and by the newest."""
    own = Release((2, 4, 37), (1, 1, 1))
    assert backports.uncertain(own) == ()
    found = backports.uncertain(own._replace(backports=True))
    assert "handshake-failure-is-502" in found
    assert backports.uncertain(Release(NEWEST.httpd, (3, 0, 7), backports=True)) == ()
    httpd = HttpdInfo("2.4.37", openssl="1.1.1k", backports=True)
    first, second = installed.notes(httpd)
    assert "takes changes of later releases into httpd 2.4.37" in first
    assert all(BEHAVIOURS[name].title in second for name in found)
    newest = replace(httpd, version=NEWEST_HTTPD)
    assert len(list(installed.notes(newest))) == 1
