"""A port that takes the connection and is silent in the handshake: causes, and how to tell."""

from __future__ import annotations

from tests.findings.cases import HOST, fails, handshake, probe
from wizard.findings import diagnose
from wizard.model.diagnosis import Case, Finding


def silent(*, speaks_http: bool | None) -> Case:
    case = handshake(failure="timeout", error="the handshake was not done within 10 s")
    return probe(case, speaks_http=speaks_http)


def found(case: Case) -> Finding:
    return diagnose(case, fails("tls", 500))[0]


def test_plain_http_is_named_where_it_answers() -> None:
    finding = found(silent(speaks_http=True))
    assert finding.slug == "backend-speaks-plain-http"
    assert "answers plain HTTP, and waits for the end of a request" in finding.explanation
    assert "httpd gives up after 60 s" in finding.explanation
    assert any(f" http://{HOST}:" in (r.command or "") for r in finding.remedies)


def test_else_what_is_left_is_named_with_how_to_tell() -> None:
    finding = found(silent(speaks_http=False))
    assert finding.slug == "connection-timeout"
    for cause in ("hangs", "another protocol (not plain HTTP, it was asked)", "firewall"):
        assert cause in finding.explanation
    commands = " ".join(remedy.command or "" for remedy in finding.remedies)
    assert "openssl s_client" in commands
    assert "tcpdump -ni any tcp port 8443" in commands
    assert "connectiontimeout" not in commands  # waiting longer helps nobody here


def test_what_was_not_asked_is_not_said() -> None:
    assert "plain HTTP" not in found(silent(speaks_http=None)).explanation
