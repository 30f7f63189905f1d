"""In which releases httpd behaves how: each border as it was measured or stands in its history."""

from __future__ import annotations

import pytest

from wizard.reference import behaviours
from wizard.reference.behaviours import BEHAVIOURS, Behaviour
from wizard.reference.release import NEWEST, Release, Version

HTTPD: dict[Behaviour, tuple[Version | None, Version]] = {
    "handshake-failure-is-502": (None, (2, 4, 37)),
    "dns-failure-is-502": (None, (2, 4, 58)),
    "ocsp-for-backends": (None, (2, 4, 41)),
    "ocsp-by-default": ((2, 4, 34), (2, 4, 41)),
    "machine-file-needs-keys": (None, (2, 4, 58)),
    "alpn-unchecked": (None, (2, 4, 48)),
    "http2-retries-any-failure": (None, (2, 4, 38)),
    "http2-without-engine-is-503": ((2, 4, 58), (2, 4, 63)),
    "http2-tries-five-times": (None, (2, 4, 46)),
    "websocket-tunnel-only": (None, (2, 4, 46)),
    "wss-without-name": (None, (2, 4, 39)),
    "broken-head-unlogged": (None, (2, 4, 54)),
    "httpd-without-tls-1.3": (None, (2, 4, 35)),
}
OPENSSL: dict[Behaviour, tuple[Version | None, Version | None]] = {
    "openssl-without-tls-1.3": (None, (1, 1, 0)),
    "pkcs8-key-unread": (None, (1, 1, 1)),
    "openssl-1-words": (None, (1, 1, 1)),
    "invalid-ca-is-24": (None, (1, 1, 1)),
    "old-signatures-accepted": (None, (1, 1, 1)),
    "legacy-servers-accepted": (None, (1, 1, 1)),
    "old-versions-offered": (None, (3, 4, 99)),
    "self-signed-needs-crl": (None, (3, 5, 99)),
    "alerts-of-ssl-and-tls": ((3, 2, 0), None),
    "error-9-names-the-clock": ((3, 6, 0), None),
    "finite-field-groups": ((3, 0, 0), None),
    "post-quantum-groups": ((3, 5, 0), None),
    "brainpool-signatures": ((3, 2, 0), None),
    "post-quantum-signatures": ((3, 5, 0), None),
}


def before(version: Version) -> Version:
    return (version[0], version[1], version[2] - 1) if version[2] else (version[0] - 1, 99, 99)


def after(version: Version) -> Version:
    return version[0], version[1], version[2] + 1


@pytest.mark.parametrize("behaviour", HTTPD)
def test_holds_from_the_first_release_to_the_last_of_httpd(behaviour: Behaviour) -> None:
    since, until = HTTPD[behaviour]
    expected = {until: True, after(until): False}
    if since is not None:
        expected |= {since: True, before(since): False}
    for version, held in expected.items():
        for openssl in ((1, 1, 1), (3, 0, 19)):
            assert behaviours.holds(behaviour, Release(version, openssl)) is held


@pytest.mark.parametrize("behaviour", OPENSSL)
def test_holds_from_the_first_release_to_the_last_of_openssl(behaviour: Behaviour) -> None:
    since, until = OPENSSL[behaviour]
    expected: dict[tuple[int, int, int], bool] = {}
    if until is not None:
        expected |= {until: True, after(until): False}
    if since is not None:
        expected |= {since: True, before(since): False}
    for version, held in expected.items():
        assert behaviours.holds(behaviour, Release((2, 4, 37), version)) is held


def test_every_row_is_measured_here() -> None:
    assert {*HTTPD, *OPENSSL} == {*BEHAVIOURS}


def test_a_row_says_what_ended_it() -> None:
    for row in BEHAVIOURS.values():
        assert row.title
        assert bool(row.change) == (row.of == "httpd")


def test_of_the_newest_httpd_nothing_old_is_said() -> None:
    assert [
        name for name, row in BEHAVIOURS.items() if row.of == "httpd" and row.covers(NEWEST)
    ] == []
