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
from wizard.model.config import (
    Backend,
    Configuration,
    HttpdInfo,
    Route,
    Setting,
    Source,
    TlsPolicy,
    VirtualHost,
)
from wizard.model.plan import TrustChoice
from wizard.model.remark import as_told
from wizard.model.route_id import RouteId
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


def route(certificate_file: str | None, key: str | None = None, ca: str | None = None) -> Route:
    here = Source("/etc/apache2/sites-enabled/a.conf", 1)
    vhost = VirtualHost(
        "a",
        (),
        ("*:443",),
        here,
        9,
        certificate_file=Setting(certificate_file),
        certificate_key_file=Setting(key),
    )
    backend = Backend("https://b/", "https", "b", 443, "/", "b", "b", "b")
    policy = TlsPolicy(ca_certificate_file=Setting(ca))
    return Route(RouteId(1, "a", "/", "ProxyPass"), vhost, "/", "ProxyPass", here, backend, policy)


@pytest.mark.parametrize(
    ("site", "directory"),
    [
        (route("/etc/apache2/ssl/site.pem"), "/etc/apache2/ssl"),
        (route("/etc/apache2/ssl/site.pem", ca="/etc/apache2/ca/ca.pem"), "/etc/apache2/ca"),
        (route("/etc/ssl/private/site.pem"), "/etc/apache2/proxy-trust"),
        (route("/srv/tls/site.pem", key="/srv/tls/site.key"), "/etc/apache2/proxy-trust"),
        (route("/etc/letsencrypt/live/a/fullchain.pem"), "/etc/apache2/proxy-trust"),
        (route("/etc/ssl/certs/site.pem"), "/etc/apache2/proxy-trust"),
        (route("/usr/lib/ssl/certs/site.pem"), "/etc/apache2/proxy-trust"),
        (route("/var/run/site/site.pem"), "/etc/apache2/proxy-trust"),
        (route("/etc/pki/tls/certs/site.pem"), "/etc/pki/tls/certs"),
        (route(None), "/etc/apache2/proxy-trust"),
        (route("/etc/x/../ssl/private/a.pem"), "/etc/apache2/proxy-trust"),
    ],
)
def test_the_bundle_goes_beside_the_other_certificates(site: Route, directory: str) -> None:
    assert bundle.directory(site, "/etc/apache2", ca_file_exists=True) == directory


@pytest.mark.parametrize(
    ("file", "partial", "home"),
    [
        ("/etc/apache2/sites-enabled/a.conf", True, "/etc/apache2"),
        ("/home/me/draft/a.conf", True, "/home/me/draft"),
        ("/home/me/draft/httpd.conf", False, "/etc/apache2"),
        ("/tmp/a.conf", True, "/etc/apache2"),
        ("/tmp/mine/a.conf", True, "/tmp/mine"),
        ("/a.conf", True, "/etc/apache2"),
    ],
)
def test_what_belongs_to_a_lone_file_from_elsewhere_stays_beside_it(
    file: str, partial: bool, home: str
) -> None:
    found = Configuration(file, "/etc/apache2", "file", HttpdInfo(), (), (), partial=partial)
    assert bundle.home(found) == home


def test_a_missing_ca_file_leads_to_no_directory() -> None:
    site = route("/etc/apache2/ssl/site.pem", ca="/etc/apach2/ca/ca.pem")
    assert bundle.directory(site, "/etc/apache2", ca_file_exists=False) == "/etc/apache2/ssl"
