"""Words of curl, wget and their TLS libraries in the releases that people have."""

from __future__ import annotations

import pytest

from wizard.logs import explain
from wizard.reference.tables import load

_CA = "(CAfile: /etc/ssl/certs/ca-certificates.crt)"
_OF_CURL = {
    # OpenSSL: Debian 11, 12 and 13
    "(60) SSL certificate problem: unable to get local issuer certificate": "ca-not-trusted",
    "(60) SSL certificate problem: self-signed certificate": "self-signed-certificate",
    "(60) SSL certificate problem: self signed certificate": "self-signed-certificate",
    "(60) SSL certificate problem: self-signed certificate in certificate chain": "ca-not-trusted",
    "(60) SSL certificate problem: certificate has expired": "certificate-expired",
    "(60) SSL: no alternative certificate subject name matches target host name 'a.test'": (
        "name-mismatch"
    ),
    "(60) SSL: no alternative certificate subject name matches target ipv4 address '10.0.0.1'": (
        "name-mismatch"
    ),
    "(60) SSL: certificate subject name 'b' does not match target hostname 'a.test'": (
        "name-mismatch"
    ),
    "(51) SSL: certificate subject name (b) does not match target host name 'a'": "name-mismatch",
    "(35) error:0A00010B:SSL routines::wrong version number": "backend-speaks-plain-http",
    "(35) OpenSSL/3.0.17: error:0A00010B:SSL routines::wrong version number": (
        "backend-speaks-plain-http"
    ),
    "(35) TLS connect error: error:0A00010B:SSL routines::wrong version number": (
        "backend-speaks-plain-http"
    ),
    "(35) TLS connect error: error:00000000:lib(0)::reason(0)": "backend-speaks-plain-http",
    "(35) TLS connect error: error:0A000458:SSL routines::tlsv1 unrecognized name": "sni-rejected",
    "(35) LibreSSL/3.3.6: error:1404B42E:SSL routines:ST_CONNECT:tlsv1 alert protocol version": (
        "protocol-mismatch"
    ),
    "(35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a:443": "connection-reset",
    "(35) Recv failure: Connection reset by peer": "connection-reset",
    "(56) OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, "
    "errno 0": "client-certificate-required",
    "(56) OpenSSL SSL_read: OpenSSL/3.5.1: error:0A00045C:SSL routines::tlsv13 alert certificate "
    "required, errno 0": "client-certificate-required",
    "(56) Recv failure: Connection reset by peer": "connection-reset",
    "(52) Empty reply from server": "connection-reset",
    "(6) Could not resolve host: backend.internal": "dns-failure",
    "(7) Failed to connect to b port 8443 after 0 ms: Couldn't connect to server": (
        "connection-refused"
    ),
    "(7) Failed to connect to b port 8443 after 0 ms: Could not connect to server": (
        "connection-refused"
    ),
    "(7) Failed to connect to b port 8443: Connection refused": "connection-refused",
    "(7) Failed to connect to b port 8443: No route to host": "connection-timeout",
    "(28) Connection timed out after 5001 milliseconds": "connection-timeout",
    "(28) Failed to connect to b port 8443 after 5000 ms: Timeout was reached": (
        "connection-timeout"
    ),
    "(92) HTTP/2 stream 1 was not closed cleanly: PROTOCOL_ERROR (err 1)": "connection-reset",
    # GnuTLS: older builds, then those of Debian 13
    f"(60) server certificate verification failed. {_CA}": "ca-not-trusted",
    f"(60) server verification failed: certificate signer not trusted. {_CA}": "ca-not-trusted",
    f"(60) server verification failed: certificate has expired. {_CA}": "certificate-expired",
    "(35) gnutls_handshake() failed: An unexpected TLS packet was received.": (
        "backend-speaks-plain-http"
    ),
    "(35) gnutls_handshake() failed: The TLS connection was non-properly terminated.": (
        "connection-reset"
    ),
    "(35) gnutls_handshake() failed: Handshake failed": "cipher-mismatch",
    # Schannel
    "(60) schannel: SEC_E_UNTRUSTED_ROOT (0x80090325)": "ca-not-trusted",
    "(60) schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322)": (
        "name-mismatch"
    ),
}


def first(text: str) -> str:
    return explain([text]).causes[0].slug


@pytest.mark.parametrize(("text", "slug"), _OF_CURL.items())
def test_curl_in_the_words_of_its_builds(text: str, slug: str) -> None:
    assert first(f"curl: {text}") == slug
    assert first(f"web-1  | curl: {text}") == slug


@pytest.mark.parametrize("code", load("texts.json")["curl"])
def test_an_exit_code_of_curl_alone(code: str) -> None:
    meaning = load("texts.json")["curl"][code][0]
    for text in (f"curl: ({code})", f"curl exit code {code}", f"curl failed with exit code {code}"):
        assert [line.meaning for line in explain([text]).lines] == [meaning], text


def test_an_exit_code_that_leaves_several_causes_names_what_decides() -> None:
    for code in ("7", "35", "56", "60"):
        said = explain([f"curl: ({code})"])
        assert not any(cause.certain for cause in said.causes)
        assert "`proxy-wizard check`" in said.lines[0].meaning


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("ERROR: cannot verify b's certificate, issued by 'CN=X':", "ca-not-trusted"),
        ("  Unable to locally verify the issuer's authority.", "ca-not-trusted"),
        ("ERROR: certificate common name 'a' doesn't match requested host name 'b'.",
         "name-mismatch"),
        ("ERROR: no certificate subject alternative name matches", "name-mismatch"),
        ("OpenSSL: error:0A00010B:SSL routines::wrong version number",
         "backend-speaks-plain-http"),
        ("wget: unable to resolve host address 'backend'", "dns-failure"),
        ("Connecting to backend|10.0.0.1|:8443... failed: Connection refused.",
         "connection-refused"),
    ],
)  # fmt: skip
def test_wget(text: str, slug: str) -> None:
    assert first(text) == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("wrong version number", "backend-speaks-plain-http"),
        ("SSL Library Error: wrong version number", "backend-speaks-plain-http"),
        ("sslv3 alert handshake failure", "cipher-mismatch"),
        ("tlsv1 unrecognized name", "sni-rejected"),
        ("tlsv13 alert certificate required", "client-certificate-required"),
    ],
)
def test_a_reason_of_openssl_alone(text: str, slug: str) -> None:
    assert first(text) == slug


def test_a_section_that_has_no_end_is_httpds_words_only() -> None:
    assert first("/etc/a.conf:3: <VirtualHost> was not closed.") == "configuration-refused"
    assert not explain(["The connection was not closed."]).causes


@pytest.mark.parametrize(
    "text",
    [
        "curl: (7) Failed to connect to b.test port 9443 after 0 ms: Couldn't connect to server",
        "curl: (7) Failed to connect to b.test port 9443: Connection refused",
        "Connecting to b.test|10.0.0.1|:9443... failed: Connection refused.",
        "Connecting to b.test (b.test)|10.0.0.1|:9443... failed: Connection refused.",
    ],
)
def test_commands_have_the_host_and_the_port_that_curl_and_wget_name(text: str) -> None:
    cause = explain([text]).causes[0]
    commands = "\n".join(remedy.command or "" for remedy in cause.remedies)
    assert cause.slug == "connection-refused"
    assert "9443" in commands
    assert "8443" not in commands
    assert "backend.internal" not in commands


def test_what_is_most_likely_is_not_certain() -> None:
    for rows in load("texts.json").values():
        for words, row in rows.items():
            if isinstance(row, list) and len(row) == 3 and row[2] == 3 and len(row[1]) == 1:
                assert "most likely" not in row[0], words
                assert " or another " not in row[0], words


def test_an_expired_certificate_can_be_the_authoritys() -> None:
    rows = load("texts.json")["texts"]
    for words, row in rows.items():
        if row[1][:1] == ["certificate-expired"] and row[2] == 3:
            assert "ca-expired" in row[1], words


@pytest.mark.parametrize("group", ["texts", "programs", "browsers", "errors"])
def test_no_words_are_those_of_another_row(group: str) -> None:
    for words, (meaning, *_) in load("texts.json")[group].items():
        (line,) = explain([f"connect: {words}."]).lines
        assert line.meaning.endswith(meaning), words
