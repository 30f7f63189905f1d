"""What is said of answers that are errors, or none of HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, PROBE
from wizard.findings import diagnose
from wizard.findings.rules.port_protocol import service_of
from wizard.model.config import Setting
from wizard.model.diagnosis import Finding
from wizard.model.probe import AnswerFault, HttpResult
from wizard.verdict import predict


def found(http: HttpResult, *, preserve: bool = False) -> Finding:
    host = "www.example.org" if preserve else "backend.internal"
    backend = replace(CASE.route.backend, scheme="http", host_header=host)
    route = replace(
        CASE.route, backend=backend, preserve_host=Setting(preserve), client_host="www.example.org"
    )
    case = replace(CASE, route=route, probe=replace(PROBE, tls=None, http=http, speaks_tls=False))
    return next(f for f in diagnose(case, predict(case)) if f.slug == "backend-error-status")


def _advice(finding: Finding) -> str:
    return " ".join(f"{r.text} {r.command or ''}" for r in finding.remedies)


@pytest.mark.parametrize("status", [400, 403, 404, 421])
def test_a_refused_host_is_tried_by_hand(status: int) -> None:
    said = _advice(found(HttpResult("GET", status, 0.1)))
    assert "ProxyPreserveHost On" in said
    assert "Host: www.example.org" in said
    said = _advice(found(HttpResult("GET", status, 0.1), preserve=True))
    assert "ProxyPreserveHost Off" in said
    assert "Host: backend.internal" in said


def test_other_errors_are_not_about_the_host() -> None:
    assert "ProxyPreserveHost" not in _advice(found(HttpResult("GET", 500, 0.1)))
    assert "upgrade=websocket" in _advice(found(HttpResult("GET", 426, 0.1)))


def test_what_is_passed_on_as_http_0_9_is_no_web_server() -> None:
    first = "SSH-2.0-OpenSSH_9.2p1\r\n"
    answer = HttpResult("GET", None, 0.1, failure="not-http", first=first)
    finding = found(answer)
    assert finding.severity == "warning"
    assert "it is SSH" in finding.explanation


def test_a_status_line_of_a_database() -> None:
    fault = AnswerFault("no-status-line", "J\0\0\0")
    finding = found(HttpResult("GET", None, 0.1, failure="invalid", fault=fault))
    assert "MySQL" in finding.explanation
    assert "port" in finding.remedies[0].text


@pytest.mark.parametrize(
    ("said", "service"),
    [("-ERR unknown command 'GET'\r\n", "Redis"), ("HTTP/1.1 200 OK\r\n", None), ("", None)],
)
def test_services(said: str, service: str | None) -> None:
    assert service_of(said) == service


@pytest.mark.parametrize(
    ("path", "url", "status", "wanted"),
    [
        ("/", "http://backend.internal/app", 404, True),
        ("/a/", "http://backend.internal/app", 404, True),
        ("/", "http://backend.internal/app", 200, False),
        ("/", "http://backend.internal/app/", 404, False),
        ("/app", "http://backend.internal/app", 404, False),
        ("/img/", "http://backend.internal/thumb-", 404, False),
        ("/", "http://backend.internal/?page=1", 404, False),
    ],
)
def test_a_path_that_runs_into_the_urls_own(path: str, url: str, status: int, wanted: bool) -> None:
    backend = replace(CASE.route.backend, scheme="http", url=url)
    route = replace(CASE.route, backend=backend, path=path, request_url=f"{url}foo")
    answer = replace(PROBE, tls=None, http=HttpResult("GET", status, 0.1))
    case = replace(CASE, route=route, probe=answer)
    found = [f for f in diagnose(case, predict(case)) if f.slug == "missing-trailing-slash"]
    assert [f.severity for f in found] == ["warning"] * wanted
