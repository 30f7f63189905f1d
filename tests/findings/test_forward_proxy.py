"""What fails at a forward proxy is said of the forward proxy, and repaired there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import HTTP, at, failed_connection, fails, plain, probe, route
from wizard.findings import diagnose
from wizard.model.config import Setting
from wizard.model.diagnosis import Case, Verdict
from wizard.model.probe import DnsResult, HttpFailure, HttpResult
from wizard.text import printable

PROXY = "http://proxy.internal:3128"
OK = Verdict("ok", None, 200)


def through(case: Case) -> Case:
    """The case, its requests sent through a forward proxy."""
    assert case.probe is not None
    asked = replace(case.probe, request=replace(case.probe.request, forward_proxy=PROXY))
    return route(replace(case, probe=asked), proxy_remote=Setting(PROXY, at(3)))


def connect(status: int | None, failure: HttpFailure = "other") -> Case:
    """The answer to CONNECT."""
    answer = HttpResult("CONNECT", status, 0.1, failure=failure)
    return through(probe(tls=None, http=answer))


def plainly(status: int) -> Case:
    """An answer over plain HTTP."""
    case = plain()
    assert case.probe is not None
    answer = replace(HTTP, status=status)
    return through(replace(case, probe=replace(case.probe, tls=None, http=answer)))


def unresolved() -> Case:
    return through(probe(dns=DnsResult((), 0.1, "not-found"), tcp=None, tls=None, http=None))


@pytest.mark.parametrize(
    ("case", "verdict", "slug", "says"),
    [
        (through(failed_connection("refused")), fails("connect", 503), "connection-refused",
         "refuses port"),
        (through(failed_connection("timeout")), fails("connect", 503), "connection-timeout",
         "Nothing answers the TCP connection"),
        (unresolved(), fails("dns"), "dns-failure", "not the backend's"),
        (connect(407), fails("connect", 503), "connection-reset", "wants a login (407)"),
        (connect(403), fails("connect", 503), "connection-reset", "access rules"),
        (connect(502), fails("connect", 503), "connection-reset", "cannot reach the backend"),
        (connect(418), fails("connect", 503), "connection-reset", "answers 418"),
        (connect(None, "closed"), fails("connect", 503), "connection-reset", "without an answer"),
        (connect(None, "timeout"), fails("connect", 503), "connection-timeout", "takes the"),
        (plainly(407), OK, "backend-error-status", "wants a login"),
        (plainly(502), fails("http", 502), "backend-error-status", "of the backend behind it"),
    ],
)  # fmt: skip
def test_it_is_the_forward_proxy(case: Case, verdict: Verdict, slug: str, says: str) -> None:
    finding = next(f for f in diagnose(case, verdict) if f.slug == slug)
    assert verdict.outcome == "ok" or diagnose(case, verdict)[0] == finding
    assert "forward proxy" in finding.title
    assert "proxy.internal:3128" in finding.explanation
    assert says in finding.explanation
    assert any("ProxyRemote" in line for line in finding.evidence), finding.evidence
    commands = " ".join(remedy.command or "" for remedy in finding.remedies)
    assert "proxy.internal" in commands
    assert "NoProxy" in commands
    assert not any(remedy.where == "backend" for remedy in finding.remedies)


def test_behind_a_tunnel_it_is_the_backend() -> None:
    case = through(probe(http=replace(HTTP, status=503)))
    finding = diagnose(case, fails("http", 503))[0]
    assert "forward proxy" not in finding.title
    assert any(remedy.where == "backend" for remedy in finding.remedies)


def test_a_login_in_proxy_remote_is_taken_for_the_host() -> None:
    case = unresolved()
    login = Setting("http://joe:secret@proxy.internal:3128", at(3))
    finding = diagnose(route(case, proxy_remote=login), fails("dns"))[0]
    assert any("Take the login out" in remedy.text for remedy in finding.remedies)
    assert not any("misspelt" in remedy.text for remedy in finding.remedies)


def test_a_login_that_is_wanted_can_be_sent() -> None:
    finding = diagnose(connect(407), fails("connect", 503))[0]
    commands = [printable(remedy.command or "") for remedy in finding.remedies]
    assert 'RequestHeader set Proxy-Authorization "Basic ***"' in commands
    assert any("*** is NAME:PASSWORD in base64" in remedy.text for remedy in finding.remedies)


def test_a_login_that_is_sent_and_refused_is_to_be_corrected() -> None:
    case = route(connect(407), proxy_login=Setting("Basic secret", at(4)))
    finding = diagnose(case, fails("connect", 503))[0]
    assert "refuses the login that httpd sends" in finding.explanation
    assert any(f"Correct the login at {at(4)}" in remedy.text for remedy in finding.remedies)
    assert "secret" not in repr(finding)
