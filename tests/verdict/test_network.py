"""Names and connections that fail, as measured on httpd 2.4.71."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verdict.samples import (
    backend,
    expect,
    http,
    on,
    probed,
    route,
    tls,
    worker,
)
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import DnsResult, ProbeRequest, TcpAttempt, TcpResult
from wizard.verdict import predict


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
    heeding = replace(member, worker=worker(status="-I"))
    assert "AH00959" in predict(probed(heeding, tcp=tcp)).ah_codes


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
