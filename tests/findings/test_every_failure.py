"""A route that fails has a finding that says why, whichever way the backend fails."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import get_args

import pytest

from tests.findings.cases import CASE, HOST, HTTPD, NOW, PROBE, TLS, backend, policy, route
from wizard.findings import diagnose
from wizard.findings.catalogue import candidates
from wizard.logs import explain
from wizard.model.config import Setting
from wizard.model.diagnosis import Case
from wizard.model.probe import (
    AnswerFault,
    AnswerFaultKind,
    DnsFailure,
    DnsResult,
    HttpFailure,
    HttpResult,
    ProbeReport,
    TcpAttempt,
    TcpFailure,
    TcpResult,
    TlsFailure,
    TlsResult,
)
from wizard.verdict import predict

COUNT = 4000
SCHEMES = ("https", "http", "h2", "h2c", "wss", "ajp", "fcgi")
MODULES = tuple(
    f"{name}_module"
    for name in ("proxy", "proxy_http", "proxy_http2", "proxy_ajp", "proxy_fcgi", "ssl")
)
ALERTS = (10, 20, 22, 40, 42, 47, 48, 50, 51, 70, 71, 80, 86, 90, 109, 110, 112, 116, 120)
ADDRESS = "192.0.2.1"


def drawn(dice: random.Random) -> Case:
    """A route and what may be observed of its backend."""
    scheme = dice.choice(SCHEMES)
    case = backend(replace(CASE, httpd=replace(HTTPD, modules=MODULES)), scheme=scheme)
    case = policy(case, verify=dice.choice(["none", "require"]), engine=dice.random() < 0.9)
    worker = replace(
        case.route.worker,
        timeout=Setting(dice.choice([None, 1.0])),
        connection_timeout=Setting(dice.choice([None, 0.5])),
        parameters={"status": Setting("+D")} if dice.random() < 0.02 else {},
    )
    case = backend(route(case, worker=worker), port=84430 if dice.random() < 0.02 else 8443)
    encrypted = case.route.backend.uses_tls
    proxy = dice.choice([None, None, "http://proxy.internal:3128"])
    request = replace(PROBE.request, tls=encrypted, forward_proxy=proxy)
    report = ProbeReport(
        request,
        NOW,
        speaks_tls=dice.choice([None, False, True]),
        speaks_http=dice.choice([None, False, True]),
        speaks_h2c=dice.choice([None, False, True]),
    )
    return replace(case, probe=_observed(dice, report))


def _observed(dice: random.Random, report: ProbeReport) -> ProbeReport:
    stage = dice.choice(["dns", "tcp", "tls", "tls", "http", "http", "http"])
    if stage == "dns":
        return replace(report, dns=DnsResult((), 0.1, dice.choice(get_args(DnsFailure)), "error"))
    report = replace(report, dns=DnsResult((ADDRESS,), 0.001))
    if stage == "tcp":
        how = dice.choice(get_args(TcpFailure))
        attempt = TcpAttempt(ADDRESS, 0.1, how, "error")
        return replace(report, tcp=TcpResult(None, 8443, 0.1, (attempt,), how, "error"))
    tcp = TcpResult(ADDRESS, 8443, dice.choice([0.002, 2.0]), (TcpAttempt(ADDRESS, 0.002),))
    report = replace(report, tcp=tcp)
    if report.request.forward_proxy and dice.random() < 0.3:
        failures: tuple[HttpFailure, ...] = ("closed", "timeout", "reset", "other")
        refusal = dice.choice(failures)
        status = 403 if refusal == "other" else None
        answer = HttpResult("CONNECT", status, 0.1, failure=refusal, error="error")
        return replace(report, http=answer)
    if report.request.tls and stage == "tls":
        failure = dice.choice(get_args(TlsFailure))
        alert = dice.choice(ALERTS) if failure == "alert" else None
        error = "unsupported protocol" if failure == "protocol" else "error"
        shaken = TlsResult(False, 0.1, HOST, failure=failure, alert=alert, error=error)
        asked = dice.random() < 0.2
        return replace(report, tls=replace(shaken, client_certificate_requested=asked))
    if report.request.tls:
        report = replace(report, tls=replace(TLS, alpn=dice.choice([None, "h2"])))
    failure = dice.choice([None, None, *get_args(HttpFailure)])
    answer = HttpResult(
        "HEAD",
        None if failure else dice.choice([200, 301, 400, 401, 404, 405, 421, 500, 503]),
        dice.choice([0.01, 3.0, 70.0]),
        failure=failure,
        error="error" if failure else None,
        alert=dice.choice(ALERTS) if failure == "alert" else None,
        fault=AnswerFault(dice.choice(get_args(AnswerFaultKind)), "X : y")
        if failure == "invalid"
        else None,
        first=dice.choice(["", "hello\r\n", "HTTP/1.1 200 OK\r\nx"]) if failure else "",
    )
    return replace(report, http=answer)


@pytest.mark.parametrize("seed", range(4))
def test_the_first_finding_of_a_failing_route_is_a_cause(seed: int) -> None:
    dice, failing = random.Random(seed), 0
    for _ in range(COUNT // 4):
        case = drawn(dice)
        verdict = predict(case)
        found = diagnose(case, verdict)
        if verdict.outcome != "fail":
            continue
        failing += 1
        assert found, (verdict, case.probe)
        assert found[0].severity == "critical"
        assert found[0].slug in candidates(verdict), (verdict, case.probe)
    assert failing > COUNT / 4 / 3


#: What the lines do not tell without the number of an error, which check does not predict.
UNTOLD = frozenset({"connection-timeout", "backend-error-status"})


@pytest.mark.parametrize("seed", range(2))
def test_explain_names_the_cause_of_check_from_the_lines_that_check_predicts(seed: int) -> None:
    dice, told = random.Random(seed), 0
    for _ in range(COUNT // 8):
        case = drawn(dice)
        verdict = predict(case)
        if verdict.outcome != "fail" or not verdict.log or not _agrees(case):
            continue
        lines = [
            f"[{line.module}:{line.level}] [pid 1:tid 1] "
            + ("[remote 192.0.2.1:8443] " if line.module == "ssl" and line.code else "")
            + (f"{line.code}: " if line.code else "")
            + line.text
            for line in verdict.log
        ]
        causes = explain(lines).causes
        slug = diagnose(case, verdict)[0].slug
        named = [cause.slug for cause in causes]
        probe = case.probe
        alert = probe and any(one is not None and one.alert for one in (probe.tls, probe.http))
        if slug not in UNTOLD and probe and not alert:
            assert slug in named, (slug, named, lines)
            told += 1
        assert not causes or not causes[0].certain or named[0] == slug, (slug, named, lines)
    assert told > COUNT / 8 / 5


def _agrees(case: Case) -> bool:
    """Whether what was drawn of the port's protocol fits what was drawn of its answer."""
    probe = case.probe
    if probe is None:
        return False
    tls = probe.tls is not None and (probe.tls.completed or probe.tls.failure != "not-tls")
    spoken = probe.speaks_http or probe.speaks_h2c
    if tls and (spoken or probe.speaks_tls is False):
        return False
    return not (tls is False and probe.speaks_tls and probe.http and probe.http.status)
