"""Lines of the front side: httpd's own clients and certificates are never called the backend's."""

from __future__ import annotations

import pytest

from wizard.logs import explain

THREAD = "[pid 7:tid 9]"
CLIENT = "192.0.2.197:54770"
BACKEND = "192.0.2.80:8443"
WEAK = "AH02039: Certificate Verification: Error (66): EE certificate key too weak"
UNKNOWN = "AH02039: Certificate Verification: Error (20): unable to get local issuer certificate"
EOF = "SSL Library Error: error:0A000126:SSL routines::unexpected eof while reading"
BROKEN = (
    f"[proxy:error] {THREAD} (20014)Internal error: [client {CLIENT}] AH01084: pass request body "
    f"failed to {BACKEND} (backend.internal)",
    f"[proxy:error] {THREAD} [client {CLIENT}] AH00898: Error during SSL Handshake with remote "
    "server returned by /x",
)


def ssl(text: str, address: str = "", level: str = "error") -> str:
    return f"[Fri Oct 30 19:22:42.480679 2020] [ssl:{level}] {THREAD} {address}{text}"


def client(text: str, address: str = CLIENT) -> str:
    return ssl(text, f"[client {address}] ")


def remote(text: str) -> str:
    return ssl(text, f"[remote {BACKEND}] ")


@pytest.mark.parametrize(
    "lines",
    [
        [client(WEAK)],
        [client(UNKNOWN)],
        [client("AH02276: Certificate Verification: Error (10): certificate has expired")],
        [client("AH01992: SSL library error 1 reading data"), ssl(EOF)],
        [client("AH01991: SSL input filter read failed.")],
        [client("AH01993: SSL output filter write failed.")],
        [client("AH02006: SSL handshake stopped: connection was closed")],
        [client("AH02008: SSL library error 1 in handshake (server a:443)"), ssl(EOF)],
    ],
)
def test_the_front_side_has_no_cause_at_a_backend(lines: list[str]) -> None:
    explanation = explain(lines)
    assert not explanation.causes
    assert all(
        "front side" in line.meaning.lower() or "not the backend" in line.meaning
        for line in explanation.lines
    )


def test_a_start_that_ends_over_httpds_own_certificate_is_not_the_backends_fault() -> None:
    explanation = explain(
        [
            ssl("AH02562: Failed to configure certificate a:443:0 (with chain), check /a.pem"),
            ssl("SSL Library Error: error:0A00018F:SSL routines::ee key too small"),
        ]
    )
    assert [cause.slug for cause in explanation.causes] == ["configuration-refused"]


def test_a_client_certificate_names_the_directives_of_the_front_side() -> None:
    meaning = explain([client(WEAK)]).lines[0].meaning
    assert "SSLVerifyClient" in meaning
    assert "SSLCACertificateFile" in meaning
    assert (
        "harmless" in explain([client("AH01991: SSL input filter read failed.")]).lines[0].meaning
    )


def test_the_same_line_about_the_connection_to_a_backend_has_its_cause() -> None:
    causes = explain([remote(WEAK), *BROKEN]).causes
    assert [(cause.slug, cause.certain) for cause in causes] == [("weak-key", True)]


def test_a_thread_that_refused_a_client_and_then_fails_at_a_backend_keeps_both_apart() -> None:
    failed = [remote(UNKNOWN), *BROKEN]
    alone = explain(failed).causes
    together = explain([client(WEAK), *failed, client(WEAK), ssl(EOF)]).causes
    assert [(cause.slug, cause.explains) for cause in together] == [
        (cause.slug, cause.explains) for cause in alone
    ]
    hidden = explain([client(WEAK), *BROKEN])
    assert hidden.hidden
    assert "weak-key" not in {cause.slug for cause in hidden.causes}


def test_a_format_that_writes_client_for_both_sides_is_known_by_the_address() -> None:
    causes = explain([client(WEAK, BACKEND), *BROKEN]).causes
    assert [(cause.slug, cause.certain) for cause in causes] == [("weak-key", True)]


@pytest.mark.parametrize(
    "line",
    [
        "AH01898: Unable to configure permitted SSL ciphers",
        "AH01897: Init: Oops, you want to request client authentication, but no CAs are known for "
        "verification!?  [Hint: SSLCACertificate*]",
    ],
)
def test_a_start_up_line_of_either_side_is_not_certain(line: str) -> None:
    explanation = explain([ssl(line)])
    assert not any(cause.certain for cause in explanation.causes)
    assert "SSLProxy" in explanation.lines[0].meaning
    assert "SSLVerifyClient" in explanation.lines[0].meaning or (
        "or SSLCipherSuite" in explanation.lines[0].meaning
    )
