"""Handshakes that fail, as measured on httpd 2.4.71."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.samples import (
    ALERT,
    expect,
    failing,
    handshake,
    on,
    policy,
    probed,
    route,
    tls,
    unfinished,
)
from wizard.model.certificate import ClientCertificate, TrustFile, TrustMaterial
from wizard.verdict import predict


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"failure": "alert", "alert": 70}, "alert protocol version (SSL alert number 70)"),
        ({"failure": "alert", "alert": 112}, "unrecognized name"),
        ({"failure": "not-tls"}, "wrong version number"),
        ({"failure": "closed"}, "unexpected eof"),
        ({"failure": "protocol"}, "unsupported protocol"),
    ],
)
def test_handshake_fails(failure: dict[str, Any], words: str) -> None:
    verdict = predict(probed(tls=unfinished(**failure), http=None))
    expect(verdict, "tls", 500, *handshake("AH02003"))
    assert words in next(line.text for line in verdict.log if line.code is None)


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        ("wrong curve", "0A00017A"),
        ("wrong signature type", "0A000172"),
        ("decryption failed or bad record mac; record layer failure", "0A000119"),
        ("wrong cipher returned", "0A000105"),
        ("legacy sigalg disallowed or unsupported", "0A00014D"),
        ("unsupported protocol", "0A000102"),
    ],
)
def test_the_library_says_what_the_probe_was_told(reason: str, number: str) -> None:
    """Each measured: a backend behind something that changes the ClientHello."""
    seen = replace(unfinished("protocol"), error=reason, chain=tls().chain)
    line = next(line for line in predict(probed(tls=seen, http=None)).log if line.code is None)
    assert f"error:{number}:SSL routines::{reason.partition(';')[0]}" in line.text


@pytest.mark.parametrize("failure", ["reset", "timeout"])
def test_handshake_without_words_of_the_library(failure: str) -> None:
    verdict = predict(probed(tls=unfinished(failure), http=None))
    expect(verdict, "tls", 500, *handshake("AH02003"))
    assert all(line.code for line in verdict.log)


def test_silence_names_httpds_patience() -> None:
    verdict = predict(probed(route(proxy_timeout=on(7.0)), tls=unfinished("timeout")))
    assert verdict.reason.endswith("httpd gives up after 7 s.")
    patient = predict(probed(route(proxy_timeout=on(60.0)), tls=unfinished("timeout")))
    assert patient.reason.endswith("after 60 s; this probe waited 10 s.")


def test_handshake_over_http2_is_tried_twice() -> None:
    verdict = predict(probed(route("h2://b.internal/"), tls=unfinished("not-tls")))
    once = ("AH01964", "AH02003", "AH01998", "AH01997")
    expect(verdict, "tls", 503, *once, *once)


@pytest.mark.parametrize("failure", ["too-much", "local"])
def test_what_cannot_be_tried_is_unknown(failure: str) -> None:
    assert predict(probed(tls=unfinished(failure))).outcome == "unknown"


@pytest.mark.parametrize("failure", ["alert", "protocol"])
def test_a_handshake_that_is_not_httpds_fails_for_nobody_knows_whom(failure: Any) -> None:
    verdict = predict(probed(tls=replace(unfinished(failure), alert=40, unlike="It is not read.")))
    assert verdict.outcome == "unknown"
    assert verdict.reason == "The handshake fails here. It is not read."


def test_files_that_only_httpd_may_read() -> None:
    hidden = TrustFile("/etc/ssl/ca.pem", "unreadable", loads=False)
    untrusted = probed(tls=tls(events=(failing(20),)))
    for trust in (TrustMaterial(ca_file=hidden), TrustMaterial(crl_path=hidden)):
        verdict = predict(replace(untrusted, trust=trust))
        assert verdict.outcome == "unknown"
        assert "/etc/ssl/ca.pem" in verdict.reason
    lax = probed(route(tls=policy(verify="none")))
    assert predict(replace(lax, trust=TrustMaterial(ca_file=hidden))).outcome == "ok"
    alert = unfinished("alert", alert=70)
    early = replace(probed(tls=alert), trust=TrustMaterial(ca_file=hidden))
    assert predict(early).stage == "tls"


def test_client_certificate_that_only_httpd_may_read() -> None:
    own = TrustMaterial(client_certificate=ClientCertificate("/own.pem", "unreadable"))
    asked = tls(completed=False, client_certificate_requested=True, **ALERT)
    assert predict(replace(probed(tls=asked), trust=own)).outcome == "unknown"
    assert predict(replace(probed(), trust=own)).outcome == "ok"


def test_client_certificate_wanted_tls12() -> None:
    asked = tls(completed=False, client_certificate_requested=True, **ALERT)
    verdict = predict(probed(tls=asked, http=None))
    expect(verdict, "tls", 500, *handshake("AH02268", "AH02003"))


def test_client_certificate_refused_tls12() -> None:
    asked = tls(completed=False, client_certificate_requested=True, failure="alert", alert=48)
    own = TrustMaterial(client_certificate=ClientCertificate("/c.pem", "ok"))
    verdict = predict(replace(probed(tls=asked), trust=own))
    expect(verdict, "tls", 500, *handshake("AH02003"))
