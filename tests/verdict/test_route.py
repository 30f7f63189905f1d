"""What the configuration alone decides: codes in order, as measured on httpd 2.4.71."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verdict.samples import (
    AT,
    VHOST,
    case,
    expect,
    probed,
    route,
    worker,
)
from wizard.model.config import Problem, TlsPolicy
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import TcpResult
from wizard.verdict import predict


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


def test_a_port_that_does_not_exist_is_met_before_a_disabled_worker_and_behind_a_member() -> None:
    alone = route("https://b.internal:84430/", worker=worker(status="D"))
    expect(predict(probed(alone)), "route", 400, "AH01083")
    member = replace(alone, balancer="c", balancer_statuses=("D",))
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
