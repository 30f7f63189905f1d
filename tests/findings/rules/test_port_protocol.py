"""What a port without TLS is, and what to do about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, PROBE, TLS
from wizard.findings import diagnose
from wizard.model.diagnosis import Finding
from wizard.verdict import predict


def found(said: str, *, http: bool) -> Finding:
    error = f"the backend answers {said!r}, which is no TLS"
    seen = replace(TLS, completed=False, chain=(), failure="not-tls", error=error)
    probe = replace(PROBE, tls=seen, http=None, speaks_http=http, speaks_h2c=False)
    case = replace(CASE, probe=probe)
    finding, *rest = diagnose(case, predict(case))
    assert finding.slug == "backend-speaks-plain-http"
    assert "verification-off" not in {one.slug for one in rest}
    return finding


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("SSH-2.0-OpenSSH_9.2p1\r\n", "it looks like SSH"),
        ("220 mail.test ESMTP\r\n", "it looks like a mail or FTP server"),
        ("J\0\0\0\n8.0.36\0\x10\0", "it looks like MySQL or MariaDB"),
        ("hello", "another service"),
    ],
)
def test_a_service_that_is_no_web_server_is_named(said: str, service: str) -> None:
    finding = found(said, http=False)
    assert service in finding.explanation
    assert finding.remedies[0].text.startswith("Correct the port in the URL")
    assert not any("enable TLS" in remedy.text for remedy in finding.remedies)


def test_plain_http_that_was_seen_is_not_guessed() -> None:
    finding = found("HTTP/1.1 400 Bad Request\r\n", http=True)
    assert "the port answers plain HTTP" in finding.explanation
    assert "likely" not in finding.explanation
