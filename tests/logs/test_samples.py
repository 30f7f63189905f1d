"""Logs of releases and systems that are not at hand, as their sources write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.logs import explain
from wizard.model.explanation import Explanation

DATA = Path(__file__).parent / "data"


def explained(name: str) -> Explanation:
    return explain((DATA / name).read_text().splitlines())


@pytest.mark.parametrize(
    ("name", "slug", "codes"),
    [
        ("httpd22.log", "connection-refused", {"AH00957", "AH00959"}),
        ("httpd22-verify.log", "ca-not-trusted", {"AH02039", "AH02003", "AH01084", "AH00898"}),
        ("selinux.log", "connection-not-permitted", {"AH00957", "AH01114"}),
        ("windows.log", "connection-refused", {"AH00957", "AH01114"}),
        ("openssl11.log", "issuer-not-a-ca", {"AH02276", "AH02003"}),
        ("stale.log", "stale-pooled-connection", {"AH01102", "AH00898"}),
    ],
)
def test_cause(name: str, slug: str, codes: set[str]) -> None:
    explanation = explained(name)
    assert explanation.causes[0].slug == slug
    assert {line.code for line in explanation.lines if line.code} == codes
    assert explanation.hidden is None


def test_22_has_no_log_level_of_modules() -> None:
    hidden = explained("httpd22-hidden.log").hidden
    assert hidden is not None
    assert "`LogLevel info`" in hidden
    assert "ssl:info" not in hidden


def test_a_browsers_failed_handshake_is_no_fault_of_a_backend() -> None:
    explanation = explained("front.log")
    assert explanation.causes == ()
    assert explanation.hidden is None
    assert not [line for line in explanation.lines if line.slugs]


def test_access_logs_are_not_read() -> None:
    assert explained("access.log") == Explanation(lines_read=2)


def test_what_clients_write_into_a_line_is_not_believed() -> None:
    explanation = explained("spoofed.log")
    assert [line.code for line in explanation.lines] == ["AH00126"]
    assert explanation.causes == ()


def test_the_number_of_another_openssl_counts_less_than_its_text() -> None:
    line = explained("openssl11.log").lines[0]
    assert line.openssl == 79  # 24 in OpenSSL 1.1


def test_the_depth_tells_whose_certificate_an_error_is_about() -> None:
    depth = "[ssl:debug] [pid 1:tid 2] AH02275: Certificate Verification, depth {}, CRL checking"
    error = (
        "[ssl:info] [pid 1:tid 2] AH02276: Certificate Verification: Error (20): unable to get "
        "local issuer certificate [subject: CN=b / issuer: CN=c / serial: 1 / notbefore: x]"
    )
    above = [cause.slug for cause in explain([depth.format(1), error]).causes]
    leaf = [cause.slug for cause in explain([depth.format(0), error]).causes]
    # above the leaf an intermediate may be missing too (tests/oracle), but a root is likelier
    assert above.index("missing-intermediate") > leaf.index("missing-intermediate")
    assert above[0] == leaf[0] == "ca-not-trusted"


def test_a_file_that_cannot_be_read_is_no_connection() -> None:
    line = "[Tue Mar 03 10:15:01 2015] [error] [client 192.0.2.1] (13)Permission denied: {} denied"
    assert explain([line.format("access to /secret")]).lines_recognised == 0


def commands(lines: list[str]) -> str:
    found = explain(lines)
    return "\n".join(r.command or "" for cause in found.causes for r in cause.remedies)


def test_commands_name_the_backend_of_the_log() -> None:
    line = "(111)Connection refused: AH00957: https: attempt to connect to {} failed"
    named = commands([line.format("192.0.2.7:9443 (app.corp.example:9443)")])
    assert "app.corp.example:9443" in named
    assert "backend.internal" not in named


@pytest.mark.parametrize(
    "target",
    [
        "192.0.2.7:9443 ($(reboot):9443)",
        "192.0.2.7:9443 (-oProxyCommand=x:9443)",
        "192.0.2.7:9443 (a;b:9443)",
        "192.0.2.7:99999 (app.corp.example:99999)",
        "192.0.2.7:9443 (a`b`:9443)",
    ],
)
def test_nothing_but_a_name_gets_into_a_command(target: str) -> None:
    shown = commands(
        [f"(111)Connection refused: AH00957: https: attempt to connect to {target} failed"]
    )
    assert "backend.internal" in shown
    assert not [word for word in ("192.0.2.7", "reboot", "ProxyCommand", "a;b", "99999", "a`b")
                if word in shown]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("- Status: The certificate is NOT trusted. The certificate issuer is unknown. ",
         "ca-not-trusted"),
        ("- Status: The certificate is NOT trusted. The certificate chain uses expired "
         "certificate. ", "certificate-expired"),
        ("*** Fatal error: An unexpected TLS packet was received.", "backend-speaks-plain-http"),
        ("|<1>| Received alert [112]: The server name sent was not recognized", "sni-rejected"),
        ("curl: (35) gnutls_handshake() failed: The TLS connection was non-properly terminated.",
         "connection-reset"),
        ("curl: (60) Peer's Certificate issuer is not recognized.", "ca-not-trusted"),
        ("curl: (35) SSL received a record that exceeded the maximum permissible length.",
         "backend-speaks-plain-http"),
        ("curl: (28) Connection timed out after 5001 milliseconds", "connection-timeout"),
        ("curl: (7) Failed to connect to b port 1 after 0 ms: Couldn't connect to server",
         "connection-refused"),
        ("curl: (7) Failed to connect to b port 1 after 0 ms: Could not connect to server",
         "connection-refused"),
        ("curl: (7) Failed to connect to b port 1: No route to host", "connection-timeout"),
        ("curl: (7) Failed to connect to b port 1: Permission denied", "connection-not-permitted"),
        ("curl: (51) SSL: certificate subject name 'a' does not match target host name 'b'",
         "name-mismatch"),
        ("x509: certificate signed by unknown authority", "ca-not-trusted"),
        ("x509: certificate is valid for a.example, not b.example", "name-mismatch"),
        ("Error: unable to verify the first certificate", "missing-intermediate"),
        ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
         "failed: self-signed certificate (_ssl.c:997)", "self-signed-certificate"),
        ("upstream SSL certificate verify error: (10:certificate has expired) while SSL "
         "handshaking to upstream", "certificate-expired"),
        ("sun.security.provider.certpath.SunCertPathBuilderException: PKIX path building failed",
         "ca-not-trusted"),
        ("<p>Reason: <strong>DNS lookup failure for: nowhere.internal</strong></p>", "dns-failure"),
        ("Reason: You're speaking plain HTTP to an SSL-enabled server port.", "backend-speaks-tls"),
        ("400 The plain HTTP request was sent to HTTPS port", "backend-speaks-tls"),
        ("140736:error:1407742E:SSL routines:SSL23_GET_SERVER_HELLO:tlsv1 alert protocol version:"
         "s23_clnt.c:769:", "protocol-mismatch"),
        ("No route to host", "connection-timeout"),
    ],
)  # fmt: skip
def test_single_lines_of_other_programs(line: str, slug: str) -> None:
    assert explain([line]).causes[0].slug == slug


@pytest.mark.parametrize(
    "line",
    [
        "PHP Warning:  fopen(/var/data/x): failed to open stream: Permission denied in /a.php",
        "[Wed Nov 25 02:17:05.1 2026] [php:error] [pid 1:tid 2] PHP Fatal error: broken in x.php",
        "Everything is fine.",
        "12345678",
        "",
        "\x00\x00",
        "-----BEGIN CERTIFICATE-----",
        "The connection was a pleasure.",
    ],
)
def test_lines_about_something_else(line: str) -> None:
    assert explain([line]).lines_recognised == 0


@pytest.mark.parametrize(
    ("lines", "slug", "certain"),
    [
        (["(13)Permission denied: AH00952: FCGI: error creating fam 2 socket for target 192.0.2.1"],
         "connection-not-permitted", True),
        (["(104)Connection reset by peer: AH01084: pass request body failed to "
          "192.0.2.80:8443 (b.example)"],
         "client-certificate-required", False),
        (["[ssl:warn] [pid 1:tid 1] AH01897: Init: Oops, you want to request client "
          "authentication, but no CAs are known for verification!?  [Hint: SSLCACertificate*]"],
         "ca-not-configured", False),
    ],
)  # fmt: skip
def test_a_cause_is_named_and_certain_only_where_no_other_is_possible(
    lines: list[str], slug: str, certain: bool
) -> None:
    found = {cause.slug: cause.certain for cause in explain(lines).causes}
    assert found.get(slug) is certain
