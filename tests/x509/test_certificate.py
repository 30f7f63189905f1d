from __future__ import annotations

import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.demo import pki
from wizard.model.certificate import Certificate
from wizard.x509 import der_names, issued, name_hash, parse_der

ROOT = pki.issue("Root", ca=True, path_length=1, usage=["keyCertSign", "cRLSign"])
LEAF = pki.issue(
    "backend.internal",
    ROOT,
    dns=["backend.internal", "*.internal"],
    ip=["10.0.0.1", "fd00::1"],
    purposes=["serverAuth", "clientAuth"],
    usage=["digitalSignature", "keyEncipherment"],
)


def openssl(*arguments: str, data: bytes) -> str:
    done = subprocess.run(
        ["openssl", *arguments], input=data, capture_output=True, check=True, timeout=20
    )
    return done.stdout.decode()


def test_fields() -> None:
    leaf = parse_der(LEAF.der)
    assert leaf.error is None
    assert (leaf.subject, leaf.issuer) == ("CN=backend.internal", "CN=Root")
    assert leaf.common_names == ("backend.internal",)
    assert leaf.dns_names == ("backend.internal", "*.internal")
    assert leaf.ip_addresses == ("10.0.0.1", "fd00::1")
    assert leaf.extended_key_usage == ("serverAuth", "clientAuth")
    assert leaf.key_usage == ("digitalSignature", "keyEncipherment")
    assert (leaf.key, leaf.key_bits) == ("ECDSA P-256", 256)
    assert leaf.signature == "ecdsa-with-SHA256"
    assert not leaf.is_ca
    assert leaf.serial == f"{LEAF.certificate.serial_number:x}"
    assert leaf.not_after == LEAF.certificate.not_valid_after_utc
    assert leaf.authority_key_id == parse_der(ROOT.der).subject_key_id
    root = parse_der(ROOT.der)
    assert root.is_ca
    assert root.path_length == 1
    assert root.self_issued
    assert root.key_usage == ("keyCertSign", "cRLSign")


def test_fingerprint_serial_and_dates_are_openssls() -> None:
    said = openssl("x509", "-noout", "-fingerprint", "-sha256", "-serial", data=LEAF.pem)
    leaf = parse_der(LEAF.der)
    assert leaf.sha256 == said.split("Fingerprint=")[1].split()[0].replace(":", "").lower()
    assert int(leaf.serial, 16) == int(said.split("serial=")[1].split()[0], 16)


@pytest.mark.parametrize(
    ("kind", "shown", "bits", "signature"),
    [
        ("rsa", "RSA 2048", 2048, "sha256WithRSAEncryption"),
        ("rsa-1024", "RSA 1024", 1024, "sha256WithRSAEncryption"),
        ("ecdsa-p384", "ECDSA P-384", 384, "ecdsa-with-SHA256"),
        ("ed25519", "Ed25519", 256, "ED25519"),
    ],
)
def test_keys(kind: pki.KeyKind, shown: str, bits: int, signature: str) -> None:
    found = parse_der(pki.issue("k", key=kind).der)
    assert (found.key, found.key_bits, found.signature) == (shown, bits, signature)


@pytest.mark.parametrize("uri", [None, "http://ocsp.corp.example/", "ldap://x"])
def test_ocsp_responder(uri: str | None) -> None:
    assert parse_der(pki.issue("backend.internal", ocsp=uri).der).ocsp == uri


def test_sha1_signature() -> None:
    assert parse_der(pki.issue("k", key="rsa", sha1=True).der).signature == "sha1WithRSAEncryption"


def test_name_constraints_in_words() -> None:
    ca = parse_der(pki.issue("c", ca=True, permitted=["internal"], excluded=["x.internal"]).der)
    assert ca.name_constraints == "permitted DNS:internal; excluded DNS:x.internal"
    assert parse_der(LEAF.der).name_constraints is None


def test_issued_knows_sha1() -> None:
    one, other = (pki.issue("root", ca=True, key="rsa") for _ in range(2))
    leaf = parse_der(pki.issue("leaf", one, sha1=True).der)
    assert issued(parse_der(one.der), leaf)
    assert not issued(parse_der(other.der), leaf)
    assert not issued(parse_der(pki.issue("root", ca=True).der), leaf)


def test_issued_verifies_the_signature() -> None:
    impostor = pki.issue("Root", ca=True)
    root, leaf, false = (parse_der(c.der) for c in (ROOT, LEAF, impostor))
    assert issued(root, leaf)
    assert issued(root, root)
    assert not issued(false, leaf)  # the same name, another key
    assert not issued(leaf, root)
    tampered = bytearray(LEAF.der)
    tampered[-1] ^= 1
    assert not issued(root, parse_der(bytes(tampered)))
    assert not issued(root, parse_der(b"garbage"))
    assert not issued(parse_der(b""), parse_der(b""))


@pytest.mark.parametrize("kind", ["rsa", "ecdsa-p384", "ed25519"])
def test_issued_with_every_kind_of_key(kind: pki.KeyKind) -> None:
    ca = pki.issue("CA", ca=True, key=kind)
    assert issued(parse_der(ca.der), parse_der(pki.issue("x", ca).der))


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"0" * 99]
)
def test_no_certificate(data: bytes) -> None:
    found = parse_der(data)
    assert found.error
    assert (found.subject, found.dns_names, found.common_names) == ("", (), ())
    assert found.not_after == datetime(1970, 1, 1, tzinfo=UTC)


def test_too_large() -> None:
    assert "MiB" in (parse_der(b"0" * (17 << 20)).error or "")


@settings(max_examples=500, deadline=None)
@given(st.integers(0, len(LEAF.der) - 1), st.binary(min_size=1, max_size=4), st.booleans())
def test_damaged_bytes_never_raise(at: int, put: bytes, insert: bool) -> None:
    der = LEAF.der[:at] + put + LEAF.der[at + (0 if insert else len(put)) :]
    found = parse_der(der)
    assert isinstance(found, Certificate)
    assert found.der == der
    issued(parse_der(ROOT.der), found)
    name_hash.name_hash(found.subject_der)
    der_names.text(found.subject_der)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_never_raise(der: bytes) -> None:
    parse_der(der)
    der_names.text(der)
    der_names.common_names(der)
    name_hash.name_hash(der)


def test_a_malformed_extension_hides_only_extensions() -> None:
    constraints = LEAF.der.replace(b"backend.internal\x82", b"backend.inter\xffnal\x82"[:17], 1)
    found = parse_der(constraints)
    assert found.error is None
    assert found.common_names == ("backend.internal",)


def named(*attributes: tuple[x509.ObjectIdentifier, str]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "attributes",
    [
        [(NameOID.COMMON_NAME, "Root CA")],
        [(NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "  Two   Blanks  ")],
        [(NameOID.COMMON_NAME, "Ünïcödé ÄÖÜ"), (NameOID.LOCALITY_NAME, "ŁÓDŹ")],
        [(NameOID.EMAIL_ADDRESS, "Admin@EXAMPLE.org"), (NameOID.DOMAIN_COMPONENT, "Example")],
        [(NameOID.COMMON_NAME, "tab\tand\nline")],
        [
            (NameOID.ORGANIZATION_NAME, "x" * 64),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "y" * 64),
            (NameOID.COMMON_NAME, "z" * 64),
        ],
    ],
)
def test_name_hash_is_openssls(attributes: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    der = named(*attributes)
    said = openssl("x509", "-inform", "DER", "-noout", "-subject_hash", data=der)
    assert name_hash.name_hash(parse_der(der).subject_der) == said.strip()


def test_name_of_a_malformed_certificate() -> None:
    der = named((NameOID.COMMON_NAME, "backend"), (NameOID.ORGANIZATION_NAME, "Org"))
    broken = der.replace(b"backend", b"back\xffnd")  # no UTF-8
    found = parse_der(broken)
    assert found.error is None
    assert found.common_names == ("backÿnd",)
    assert found.subject == "O=Org,CN=backÿnd"


def test_threads_leave_the_filters_of_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    ders = [pki.issue(f"x{n}").der for n in range(50)]
    with ThreadPoolExecutor(8) as pool:
        assert not any(c.error for c in pool.map(parse_der, ders * 20))
    assert list(warnings.filters) == before


def test_oversized_names_are_read_without_a_warning() -> None:
    der = pki.issue("y" * 60).der
    longer = der.replace(b"\x0c\x3c" + b"y" * 60, b"\x0c\x3c" + b"\x1b" * 60)
    found = parse_der(longer)
    assert found.common_names == ("\x1b" * 60,)


@pytest.mark.parametrize("der", [b"", b"\x00\x00", b"\x30\x03\x02\x01\x01", b"text"])
def test_what_is_no_certificate_is_said_without_the_parsers_own_state(der: bytes) -> None:
    error = parse_der(der).error
    assert error is not None
    assert error.startswith("not a certificate in DER: ")
    assert "{" not in error
