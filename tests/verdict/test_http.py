"""Answers, and their absence, as measured on httpd 2.4.71."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.samples import (
    case,
    expect,
    http,
    on,
    probed,
    report,
    route,
    tls,
    unanswered,
    worker,
)
from wizard.model.config import TlsPolicy, Worker
from wizard.model.probe import Framing, HttpResult
from wizard.verdict import predict


def test_a_route_that_works() -> None:
    verdict = predict(probed())
    assert (verdict.outcome, verdict.stage, verdict.status) == ("ok", None, 200)
    assert verdict.ah_codes == ("AH01964",)


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_a_body_that_was_not_seen_is_no_warning(framing: Framing) -> None:
    answer = HttpResult("HEAD", 200, 0.01, framing=framing)
    verdict = predict(probed(http=answer))
    assert verdict.outcome == "ok"
    assert verdict.reason.endswith("answers 200 to HEAD.")


UNREAD = ("AH01102", "AH00898")


def test_a_line_that_does_not_end() -> None:
    verdict = predict(probed(http=unanswered("not-http", first="\x15\x03\x01")))
    expect(verdict, "http", 502, "AH01964", *UNREAD)


@pytest.mark.parametrize("line", ["SSH-2.0-OpenSSH", "", "HTTP/1.1 99 OK", "HTTP/1.1 20", "HTTP"])
def test_a_line_that_is_not_http_is_passed_on(line: str) -> None:
    verdict = predict(probed(http=unanswered("not-http", first=f"{line}\r\nmore")))
    assert (verdict.outcome, verdict.status) == ("ok", 200)
    assert "HTTP/0.9" in verdict.reason


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ({"failure": "not-http"}, ("AH01106",)),
        ({"failure": "closed", "close_notify": True}, ("AH10404", "AH01106")),
        ({"failure": "closed"}, ("AH01992", "AH10404", "AH01106")),
        ({"failure": "timeout"}, ("AH10404", "AH01106")),
    ],
)
def test_broken_head(answer: dict[str, Any], codes: tuple[str, ...]) -> None:
    verdict = predict(probed(http=unanswered(first="HTTP/1.1 200 OK\r\nA", **answer)))
    expect(verdict, "http", 502, "AH01964", *codes)


@pytest.mark.parametrize("failure", ["closed", "reset", "timeout", "not-http"])
def test_http_to_a_tls_port(failure: str) -> None:
    plain = route("http://backend.internal:8443/", tls=TlsPolicy())
    verdict = predict(probed(plain, tls=None, http=unanswered(failure)))
    expect(verdict, "http", 502, *UNREAD)


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ({"failure": "closed", "close_notify": True}, ()),
        ({"failure": "closed"}, ("AH01992",)),
        ({"failure": "reset"}, ("AH01991",)),
        ({"failure": "timeout"}, ()),
        ({"failure": "alert", "alert": 80}, ("AH01992",)),
    ],
)
def test_no_answer_over_tls(answer: dict[str, Any], codes: tuple[str, ...]) -> None:
    verdict = predict(probed(http=unanswered(**answer)))
    expect(verdict, "http", 502, "AH01964", *codes, *UNREAD)


@pytest.mark.parametrize(
    ("used", "kept"),
    [
        (Worker(), False),
        (Worker("https://b/"), True),
        (Worker("https://b/$1"), False),
        (worker(disablereuse="On"), False),
        (worker(disablereuse="off"), True),
        (worker(enablereuse="off"), False),
        (replace(worker(enablereuse="on"), url="https://b/$1"), True),
    ],
)
def test_connection_closed_in_disorder(used: Worker, kept: bool) -> None:
    verdict = predict(probed(route(worker=used), http=unanswered("closed")))
    tail = () if kept else ("AH02003", "AH01998", "AH01997")
    expect(verdict, "http", 502, "AH01964", "AH01992", *UNREAD, *tail)


def test_client_certificate_wanted_tls13() -> None:
    asked = tls(client_certificate_requested=True)
    verdict = predict(probed(tls=asked, http=unanswered("alert", alert=116)))
    expect(verdict, "http", 502, "AH01964", "AH02268", "AH01992", *UNREAD)
    assert "certificate required (SSL alert number 116)" in verdict.log[3].text
    reset = predict(probed(tls=asked, http=unanswered("reset")))
    expect(reset, "http", 502, "AH01964", "AH02268", "AH01991", *UNREAD)


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (
            {"failure": "alert", "alert": 116},
            ("AH02268", "AH01992", "AH02003", "AH01998", "AH01997"),
        ),
        ({"failure": "reset"}, ("AH01991",)),
        ({"failure": "timeout"}, ()),
    ],
)
def test_no_answer_over_http2(answer: dict[str, Any], codes: tuple[str, ...]) -> None:
    two = probed(route("h2://backend.internal/"), tls=tls(alpn="h2"), http=unanswered(**answer))
    expect(predict(two), "http", 503, *(("AH01964", *codes) * 2))


def test_client_certificate_wanted_for_one_path() -> None:
    verdict = predict(probed(http=unanswered("alert", alert=116)))
    expect(verdict, "http", 502, "AH01964", "AH02268", "AH01992", *UNREAD)


@pytest.mark.parametrize("when", ["", "_later"])
def test_client_certificate_wanted_but_not_needed(when: str) -> None:
    verdict = predict(probed(tls=tls(**{f"client_certificate_requested{when}": True})))
    assert (verdict.outcome, verdict.ah_codes) == ("ok", ("AH01964", "AH02268"))


@pytest.mark.parametrize("status", [101, 200, 302, 401, 404])
def test_status_is_passed_on(status: int) -> None:
    verdict = predict(probed(http=http(status=status)))
    assert (verdict.outcome, verdict.status) == ("ok", status)


@pytest.mark.parametrize("status", [400, 421, 500, 503])
def test_error_of_the_backend(status: int) -> None:
    expect(predict(probed(http=http(status=status))), "http", status, "AH01964")


@pytest.mark.parametrize("status", [405, 501])
def test_head_refused_says_nothing_of_get(status: int) -> None:
    verdict = predict(probed(http=http(status=status)))
    assert (verdict.outcome, verdict.status) == ("ok", None)
    assert predict(probed(http=http(status=501, method="GET"))).outcome == "fail"


def test_answer_later_than_httpd_waits() -> None:
    hasty = route(worker=replace(worker(), timeout=on(1.0)))
    expect(predict(probed(hasty, http=http(seconds=2.0))), "http", 502, "AH01964", *UNREAD)


def test_no_request_was_sent() -> None:
    assert predict(probed(http=None)).outcome == "unknown"


def test_probe_that_could_not_run() -> None:
    broken = replace(
        report(), dns=None, tcp=None, tls=None, http=None, error="no descriptors left."
    )
    verdict = predict(case(probe=broken))
    assert verdict.outcome == "unknown"
    assert "no descriptors left." in verdict.reason
