"""Dates, names and ALPN, checked once the handshake stands, as measured on httpd 2.4.71."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.verdict.samples import (
    NOW,
    expect,
    handshake,
    leaf,
    policy,
    probed,
    route,
    tls,
)
from wizard.model.diagnosis import Verdict
from wizard.verdict import predict

PAST = {"not_after": NOW}
FUTURE = {"not_before": NOW + timedelta(seconds=1)}


def shown(certificate: Any, url: str = "https://backend.internal/", **settings: Any) -> Verdict:
    own = policy(**{"verify": "none", **settings})
    return predict(probed(route(url, tls=own), tls=tls(chain=(certificate,))))


@pytest.mark.parametrize("dates", [PAST, FUTURE])
def test_dates(dates: dict[str, Any]) -> None:
    expect(shown(leaf(**dates)), "expiry", 500, *handshake("AH02004"))
    assert shown(leaf(**dates), check_peer_expire=False).outcome == "ok"


def test_dates_at_the_edge() -> None:
    assert shown(leaf(not_before=NOW, not_after=NOW + timedelta(seconds=1))).outcome == "ok"


def test_dates_and_name_are_both_logged() -> None:
    verdict = shown(leaf(**PAST), "https://other.internal/")
    expect(verdict, "expiry", 500, *handshake("AH02004", "AH02411"))


def test_name() -> None:
    verdict = shown(leaf(), "https://other.internal/")
    expect(verdict, "name", 500, *handshake("AH02411"))
    assert "other.internal" in verdict.reason


@pytest.mark.parametrize(
    "settings",
    [{"check_peer_name": False}, {"check_peer_cn": False}],
)
def test_name_not_checked(settings: dict[str, bool]) -> None:
    assert shown(leaf(), "https://other.internal/", **settings).outcome == "ok"


def test_name_checked_in_spite_of_cn_off() -> None:
    verdict = shown(leaf(), "https://x.internal/", check_peer_name=True, check_peer_cn=False)
    expect(verdict, "name", 500, *handshake("AH02411"))


@pytest.mark.parametrize(
    ("names", "wanted", "good"),
    [
        (("backend.internal",), "backend.internal", True),
        (("x", "backend.internal"), "backend.internal", False),
        (("*.internal",), "backend.internal", True),
        (("*.internal",), "a.backend.internal", False),
        ((), "backend.internal", False),
    ],
)
def test_first_common_name_alone(names: tuple[str, ...], wanted: str, good: bool) -> None:
    settings = {"check_peer_name": False, "check_peer_cn": True}
    certificate = leaf(common_names=names, dns_names=("backend.internal",))
    verdict = shown(certificate, f"https://{wanted}/", **settings)
    if good:
        assert verdict.outcome == "ok"
    else:
        expect(verdict, "name", 500, *handshake("AH02005"))


def test_address_needs_a_common_name() -> None:
    by_san = leaf(ip_addresses=("10.0.0.5",))
    assert shown(by_san, "https://10.0.0.5/").stage == "name"
    assert shown(leaf(common_names=("10.0.0.5",)), "https://10.0.0.5/").outcome == "ok"


def test_client_certificate_is_asked_for_before_the_name_is_checked() -> None:
    asked = tls(client_certificate_requested=True)
    verdict = predict(probed(route("https://other.internal/"), tls=asked))
    expect(verdict, "name", 500, *handshake("AH02268", "AH02411"))


def test_http2_not_offered() -> None:
    verdict = predict(probed(route("h2://backend.internal/"), tls=tls(alpn=None)))
    once = ("AH01964", "AH10273", "AH01998", "AH01997")
    expect(verdict, "tls", 503, *once, *once)
    assert predict(probed(route("h2://backend.internal/"), tls=tls(alpn="h2"))).outcome == "ok"


def test_name_and_http2() -> None:
    verdict = predict(probed(route("h2://other.internal/"), tls=tls()))
    once = ("AH01964", "AH02411", "AH10273", "AH01998", "AH01997")
    expect(verdict, "name", 503, *once, *once)


def test_unreadable_certificate_is_unknown() -> None:
    assert shown(leaf(error="bad DER")).outcome == "unknown"
