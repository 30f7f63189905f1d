"""Each stage at which httpd gives up: status, codes in order, reason. As measured on 2.4.71."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.verdict.samples import (
    AT,
    HANDSHAKE_TAIL,
    NOW,
    VHOST,
    WARN,
    at,
    backend,
    case,
    http,
    leaf,
    on,
    policy,
    probed,
    report,
    route,
    tls,
    unanswered,
    unfinished,
    worker,
)
from wizard.model.certificate import ClientCertificate, TrustFile, TrustMaterial
from wizard.model.config import HttpdInfo, LogLevels, Problem, Setting, TlsPolicy, Worker
from wizard.model.diagnosis import Verdict
from wizard.model.probe import DnsResult, ProbeRequest, TcpAttempt, TcpResult, VerifyEvent
from wizard.verdict import predict

ALERT = {"failure": "alert", "alert": 40}


def expect(verdict: Verdict, stage: str, status: int | None, *codes: str) -> None:
    assert (verdict.outcome, verdict.stage, verdict.status) == ("fail", stage, status)
    assert verdict.ah_codes == codes
    assert verdict.reason.endswith(".")


def handshake(*causes: str) -> tuple[str, ...]:
    return ("AH01964", *causes, *HANDSHAKE_TAIL)


def test_a_route_that_works() -> None:
    verdict = predict(probed())
    assert (verdict.outcome, verdict.stage, verdict.status) == ("ok", None, 200)
    assert verdict.ah_codes == ("AH01964",)


# config and start ------------------------------------------------------------------------------


def test_configuration_that_t_refuses() -> None:
    problem = Problem("/a.conf", 3, "Invalid command 'X'", "config", "AH00526")
    verdict = predict(case(problems=(problem,)))
    expect(verdict, "config", None, "AH00526")
    assert "/a.conf:3" in verdict.reason


def test_configuration_counts_before_start() -> None:
    start = Problem("/a.conf", 1, "no", "start", "AH01895")
    config = Problem("/a.conf", 9, "no", "config")
    expect(predict(case(problems=(start, config))), "config", None)
    expect(predict(case(problems=(start,))), "start", None, "AH01895", "AH02312", "AH00016")


def test_a_file_of_crls_as_authorities() -> None:
    problem = Problem("/a.conf", 1, "no", "start", "AH02210")
    codes = ("AH02210", "AH01896", "AH02312", "AH00016")
    expect(predict(case(problems=(problem,))), "start", None, *codes)


def test_warnings_stop_nothing() -> None:
    warning = Problem("/a.conf", 1, "no", "warning", "AH01897")
    assert predict(replace(probed(), problems=(warning,))).outcome == "ok"


# route -----------------------------------------------------------------------------------------


def test_no_request_reaches_the_virtual_host() -> None:
    dead = replace(VHOST, never_served="no address")
    verdict = predict(probed(route(vhost=dead)))
    expect(verdict, "route", None)
    assert "no address" in verdict.reason


def test_shadowed() -> None:
    expect(predict(probed(route(shadowed_by=AT))), "route", None)


def test_backend_known_at_request_time_only() -> None:
    verdict = predict(case(route(unknown="the host is $1")))
    assert (verdict.outcome, verdict.reason) == ("unknown", "the host is $1.")


@pytest.mark.parametrize("scheme", ["https", "http", "wss", "balancer", "ajp"])
def test_no_module_for_the_scheme(scheme: str) -> None:
    httpd = HttpdInfo(modules=("proxy_module", "ssl_module"))
    verdict = predict(case(route(f"{scheme}://b.internal/"), httpd=httpd))
    expect(verdict, "route", 500, "AH01144")


def test_no_module_for_balancers() -> None:
    httpd = HttpdInfo(modules=("proxy_module", "proxy_http_module", "ssl_module"))
    verdict = predict(case(route(balancer="c"), httpd=httpd))
    expect(verdict, "route", 500, "AH01144")
    assert "(scheme 'balancer')" in verdict.log[0].text


def test_no_mod_ssl() -> None:
    httpd = HttpdInfo(modules=("proxy_module", "proxy_http_module", "proxy_http2_module"))
    expect(predict(case(httpd=httpd)), "route", 500, "AH01144")
    two = predict(case(route("h2://backend.internal/"), httpd=httpd))
    expect(two, "route", 500, "AH01961", "AH00961")


def test_websocket_module_alone_serves_websockets() -> None:
    httpd = HttpdInfo(modules=("proxy_module", "proxy_wstunnel_module", "ssl_module"))
    assert predict(case(route("wss://b.internal/"), httpd=httpd)).outcome == "unknown"


def test_unknown_modules_decide_nothing() -> None:
    assert predict(case(httpd=HttpdInfo())).outcome == "unknown"


def test_engine_off_needs_no_probe() -> None:
    expect(predict(case(route(tls=TlsPolicy()))), "route", 500, "AH01961", "AH00961")


def test_engine_off_comes_after_the_connection() -> None:
    refused = TcpResult(None, 8443, 0.1, failure="refused")
    off = route(tls=TlsPolicy())
    expect(predict(probed(off, tcp=refused, tls=None)), "connect", 503, "AH00957", "AH01114")
    expect(predict(probed(off, tls=None, http=None)), "route", 500, "AH01961", "AH00961")


def test_engine_does_not_matter_for_plain_http() -> None:
    plain = route("http://backend.internal/", tls=TlsPolicy())
    verdict = predict(probed(plain, tls=None))
    assert (verdict.outcome, verdict.ah_codes) == ("ok", ())


def test_balancer_without_members() -> None:
    httpd = HttpdInfo(modules=("proxy_module", "proxy_balancer_module", "ssl_module"))
    verdict = predict(case(route("balancer://c/", balancer="c"), httpd=httpd))
    expect(verdict, "route", 503, "AH01171")


@pytest.mark.parametrize("status", ["D", "+D", "S", "d", "H+D", "-H+S"])
def test_disabled_worker(status: str) -> None:
    expect(predict(probed(route(worker=worker(status=status)))), "route", 503, "AH00940")


@pytest.mark.parametrize("status", ["H", "I", "E", "-D", "+H-D", "D-D"])
def test_worker_in_use(status: str) -> None:
    assert predict(probed(route(worker=worker(status=status)))).outcome == "ok"


def test_disabled_member() -> None:
    member = route(balancer="c", worker=worker(status="D"), balancer_statuses=("D", "S"))
    expect(predict(probed(member)), "route", 503, "AH01170")


def test_disabled_member_beside_others() -> None:
    member = route(balancer="c", worker=worker(status="D"), balancer_statuses=("D", ""))
    verdict = predict(probed(member))
    assert (verdict.outcome, verdict.status, verdict.log) == ("ok", None, ())
    assert "others" in verdict.reason


def test_balancer_without_slash() -> None:
    member = route(balancer="c", request_url="balancer://cx", balancer_statuses=("",))
    expect(predict(probed(member)), "route", 500, "AH01144")


@pytest.mark.parametrize(
    ("url", "request_url"),
    [
        ("http://backend.internal:80809/", "http://backend.internal:80809/x"),
        ("http://backend.internal:8080", "http://backend.internal:808099"),
    ],
)
def test_port_that_is_none(url: str, request_url: str) -> None:
    expect(predict(probed(route(url, request_url=request_url))), "route", 400, "AH01083")


@pytest.mark.parametrize(
    ("url", "request_url", "name"),
    [
        ("https://b.internal:8443", "https://b.internal:8443x", "b.internal:8443x"),
        ("https://b.internal", "https://b.internalx", "b.internalx"),
        ("https://b.internal", "https://b.internalx/y", "b.internalx"),
    ],
)
def test_missing_slash(url: str, request_url: str, name: str) -> None:
    verdict = predict(case(route(url, request_url=request_url)))
    expect(verdict, "dns", 500, "AH00898")
    assert verdict.log[0].text == f"DNS lookup failure for: {name} returned by /x"


def test_path_without_slash_before_it_is_fine() -> None:
    verdict = predict(
        probed(route("https://backend.internal/api", request_url="https://backend.internal/apix"))
    )
    assert verdict.outcome == "ok"


def test_not_probed() -> None:
    verdict = predict(case())
    assert (verdict.outcome, verdict.stage, verdict.log) == ("unknown", None, ())


# dns and connect -------------------------------------------------------------------------------


def test_no_address() -> None:
    nothing = DnsResult((), 0.1, "not-found")
    expect(predict(probed(dns=nothing, tcp=None, tls=None)), "dns", 500, "AH00898")
    two = predict(probed(route("h2://backend.internal/"), dns=nothing, tcp=None, tls=None))
    expect(two, "dns", 503, "AH00898")


@pytest.mark.parametrize("failure", ["refused", "timeout", "unreachable", "not-permitted", "reset"])
def test_no_connection(failure: Any) -> None:
    tcp = TcpResult(None, 8443, 1.0, (TcpAttempt("10.0.0.5", 1.0, failure),), failure)
    verdict = predict(probed(tcp=tcp, tls=None, http=None))
    expect(verdict, "connect", 503, "AH00957", "AH01114")
    assert "10.0.0.5:8443 (backend.internal:8443)" in verdict.log[0].text


def test_no_connection_to_a_member() -> None:
    tcp = TcpResult(None, 8443, 1.0, failure="refused")
    member = route(balancer="c")
    verdict = predict(probed(member, tcp=tcp, tls=None))
    expect(verdict, "connect", 503, "AH00957", "AH00959", "AH01114")
    ignoring = replace(member, worker=worker(status="I"))
    expect(predict(probed(ignoring, tcp=tcp)), "connect", 503, "AH00957", "AH01114")


@pytest.mark.parametrize(
    ("scheme", "code"),
    [("ajp", "AH00896"), ("fcgi", "AH01079"), ("scgi", "AH00866"), ("uwsgi", "AH10101")],
)
def test_no_connection_of_other_protocols(scheme: str, code: str) -> None:
    httpd = HttpdInfo(modules=("proxy_module", f"proxy_{scheme}_module"))
    refused = TcpResult(None, 9000, 1.0, failure="refused")
    other = probed(route(f"{scheme}://b.internal:9000/"), tcp=refused, tls=None, http=None)
    expect(predict(replace(other, httpd=httpd)), "connect", 503, "AH00957", code)
    name = scheme if scheme == "uwsgi" else scheme.upper()
    assert predict(replace(other, httpd=httpd)).log[0].text.startswith(f"{name}: attempt")


def test_reached_but_not_spoken_to() -> None:
    httpd = HttpdInfo(modules=("proxy_module", "proxy_fcgi_module"))
    asked = ProbeRequest("b.internal", 9000, False, http=False)
    other = probed(route("fcgi://b.internal:9000/"), request=asked, tls=None, http=None)
    assert predict(replace(other, httpd=httpd)).outcome == "unknown"
    two = ProbeRequest("backend.internal", 443, True, http=False)
    verdict = predict(
        probed(route("h2://backend.internal/"), request=two, tls=tls(alpn="h2"), http=None)
    )
    assert (verdict.outcome, verdict.status, verdict.ah_codes) == ("ok", None, ("AH01964",))


def test_no_connection_over_http2() -> None:
    tcp = TcpResult(None, 8443, 1.0, failure="refused")
    expect(predict(probed(route("h2://b.internal/"), tcp=tcp)), "connect", 503, "AH00957")


def test_no_socket() -> None:
    tcp = TcpResult(None, 0, 0.1, failure="other", error="No such file or directory")
    local = route(backend=backend(socket="/run/app.sock"))
    expect(predict(probed(local, tcp=tcp)), "connect", 503, "AH02454", "AH01114")


def test_connection_later_than_httpd_waits() -> None:
    slow = TcpResult("10.0.0.5", 8443, 2.5)
    hasty = route(worker=replace(worker(), connection_timeout=on(1.0)))
    expect(predict(probed(hasty, tcp=slow)), "connect", 503, "AH00957", "AH01114")


FORWARD = ProbeRequest("backend.internal", 8443, True, forward_proxy="http://proxy.internal:3128")


def test_forward_proxy_refuses() -> None:
    answer = http(method="CONNECT", status=403, failure="other", error="refuses: 403")
    two = DnsResult(("10.0.0.8", "10.0.0.9"), 0.1)
    verdict = predict(probed(request=FORWARD, dns=two, tls=None, http=answer))
    expect(verdict, "connect", 503, "AH00950", "AH00950", "AH00958", "AH01114")
    assert "(proxy.internal:3128)" in verdict.log[2].text


@pytest.mark.parametrize("failure", ["closed", "timeout", "reset"])
def test_forward_proxy_says_nothing(failure: str) -> None:
    answer = http(method="CONNECT", status=None, failure=failure)
    verdict = predict(probed(request=FORWARD, tls=None, http=answer))
    expect(verdict, "connect", 503, "AH00958", "AH01114")


def test_forward_proxy_is_not_reached() -> None:
    tcp = TcpResult(None, 3128, 1.0, failure="refused")
    verdict = predict(probed(request=FORWARD, tcp=tcp, tls=None, http=None))
    expect(verdict, "connect", 503, "AH00957", "AH01114")
    assert "forward proxy proxy.internal:3128" in verdict.reason


# handshake -------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("failure", ["reset", "timeout"])
def test_handshake_without_words_of_the_library(failure: str) -> None:
    verdict = predict(probed(tls=unfinished(failure), http=None))
    expect(verdict, "tls", 500, *handshake("AH02003"))
    assert all(line.code for line in verdict.log)


def test_silence_names_httpds_patience() -> None:
    verdict = predict(probed(route(proxy_timeout=on(7.0)), tls=unfinished("timeout")))
    assert verdict.reason.endswith("httpd gives up after 7 s.")
    patient = predict(probed(route(proxy_timeout=on(60.0)), tls=unfinished("timeout")))
    assert patient.reason.endswith("after 60 s, of which 10 s were waited here.")


def test_handshake_over_http2_is_tried_twice() -> None:
    verdict = predict(probed(route("h2://b.internal/"), tls=unfinished("not-tls")))
    once = ("AH01964", "AH02003", "AH01998", "AH01997")
    expect(verdict, "tls", 503, *once, *once)


@pytest.mark.parametrize("failure", ["too-much", "local"])
def test_what_cannot_be_tried_is_unknown(failure: str) -> None:
    assert predict(probed(tls=unfinished(failure))).outcome == "unknown"


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


# verification ----------------------------------------------------------------------------------


def failing(code: int, depth: int = 0) -> VerifyEvent:
    return VerifyEvent(False, code, depth, "CN=backend.internal")


def verified(mode: str, *events: VerifyEvent, **settings: Any) -> Verdict:
    return predict(probed(route(tls=policy(verify=mode, **settings)), tls=tls(events=events)))


@pytest.mark.parametrize("mode", ["require", "optional"])
def test_the_first_error_counts(mode: str) -> None:
    verdict = verified(mode, failing(20), failing(21), failing(10))
    expect(verdict, "verify", 500, *handshake("AH02276", "AH02003"))
    assert verdict.openssl is not None
    assert (verdict.openssl.code, verdict.openssl.text) == (
        20,
        "unable to get local issuer certificate",
    )


def test_errors_count_before_the_end_of_the_handshake() -> None:
    broken = tls(completed=False, events=(failing(18),), **ALERT)
    expect(predict(probed(tls=broken)), "verify", 500, *handshake("AH02276", "AH02003"))


@pytest.mark.parametrize("code", [2, 10, 18, 20, 26, 66])
def test_none_takes_everything(code: int) -> None:
    assert verified("none", failing(code, 3)).outcome == "ok"


@pytest.mark.parametrize("code", [18, 19, 20, 21, 27])
def test_optional_no_ca_forgives_a_missing_issuer(code: int) -> None:
    assert verified("optional_no_ca", failing(code)).outcome == "ok"


@pytest.mark.parametrize("code", [2, 10, 26])
def test_optional_no_ca_forgives_nothing_else(code: int) -> None:
    expect(
        verified("optional_no_ca", failing(20), failing(code)),
        "verify",
        500,
        *handshake("AH02276", "AH02003"),
    )


def test_depth_counts_certificates_above_the_leaf() -> None:
    two = (VerifyEvent(True, 0, 2), VerifyEvent(True, 0, 1), VerifyEvent(True, 0, 0))
    verdict = verified("require", *two)
    expect(verdict, "verify", 500, *handshake("AH02040", "AH02003"))
    assert verdict.openssl is None
    assert "chain has 2 certificates, but maximum allowed are only 1" in verdict.log[1].text
    assert verified("require", *two, verify_depth=2).outcome == "ok"


def test_depth_counts_under_optional_no_ca_even_for_a_forgiven_error() -> None:
    verdict = verified("optional_no_ca", failing(19, 2))
    expect(verdict, "verify", 500, *handshake("AH02040", "AH02003"))


def test_error_and_depth_at_once() -> None:
    verdict = verified("require", failing(19, 2))
    expect(verdict, "verify", 500, *handshake("AH02276", "AH02040", "AH02003"))


def test_missing_crl_may_be_allowed() -> None:
    check = "chain no_crl_for_cert_ok"
    assert verified("require", failing(3), ca_revocation_check=check).outcome == "ok"
    assert verified("require", failing(3), ca_revocation_check="chain").stage == "verify"


def test_unobserved_verification_is_unknown() -> None:
    assert verified("require").outcome == "unknown"


def test_the_cause_at_warn_is_ah02039() -> None:
    quiet = predict(probed(at(WARN), tls=tls(events=(failing(20),))))
    assert quiet.ah_codes == handshake("AH02276", "AH02003")
    assert quiet.ah_codes_at_log_level == ("AH02039", "AH01084", "AH00898", "AH01097")


def test_levels_of_single_modules_count() -> None:
    loud = LogLevels(Setting("warn"), {"ssl": on("info"), "proxy": on("crit")})
    verdict = predict(probed(at(loud), tls=tls(events=(failing(20),))))
    assert verdict.ah_codes_at_log_level == (
        "AH01964",
        "AH02276",
        "AH02003",
        "AH01998",
        "AH01997",
        "AH01097",
    )


# dates, name, ALPN -----------------------------------------------------------------------------

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


# HTTP ------------------------------------------------------------------------------------------

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


def test_client_certificate_wanted_but_not_needed() -> None:
    verdict = predict(probed(tls=tls(client_certificate_requested=True)))
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
