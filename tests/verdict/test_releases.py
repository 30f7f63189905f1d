"""What older releases of httpd and OpenSSL do otherwise: each value as measured on that release.

Their sources are in no registry: here they are plain values, asked of the real thing once
(``python -m tests.oracle --httpd PATH``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.samples import (
    MODULES,
    VHOST,
    WARN,
    at,
    backend,
    case,
    expect,
    failing,
    leaf,
    on,
    policy,
    probed,
    report,
    route,
    tls,
    unanswered,
    unfinished,
)
from wizard.model.certificate import Certificate
from wizard.model.config import Route
from wizard.model.diagnosis import Case, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import DnsResult, TcpAttempt, TcpResult, TlsResult, VerifyEvent
from wizard.reference.openssl import library_error
from wizard.verdict import ocsp, predict

WITH_TUNNEL = (*MODULES, "proxy_wstunnel_module")
NOBODY = DnsResult((), 0.1, "not-found")
REFUSED = TcpResult(None, 8443, 0.1, (TcpAttempt("10.0.0.5", 0.1, "refused"),), "refused")
HANDSHAKE_37 = ("AH01998", "AH01997", "AH01102", "AH00898")
CHECKED_37 = ("AH01998", "AH01084", "AH00898", "AH01097")
ALERT_40 = unfinished("alert", alert=40)
WSS = "wss://backend.internal:8443/"
WS = "ws://backend.internal:8443/"
H2 = "h2://backend.internal:8443/"
RESPONDER = "http://ocsp.corp.example/"


def old(of: Case, httpd: str, openssl: str = "3.0.19", modules: Any = MODULES) -> Verdict:
    """What an httpd does with a case."""
    return predict(replace(of, httpd=HttpdInfo(httpd, None, modules, openssl)))


def library(verdict: Verdict) -> list[str]:
    return [line.text.partition(": ")[2] for line in verdict.log if line.code is None]


@pytest.mark.parametrize("release", ["2.4.29", "2.4.37"])
@pytest.mark.parametrize(
    ("shook", "stage", "causes"),
    [
        (tls(events=(failing(20),)), "verify", ("AH02276", "AH02003")),
        (tls(events=(VerifyEvent(True, 0, 2),)), "verify", ("AH02040", "AH02003")),
        (ALERT_40, "tls", ("AH02003",)),
        (unfinished("not-tls"), "tls", ("AH02003",)),
        (unfinished("reset"), "tls", ("AH02003",)),
        (unfinished("timeout"), "tls", ("AH02003",)),
    ],
)
def test_a_failed_handshake_until_2437(
    release: str, shook: TlsResult, stage: str, causes: tuple[str, ...]
) -> None:
    of = probed(tls=shook)
    verdict = old(of, release)
    expect(verdict, stage, 502, "AH01964", *causes, *HANDSHAKE_37)
    assert verdict.log[-1].text.startswith("Error reading from remote server")
    newer = old(of, "2.4.38")
    assert (newer.status, newer.ah_codes[-3:]) == (500, ("AH01084", "AH00898", "AH01097"))


def test_a_failed_handshake_until_2437_at_level_warn() -> None:
    verdict = old(probed(at(WARN), tls=tls(events=(failing(20),))), "2.4.37")
    assert verdict.ah_codes_at_log_level == ("AH02039", "AH01102", "AH00898")


@pytest.mark.parametrize("release", ["2.4.29", "2.4.37"])
@pytest.mark.parametrize(
    ("fields", "settings", "stage", "code"),
    [
        ({"dns_names": ("other.internal",), "common_names": ()}, {}, "name", "AH02411"),
        (
            {"common_names": ("other.internal",)},
            {"check_peer_name": False, "check_peer_cn": True},
            "name",
            "AH02005",
        ),
        ({"not_after": leaf().not_before}, {"verify": "none"}, "expiry", "AH02004"),
    ],
)
def test_what_is_checked_after_the_handshake_is_500_in_every_release(
    release: str, fields: dict[str, Any], settings: dict[str, Any], stage: str, code: str
) -> None:
    of = probed(route(tls=policy(**settings)), tls=tls(chain=(leaf(**fields),)))
    expect(old(of, release), stage, 500, "AH01964", code, *CHECKED_37)
    newer = ("AH01964", code, "AH01998", "AH01997", "AH01084", "AH00898", "AH01097")
    expect(old(of, "2.4.38"), stage, 500, *newer)


@pytest.mark.parametrize(("release", "status"), [("2.4.29", 502), ("2.4.58", 502), ("2.4.59", 500)])
def test_a_name_without_address(release: str, status: int) -> None:
    expect(old(probed(dns=NOBODY, tcp=None), release), "dns", status, "AH00898")
    slashless = route("https://backend.internal:8443", request_url="https://backend.internal:8443x")
    expect(old(case(slashless), release), "dns", status, "AH00898")


@pytest.mark.parametrize("release", ["2.4.29", "2.4.71"])
def test_a_name_without_address_over_http2_is_503_in_every_release(release: str) -> None:
    expect(old(probed(route(H2), dns=NOBODY, tcp=None), release), "dns", 503, "AH00898")


@pytest.mark.parametrize(("release", "times"), [("2.4.37", 5), ("2.4.46", 5), ("2.4.47", 2)])
def test_http2_tries_again(release: str, times: int) -> None:
    attempt = ("AH01964", "AH02276", "AH02003", "AH01998", "AH01997")
    verdict = old(probed(route(H2), tls=tls(alpn="h2", events=(failing(20),))), release)
    expect(verdict, "verify", 503, *attempt * times)


@pytest.mark.parametrize(
    ("release", "status", "times"),
    [
        ("2.4.37", 503, 5),
        ("2.4.38", 503, 5),
        ("2.4.39", 500, 1),
        ("2.4.57", 500, 1),
        ("2.4.58", 503, 1),
        ("2.4.69", 500, 1),
    ],
)
def test_http2_without_engine(release: str, status: int, times: int) -> None:
    of = probed(route(H2, tls=policy(engine=False)), tls=None, http=None)
    expect(old(of, release), "route", status, *("AH01961", "AH00961") * times)


def test_alpn_is_not_checked_until_2448() -> None:
    of = probed(route(H2), tls=tls(alpn=None), http=unanswered("not-http", first="HTTP/1.1 400"))
    expect(old(of, "2.4.37"), "http", 503, *("AH01964",) * 5)
    expect(old(of, "2.4.48"), "http", 503, *("AH01964",) * 2)
    attempt = ("AH01964", "AH10273", "AH01998", "AH01997")
    expect(old(of, "2.4.49"), "tls", 503, *attempt * 2)


@pytest.mark.parametrize(("release", "codes"), [("2.4.54", ()), ("2.4.55", ("AH10404",))])
def test_a_broken_head(release: str, codes: tuple[str, ...]) -> None:
    broken = unanswered("closed", first="HTTP/1.1 200 OK\r\nX: y", close_notify=True)
    of = probed(http=broken)
    expect(old(of, release), "http", 502, "AH01964", *codes, "AH01106")


# WebSocket: an upgrade, through mod_proxy_wstunnel


@pytest.mark.parametrize(
    ("release", "modules", "missing"),
    [
        ("2.4.46", MODULES, "proxy_wstunnel_module"),
        ("2.4.46", WITH_TUNNEL, None),
        ("2.4.47", MODULES, None),
    ],
)
def test_websockets_need_their_module_until_2446(
    release: str, modules: tuple[str, ...], missing: str | None
) -> None:
    verdict = old(probed(route(WS), tls=None), release, modules=modules)
    if missing is None:
        assert verdict.outcome == "ok"
    else:
        expect(verdict, "route", 500, "AH01144")
        assert missing in verdict.reason


@pytest.mark.parametrize(
    ("release", "stages", "stage", "status", "codes"),
    [
        ("2.4.29", {"tls": ALERT_40}, "tls", None, ("AH02003", "AH01998", "AH01997")),
        (
            "2.4.41",
            {"tls": ALERT_40},
            "tls",
            500,
            ("AH02003", "AH01998", "AH01997", "AH01084", "AH00898"),
        ),
        ("2.4.41", {"http": unanswered("closed", close_notify=True)}, "http", None, ()),
        (
            "2.4.41",
            {"http": unanswered("alert", alert=116)},
            "http",
            None,
            ("AH02268", "AH01992"),
        ),
    ],
)
def test_a_websocket_that_fails_over_tls(
    release: str,
    stages: dict[str, Any],
    stage: str,
    status: int | None,
    codes: tuple[str, ...],
) -> None:
    verdict = old(probed(route(WSS), **stages), release, modules=WITH_TUNNEL)
    expect(verdict, stage, status, "AH01964", *codes)


def test_a_websocket_that_is_not_reached_until_2446() -> None:
    of = probed(route(WS), tcp=REFUSED, tls=None, http=None)
    expect(old(of, "2.4.46", modules=WITH_TUNNEL), "connect", 503, "AH00957", "AH02452")
    expect(old(of, "2.4.47", modules=WITH_TUNNEL), "connect", 503, "AH00957", "AH01114")
    bad = "ws://backend.internal:70000/"
    of = case(route(bad, backend=backend(bad, port=70000)))
    expect(old(of, "2.4.46", modules=WITH_TUNNEL), "route", 400, "AH02439")
    expect(old(of, "2.4.47", modules=WITH_TUNNEL), "route", 400, "AH01083")


@pytest.mark.parametrize(("release", "outcome"), [("2.4.39", "ok"), ("2.4.40", "fail")])
def test_a_websocket_backends_name_is_not_checked_until_2439(release: str, outcome: str) -> None:
    other = leaf(dns_names=("other.internal",), common_names=())
    of = probed(route(WSS), tls=tls(chain=(other,)))
    assert old(of, release, modules=WITH_TUNNEL).outcome == outcome


# OpenSSL 1.1.1


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        (18, 18, "self signed certificate"),
        (19, 19, "self signed certificate in certificate chain"),
        (20, 20, "unable to get local issuer certificate"),
        (26, 26, "unsupported certificate purpose"),
        (79, 24, "invalid CA certificate"),
    ],
)
def test_verify_errors_of_openssl_111(code: int, number: int, text: str) -> None:
    verdict = old(probed(tls=tls(events=(failing(code),))), "2.4.41", "1.1.1w")
    assert verdict.openssl is not None
    assert (verdict.openssl.code, verdict.openssl.text) == (number, text)
    assert f"Error ({number}): {text}" in verdict.log[1].text


@pytest.mark.parametrize(
    ("openssl", "text"),
    [
        ("3.5.9", "certificate is not yet valid"),
        ("3.6.5", "certificate is not yet valid or the system clock is incorrect"),
    ],
)
def test_error_9_from_openssl_36_on(openssl: str, text: str) -> None:
    verdict = old(probed(tls=tls(events=(failing(9),))), "2.4.69", openssl)
    assert verdict.openssl is not None
    assert verdict.openssl.text == text


@pytest.mark.parametrize(("openssl", "word"), [("3.0.22", "sslv3"), ("3.5.9", "ssl/tls")])
def test_alerts_from_openssl_32_on(openssl: str, word: str) -> None:
    (text,) = library(old(probed(tls=ALERT_40), "2.4.71", openssl))
    assert text == (
        f"error:0A000410:SSL routines::{word} alert handshake failure (SSL alert number 40)"
    )
    reason = library_error(text)
    assert reason is not None
    assert reason.alert == 40


def test_verify_errors_of_openssl_30() -> None:
    verdict = old(probed(tls=tls(events=(failing(79),))), "2.4.41", "3.0.19")
    assert verdict.openssl is not None
    assert (verdict.openssl.code, verdict.openssl.text) == (79, "invalid CA certificate")


@pytest.mark.parametrize(
    ("shook", "openssl_1", "openssl_3"),
    [
        (
            tls(events=(failing(20),)),
            "error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed",
            "error:0A000086:SSL routines::certificate verify failed",
        ),
        (
            unfinished("not-tls"),
            "error:1408F10B:SSL routines:ssl3_get_record:wrong version number",
            "error:0A00010B:SSL routines::wrong version number",
        ),
        (
            unfinished("protocol"),
            "error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol",
            "error:0A000102:SSL routines::unsupported protocol",
        ),
        (
            tls(completed=False, failure="protocol", events=()),
            "error:1416D044:SSL routines:tls_process_key_exchange:internal error",
            "error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported",
        ),
        (
            ALERT_40,
            "error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure "
            "(SSL alert number 40)",
            "error:0A000410:SSL routines::sslv3 alert handshake failure (SSL alert number 40)",
        ),
    ],
)
def test_words_of_the_library(shook: TlsResult, openssl_1: str, openssl_3: str) -> None:
    of = probed(route(tls=policy(verify="require")), tls=shook)
    assert library(old(of, "2.4.62", "1.1.1w")) == [openssl_1]
    assert library(old(of, "2.4.62", "3.0.19")) == [openssl_3]


def test_the_end_of_a_connection_is_no_error_of_openssl_111() -> None:
    of = probed(tls=unfinished("closed"))
    assert library(old(of, "2.4.62", "1.1.1w")) == []
    assert library(old(of, "2.4.62")) == [
        "error:0A000126:SSL routines::unexpected eof while reading"
    ]


# OCSP


def signed(uri: str | None = RESPONDER) -> Certificate:
    return leaf(ocsp=uri, sha256="11" * 32, issuer_der=b"root", subject_der=b"leaf")


ROOT = leaf(subject="CN=Root", sha256="22" * 32, issuer_der=b"root", subject_der=b"root")
ACCEPTED = (
    VerifyEvent(True, 0, 1, "CN=Root", ROOT.sha256),
    VerifyEvent(True, 0, 0, "CN=backend.internal", "11" * 32),
)


def asking(word: str | None = None, front: bool = False, **settings: Any) -> Route:
    host = replace(VHOST, front_tls=on(front), ocsp=on(word))
    return route(vhost=host, tls=policy(**settings))


def shaken(uri: str | None = RESPONDER, events: tuple[VerifyEvent, ...] = ACCEPTED) -> TlsResult:
    one = signed(uri)
    return tls(chain=(one,), verified_chain=(one, ROOT), events=events)


@pytest.mark.parametrize(
    ("release", "of", "uri", "outcome"),
    [
        ("2.4.33", asking(), RESPONDER, "ok"),
        ("2.4.34", asking(), RESPONDER, "unknown"),
        ("2.4.41", asking(), RESPONDER, "unknown"),
        ("2.4.42", asking(), RESPONDER, "ok"),
        ("2.4.41", asking(front=True), RESPONDER, "ok"),
        ("2.4.41", asking("off"), RESPONDER, "ok"),
        ("2.4.41", asking("on", front=True), RESPONDER, "unknown"),
        ("2.4.33", asking("on"), RESPONDER, "unknown"),
        ("2.4.41", asking("leaf"), RESPONDER, "unknown"),
        ("2.4.41", asking("on"), None, "fail"),
        ("2.4.41", asking("leaf no_ocsp_for_cert_ok"), None, "ok"),
        ("2.4.41", asking(), None, "ok"),
        ("2.4.41", asking(), "https://ocsp.corp.example/", "ok"),
        ("2.4.41", asking(), "http://[broken", "ok"),
        ("2.4.41", asking(verify="none"), RESPONDER, "ok"),
    ],
)
def test_ocsp_about_a_backend(release: str, of: Route, uri: str | None, outcome: str) -> None:
    verdict = old(probed(of, tls=shaken(uri)), release)
    assert verdict.outcome == outcome, verdict
    if outcome == "unknown":
        assert RESPONDER in verdict.reason
        assert "50" in verdict.reason
    if outcome == "fail":
        assert verdict.openssl == ocsp.REFUSED
        expect(verdict, "verify", 500, "AH01964", "AH02276", "AH02003", "AH01998", "AH01997",
               "AH01084", "AH00898", "AH01097")  # fmt: skip


def test_what_fails_anyhow_is_not_doubted() -> None:
    verdict = old(probed(asking(), tls=shaken(), http=unanswered("reset")), "2.4.41")
    assert (verdict.outcome, verdict.stage) == ("fail", "http")


def test_ocsp_without_an_issuer() -> None:
    unknown = (VerifyEvent(False, 20, 0, "CN=backend.internal", "11" * 32),)
    of = probed(asking(verify="optional_no_ca"), tls=shaken(None, unknown))
    verdict = old(of, "2.4.37")
    expect(verdict, "verify", 502, "AH01964", "AH02038", "AH02276", "AH02003", *HANDSHAKE_37)
    assert verdict.openssl == ocsp.REFUSED
    assert old(of, "2.4.42").outcome == "ok"


def test_a_responder_is_asked_from_the_top_down() -> None:
    middle = leaf(ocsp="http://top.example/", sha256="33" * 32, issuer_der=b"r", subject_der=b"m")
    events = (VerifyEvent(True, 0, 1, "CN=Issuing", middle.sha256), ACCEPTED[1])
    seen = tls(chain=(signed(), middle), verified_chain=(), events=events)
    of = replace(
        case(asking(verify_depth=2), report(tls=seen)), httpd=HttpdInfo("2.4.41", None, MODULES)
    )
    assert ocsp.responders(of) == ("http://top.example/", RESPONDER)
