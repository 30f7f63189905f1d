"""Which names a certificate covers: odd ones, drawn by a fixed seed, held against real httpd."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from tests.support import httpd, servers
from wizard.demo.pki import Issued
from wizard.x509 import parse_der, peer_names

COUNT, SEED = 80, 20261125
WANTED = ("a.test", "a.b.test", "A.b.TEST", "xn--mnchen-3ya.test", "127.0.0.1", "localhost")
NAMES = (
    *("a.test", "A.TEST", "a.test.", " a.test", "a.test ", "a.test\0", "a,test", "test", "b.test"),
    *("*", "*.", "*.test", "*.TEST", "*.test.", ".test", "a*.test", "*.*.test", "*.b.test"),
    *("xn--mnchen-3ya.test", "xn--*.test", "*.xn--mnchen-3ya.test", "a.b.test", "a.\\b.test"),
    *("127.0.0.1", "*.0.0.1", "localhost", "*.localhost"),
)
KELVIN = "\N{KELVIN SIGN}"
"""A letter whose lower case is an ASCII k for Unicode, and for httpd is not."""
ENCODINGS = (_ASN1Type.UTF8String, _ASN1Type.T61String, _ASN1Type.BMPString)
FIRST_CN = "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n"
KEY = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Drawn:
    """A certificate, and the name and directives that httpd checks it with."""

    certificate: x509.Certificate
    wanted: str
    directives: str

    @property
    def covered(self) -> bool:
        """What the product says."""
        read = parse_der(self.certificate.public_bytes(serialization.Encoding.DER))
        compare = peer_names.covers_by_common_name if self.directives else peer_names.covers
        return compare(read, self.wanted)


def draw() -> list[Drawn]:
    dice = random.Random(SEED)
    found = []
    for _ in range(COUNT):
        subject = [
            x509.NameAttribute(NameOID.COMMON_NAME, name, _type=dice.choice(ENCODINGS))
            for name in dice.sample(NAMES, dice.choice((0, 1, 1, 2, 4)))
        ]
        others = [x509.DNSName(name) for name in dice.sample(NAMES, dice.choice((0, 1, 2, 4)))]
        found.append(
            Drawn(signed(subject, others), dice.choice(WANTED), dice.choice(("", "", FIRST_CN)))
        )
    kelvin = x509.NameAttribute(NameOID.COMMON_NAME, f"{KELVIN}.test")
    return [*found, Drawn(signed([kelvin], []), "k.test", "")]


def signed(subject: list[x509.NameAttribute[str]], others: list[x509.DNSName]) -> x509.Certificate:
    """A certificate with these common names and DNS names."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(x509.Name([]))
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if others:
        builder = builder.add_extension(x509.SubjectAlternativeName(others), critical=False)
    return builder.sign(KEY, hashes.SHA256())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Drawn, int]]:
    """What httpd answers with each certificate behind it."""
    directory = tmp_path_factory.mktemp("names")
    hosts = directory / "hosts"
    hosts.write_text("127.0.0.1 a.test k.test a.b.test xn--mnchen-3ya.test localhost\n")
    (port,) = httpd.free_ports(1)
    everything, sites, stack = draw(), [], ExitStack()
    for number, drawn in enumerate(everything):
        context = servers.context(Issued(drawn.certificate, KEY))
        handler = servers.answering(context, lambda tls: tls.sendall(servers.ok(b"")))
        backend = stack.enter_context(servers.serving(handler))
        sites.append(
            f"<VirtualHost *:{port}>\nServerName n{number}.test\nSSLProxyEngine on\n"
            f"{drawn.directives}ProxyPass / https://{drawn.wanted}:{backend}/\n"
            "</VirtualHost>\n"
        )
    config = directory / "httpd.conf"
    main = httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"])
    config.write_text(main + "".join(sites))
    with stack, httpd.running(config, hosts):
        return [(d, httpd.get(port, f"n{n}.test").status) for n, d in enumerate(everything)]


def test_httpd_accepts_the_same_names(answers: list[tuple[Drawn, int]]) -> None:
    wrong = [
        (drawn.certificate.subject, drawn.certificate.extensions, drawn.wanted, status)
        for drawn, status in answers
        if status != (200 if drawn.covered else 500)
    ]
    assert not wrong


def test_some_are_covered_and_some_are_not(answers: list[tuple[Drawn, int]]) -> None:
    statuses = [status for _, status in answers]
    assert statuses.count(200) >= 10
    assert statuses.count(500) >= 10
    assert {bool(drawn.directives) for drawn, status in answers if status == 200} == {True, False}
