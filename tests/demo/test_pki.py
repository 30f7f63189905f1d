"""Each fault of the throw-away PKI is the fault that OpenSSL sees."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from wizard.demo import pki


def verify(
    directory: Path, leaf: pki.Issued, root: pki.Issued, *more: str, above: bytes = b""
) -> str:
    """What ``openssl verify`` says, its error numbers included."""
    (directory / "root.pem").write_bytes(root.pem)
    (directory / "above.pem").write_bytes(above or root.pem)
    (directory / "leaf.pem").write_bytes(leaf.pem)
    done = subprocess.run(
        ["openssl", "verify", "-auth_level", "2", "-CAfile", "root.pem", "-untrusted", "above.pem",
         *more, "leaf.pem"],
        cwd=directory, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout + done.stderr


SERVER = ("-purpose", "sslserver")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, None),
        ({"key": "ed25519"}, None),
        ({"key": "ecdsa-p384"}, None),
        ({"key": "rsa"}, None),
        ({"days": (-9, -1)}, 10),
        ({"days": (1, 9)}, 9),
        ({"key": "rsa-1024"}, 66),
        ({"sha1": True}, 68),
        ({"purposes": ["clientAuth"]}, 26),
        ({"purposes": ["serverAuth"]}, None),
        ({"usage": ["keyCertSign"]}, 26),
    ],
)
def test_leaf(tmp_path: Path, options: dict[str, Any], error: int | None) -> None:
    root = pki.issue("root", ca=True, key=pki.new_key("rsa", shared=1))
    said = verify(
        tmp_path, pki.issue("leaf", root, dns=["leaf.internal"], **options), root, *SERVER
    )
    assert (f"error {error} at" in said) if error else said.strip().endswith(": OK"), said


@pytest.mark.parametrize(
    ("root", "above", "error"),
    [
        ({"path_length": 0}, {}, 25),
        ({}, {"permitted": ["other.internal"]}, 47),
        ({}, {"excluded": ["leaf.internal"]}, 48),
        ({}, {"ca": False}, 79),
        ({}, {"days": (-9, -1)}, 10),
        ({}, {"permitted": ["internal"], "path_length": 0}, None),
    ],
)
def test_intermediate(
    tmp_path: Path, root: dict[str, Any], above: dict[str, Any], error: int | None
) -> None:
    top = pki.issue("root", **{"ca": True, **root})
    middle = pki.issue("middle", top, **{"ca": True, **above})
    leaf = pki.issue("leaf", middle, dns=["leaf.internal"])
    said = verify(tmp_path, leaf, top, *SERVER, above=middle.pem)
    assert (f"error {error} at" in said) if error else said.strip().endswith(": OK"), said


@pytest.mark.parametrize(
    ("left_out", "error"),
    [({}, None), ({"usage": ()}, 92), ({"key_ids": False}, 86)],
)
def test_what_python_3_13_asks_of_a_ca(
    tmp_path: Path, left_out: dict[str, Any], error: int | None
) -> None:
    """Its ``ssl.create_default_context`` sets VERIFY_X509_STRICT, as ``-x509_strict`` does."""
    root = pki.issue("root", ca=True)
    middle = pki.issue("middle", root, ca=True, **left_out)
    leaf = pki.issue("leaf", middle, dns=["leaf.internal"])
    said = verify(tmp_path, leaf, root, "-x509_strict", above=middle.pem)
    assert (f"error {error} at" in said) if error else said.strip().endswith(": OK"), said


@pytest.mark.parametrize("key_ids", [True, False])
def test_a_namesake_with_another_key(tmp_path: Path, key_ids: bool) -> None:
    signed = pki.issue("leaf", pki.issue("root", ca=True, key_ids=key_ids), key_ids=key_ids)
    said = verify(tmp_path, signed, pki.issue("root", ca=True, key_ids=key_ids))
    assert f"error {20 if key_ids else 7} at" in said


def test_cross_signed(tmp_path: Path) -> None:
    new, old = pki.issue("new", ca=True), pki.issue("old", ca=True)
    cross = pki.issue("new", old, ca=True, key=new.key)
    leaf = pki.issue("leaf", new)
    assert ": OK" in verify(tmp_path, leaf, old, above=cross.pem)
    assert ": OK" in verify(tmp_path, leaf, new)


@pytest.mark.parametrize(
    ("revoked", "days", "error"),
    [(False, (-1, 9), None), (True, (-1, 9), 23), (False, (-9, -1), 12)],
)
def test_revocation(
    tmp_path: Path, revoked: bool, days: tuple[float, float], error: int | None
) -> None:
    root = pki.issue("root", ca=True)
    leaf = pki.issue("leaf", root)
    (tmp_path / "crl.pem").write_bytes(pki.crl(root, [leaf] * revoked, days=days))
    said = verify(tmp_path, leaf, root, "-crl_check", "-CRLfile", "crl.pem")
    assert (f"error {error} at" in said) if error else ": OK" in said, said


def test_names_and_dates_are_as_asked() -> None:
    now = datetime(2030, 5, 6, tzinfo=UTC)
    one = pki.issue(
        None, dns=["a.internal", "*.b.internal"], ip=["::1"], days=(-1, 2), now=now, ca=None
    ).certificate
    names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.internal", "*.b.internal"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["::1"]
    assert (one.not_valid_before_utc.day, one.not_valid_after_utc.day) == (5, 8)
    assert one.subject.rfc4514_string() == ""
    with pytest.raises(x509.ExtensionNotFound):
        one.extensions.get_extension_for_class(x509.BasicConstraints)


def test_sha1_needs_an_rsa_key() -> None:
    with pytest.raises(ValueError, match="RSA"):
        pki.issue("leaf", sha1=True)


def test_a_key_can_be_encrypted() -> None:
    assert b"ENCRYPTED" in pki.issue("leaf").encrypted_key_pem(b"secret")
    assert pki.trusted_pem(pki.issue("leaf")).startswith(b"-----BEGIN TRUSTED CERTIFICATE-----")
