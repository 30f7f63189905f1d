"""What ends a handshake on httpd's side, or is found out behind an alert, has its own cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.findings.cases import fails, handshake, leaf, policy, refused
from tests.findings.test_snippets import syntax
from wizard.findings import diagnose
from wizard.model.probe import Lack

BOTH = Lack("cipher", "TLSv1.2", ("brainpoolP256r1",), "ECDHE-ECDSA-ARIA256-GCM-SHA384", "ECDSA x")


@pytest.mark.parametrize(
    ("reason", "slug"),
    [
        ("wrong curve", "group-mismatch"),
        ("wrong signature type", "signature-mismatch"),
        ("unsupported protocol", "protocol-mismatch"),
        ("legacy sigalg disallowed or unsupported", "protocol-mismatch"),
        ("no ciphers available", "cipher-mismatch"),
        ("no suitable key share", "cipher-mismatch"),
        ("decryption failed or bad record mac; record layer failure", "connection-reset"),
        ("wrong cipher returned", "connection-reset"),
        ("bad signature", "connection-reset"),
    ],
)
def test_reasons_of_this_side(reason: str, slug: str) -> None:
    """A reason that is not about versions is no lack of a common one."""
    found = diagnose(handshake(failure="protocol", error=reason), fails("tls"))
    assert found[0].slug == slug


@pytest.mark.parametrize(
    ("lack", "says", "config"),
    [
        (Lack("cipher", "TLSv1.2", (), "AES256-CCM8", "RSA 2048"), "takes AES256-CCM8", None),
        (Lack("cipher", "TLSv1.2", (), "DHE-DSS-AES256-SHA", "DSA 2048"), "DHE-DSS", None),
        (Lack("cipher", "TLSv1.3", (), "TLS_AES_128_CCM_SHA256"), "takes TLS_AES_128_CCM_SHA256",
         "SSLProxyCipherSuite TLSv1.3 TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
         "TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256"),
        (BOTH, "Besides, it insists on brainpoolP256r1",
         "SSLProxyCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE-ECDSA-ARIA256-GCM-SHA384"),
        (Lack("level", "TLSv1.2"), "At level 2 the handshake goes on",
         "SSLProxyCipherSuite DEFAULT:@SECLEVEL=2"),
    ],
)  # fmt: skip
def test_what_the_backend_takes_is_named(lack: Lack, says: str, config: str | None) -> None:
    """A weak cipher is advised nowhere."""
    (found, *_) = diagnose(handshake(failure="alert", alert=40, lack=lack), fails("tls"))
    assert found.slug == "cipher-mismatch"
    assert says in found.explanation
    assert [r.command for r in found.remedies if r.where == "config"] == (
        [config] if config else []
    )


@pytest.mark.parametrize(
    ("error", "shown", "slug"),
    [
        (66, {"key": "RSA 2048", "key_bits": 2048}, "weak-key"),
        (68, {"signature": "ecdsa-with-SHA256"}, "weak-signature"),
    ],
)
def test_a_level_that_is_too_high_is_not_the_backends_fault(
    error: int, shown: dict[str, Any], slug: str
) -> None:
    case = policy(leaf(**shown), cipher_suite="HIGH:@SECLEVEL=4")
    (found, *_) = diagnose(case, refused(error))
    assert found.slug == slug
    assert "suffices for OpenSSL's usual security level" in found.explanation
    assert found.remedies[0].command == "SSLProxyCipherSuite HIGH:@SECLEVEL=2"


def test_a_list_that_is_set_is_widened_by_fix() -> None:
    case = policy(cipher_suite="ECDHE-RSA-AES128-GCM-SHA256")
    (found, *_) = diagnose(handshake(case, failure="alert", alert=40, lack=BOTH), fails("tls"))
    assert "SSLProxyCipherSuite limits httpd here. Besides, it insists" in found.explanation
    assert any("proxy-wizard fix" in (r.command or "") for r in found.remedies)


@pytest.mark.parametrize(
    ("listed", "lack", "error", "line"),
    [
        ("HIGH !aNULL @SECLEVEL=4", Lack("level", "TLSv1.2"), "",
         'SSLProxyCipherSuite "HIGH !aNULL:@SECLEVEL=2"'),
        ("HIGH !aNULL", None, "dh key too small", 'SSLProxyCipherSuite "HIGH !aNULL:!DHE"'),
    ],
)  # fmt: skip
def test_a_list_with_blanks_stays_one_argument(
    listed: str, lack: Lack | None, error: str, line: str, tmp_path: Path
) -> None:
    case = handshake(policy(cipher_suite=listed), failure="protocol", error=error, lack=lack)
    (found, *_) = diagnose(case, fails("tls"))
    assert line in [remedy.command for remedy in found.remedies]
    assert syntax(line, tmp_path) == ""
    assert syntax(line.replace('"', ""), tmp_path) != ""


def test_the_curve_of_a_certificate_is_not_said_to_show_in_the_key_exchange() -> None:
    """Measured: with brainpoolP256r1 in the certificate alone, Server Temp Key is P-256."""
    lack = Lack("group", "TLSv1.2", ("brainpoolP256r1",), "", "ECDSA brainpoolP256r1")
    (found, *_) = diagnose(handshake(failure="alert", alert=40, lack=lack), fails("tls"))
    (look,) = (r for r in found.remedies if "-groups" in (r.command or ""))
    assert "certificate's key" in look.text
