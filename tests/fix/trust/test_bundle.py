"""The bundle: OpenSSL must read exactly the certificates, whatever their subject says."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wizard.fix.trust import bundle
from wizard.model.certificate import Certificate
from wizard.model.plan import TrustChoice
from wizard.model.remark import as_told
from wizard.text import fingerprint
from wizard.x509 import parse_der


def certificate(name: str) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return parse_der(built.public_bytes(serialization.Encoding.DER))


def loaded(data: bytes, directory: Path) -> set[bytes]:
    file = directory / "bundle.pem"
    file.write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=file)
    return set(context.get_ca_certs(binary_form=True))


def test_the_bundle_says_what_each_certificate_is() -> None:
    root = certificate("Example Root")
    choice = TrustChoice((root,), "/ca.pem", as_told("the operator named it"))
    text = bundle.text([choice, choice], ["backend.internal", "backend.internal"]).decode()
    assert text.count("BEGIN CERTIFICATE") == 1
    assert text.splitlines()[0] == (
        "# Trust for HTTPS backends: backend.internal. Written by proxy-wizard."
    )
    assert "# Trusted because: the operator named it\n# Subject: O=Example Root\n" in text
    assert f"# SHA-256: {fingerprint(root.sha256)}\n# Expires: 2036-01-01" in text


@pytest.mark.parametrize(
    "name",
    [
        "x\n-----BEGIN CERTIFICATE-----\nMII",
        "\x1b[2J\u202eevil\u2028next",
        "a" * 64,
        "ü" * 64,
    ],
)
def test_a_hostile_subject_adds_nothing(tmp_path: Path, name: str) -> None:
    root = certificate(name)
    long = replace(root, subject="O=" + name + "y" * (254 - 60) + "-----BEGIN CERTIFICATE-----")
    for shown in (root, long):
        data = bundle.text([TrustChoice((shown,), "f", as_told("b" * 400))], ["h" * 300])
        assert all(len(line) < 254 for line in data.split(b"\n"))
        assert loaded(data, tmp_path) == {root.der}
        outside = data[: data.index(b"\n-----BEGIN")].split(b"\n")
        assert all(not line or line.startswith(b"# ") for line in outside)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("backend.internal", "proxy-trust-backend.internal.pem"),
        ("BACKEND", "proxy-trust-backend.pem"),
        ("::1", "proxy-trust-__1.pem"),
        ("../../etc/passwd", "proxy-trust-_.._etc_passwd.pem"),
        ("", "proxy-trust-backend.pem"),
        ("ü", "proxy-trust-_.pem"),
        ("x" * 300, f"proxy-trust-{'x' * 100}.pem"),
    ],
)
def test_file_names_are_safe_and_stable(host: str, name: str) -> None:
    assert bundle.file_name(host) == name


def test_the_operator_s_name_is_for_the_first_file() -> None:
    names = [bundle.file_name("b.test", number, named="corp.pem") for number in (1, 2)]
    assert names == ["corp.pem", "corp-2.pem"]
    assert bundle.file_name("b.test", 2, named="corp") == "corp-2"
