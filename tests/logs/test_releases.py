"""Logs of older releases: lines as httpd 2.4.37 with OpenSSL 1.1.1 wrote them."""

from __future__ import annotations

import pytest

from wizard.logs import explain
from wizard.model.explanation import Explanation

_AT = "[Sun Nov 29 10:53:44.123456 2026]"
_PID = "[pid 7:tid 1401]"
_REMOTE = f"{_PID} [remote 10.0.0.5:8443]"
ABORTED = (
    f"{_AT} [proxy_http:error] {_PID} (103)Software caused connection abort: [client 10.0.0.9:3] "
    "AH01102: error reading status line from remote server backend.internal:8443"
)
READING = (
    f"{_AT} [proxy:error] {_PID} [client 10.0.0.9:3] AH00898: Error reading from remote server "
    "returned by /x"
)
CLOSED = ABORTED.replace("(103)Software caused connection abort", "(70014)End of file found")


def handshake(*causes: str) -> list[str]:
    """A failed handshake at LogLevel info."""
    told = ["AH01964: Connection to child 0 established (server a.test:80)", *causes]
    told += [
        "AH01998: Connection closed to child 0 with abortive shutdown (server a.test:80)",
        "AH01997: SSL handshake failed: sending 502",
    ]
    return [f"{_AT} [ssl:info] {_REMOTE} {line}" for line in told] + [ABORTED, READING]


def library(text: str) -> str:
    return f"SSL Library Error: {text}"


FAILED = "AH02003: SSL Proxy connect failed"
VERIFY = library(
    "error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed"
)


def slugs(found: Explanation) -> list[str]:
    return [cause.slug for cause in found.causes]


@pytest.mark.parametrize(
    ("causes", "slug"),
    [
        (
            (
                "AH02276: Certificate Verification: Error (10): certificate has expired "
                "[subject: CN=b / issuer: CN=r / serial: 05]",
                FAILED,
                VERIFY,
            ),
            "certificate-expired",
        ),
        (
            (
                "AH02276: Certificate Verification: Error (18): self signed certificate "
                "[subject: CN=b / issuer: CN=b / serial: 05]",
                FAILED,
                VERIFY,
            ),
            "self-signed-certificate",
        ),
        (
            (
                "AH02276: Certificate Verification: Error (24): invalid CA certificate "
                "[subject: CN=i / issuer: CN=r / serial: 05]",
                FAILED,
                VERIFY,
            ),
            "issuer-not-a-ca",
        ),
        (
            (
                FAILED,
                library("error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version "
                        "(SSL alert number 70)"),
            ),
            "protocol-mismatch",
        ),
        (
            (
                FAILED,
                library("error:1408F10B:SSL routines:ssl3_get_record:wrong version number"),
            ),
            "backend-speaks-plain-http",
        ),
        (
            (
                "AH02038: cannot perform OCSP validation for cert if issuer has not been verified "
                "(optional_no_ca configured)",
                "AH02276: Certificate Verification: Error (50): application verification failure "
                "[subject: CN=b / issuer: CN=r / serial: 05]",
                FAILED,
                VERIFY,
            ),
            "ocsp-for-backend",
        ),
    ],
)  # fmt: skip
def test_a_502_is_told_as_its_cause(causes: tuple[str, ...], slug: str) -> None:
    found = explain(handshake(*causes))
    assert slugs(found)[0] == slug
    assert not {"stale-pooled-connection", "backend-speaks-tls"} & set(slugs(found))
    assert found.hidden is None


def test_at_level_warn_the_cause_is_hidden_and_not_a_backend_that_closes() -> None:
    found = explain([ABORTED, READING])
    assert found.hidden is not None
    assert {"protocol-mismatch", "cipher-mismatch", "backend-speaks-plain-http"} <= {*slugs(found)}
    assert not {"stale-pooled-connection", "backend-speaks-tls"} & {*slugs(found)}
    assert not {"name-mismatch", "certificate-expired"} & {*slugs(found)}  # told with AH01084


def test_a_verify_error_at_level_warn() -> None:
    refused = (
        f"{_AT} [ssl:error] {_REMOTE} AH02039: Certificate Verification: Error (10): "
        "certificate has expired"
    )
    found = explain([refused, ABORTED, READING])
    assert slugs(found)[0] == "certificate-expired"
    assert found.hidden is None


def test_a_backend_that_closes_is_still_one() -> None:
    assert slugs(explain([CLOSED, READING]))[0] == "stale-pooled-connection"


@pytest.mark.parametrize("code", ["AH00489", "AH00163"])
def test_the_log_says_which_httpd_wrote_it(code: str) -> None:
    banner = (
        f"[Sun Nov 29 10:53:44.1 2026] [mpm_event:notice] [pid 7:tid 1] {code}: Apache/2.4.37 "
        "(Unix) OpenSSL/1.1.1k configured -- resuming normal operations"
    )
    (line,) = explain([banner]).lines
    assert "httpd 2.4.37 with OpenSSL 1.1.1k" in line.meaning
    assert "a failed handshake gives 502 with AH01102" in line.meaning
    assert "a client key in PKCS #8" in line.meaning
    assert "may not hold" not in line.meaning


def test_a_distribution_may_have_taken_later_changes() -> None:
    (line,) = explain(
        ["AH00489: Apache/2.4.37 (Red Hat Enterprise Linux) OpenSSL/1.1.1k configured -- resuming "
         "normal operations"]
    ).lines  # fmt: skip
    assert "may not hold" in line.meaning


@pytest.mark.parametrize(
    "banner",
    [
        "AH00489: Apache/2.4.71 (Debian) OpenSSL/3.0.22 configured -- resuming normal operations",
        "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations",
        "AH00489: Apache configured -- resuming normal operations",
    ],
)
def test_of_the_newest_nothing_differs(banner: str) -> None:
    (line,) = explain([banner]).lines
    assert "Otherwise" not in line.meaning
