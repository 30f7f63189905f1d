"""A lone certificate of an unknown issuer: a root that is not trusted, or an intermediate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.findings.cases import LEAF, anchors, certificate, tls
from tests.findings.pairs import NO_ISSUER
from wizard.demo import pki
from wizard.findings import diagnose
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding
from wizard.x509 import parse_der

URL = "http://ca.test/$(id);a.der"
NAMES = [
    ("USERTrust RSA Certification Authority", "Sectigo RSA Domain Validation Secure Server CA"),
    ("ISRG Root X1", "R3"),
    ("Corp Root CA", "Corp Issuing CA 1"),
    ("Acme Root CA", "Acme Issuing CA 1"),
]


def read(issued: pki.Issued) -> Certificate:
    return parse_der(issued.certificate.public_bytes(Encoding.DER))


def found(root: str, issuing: str, *, sent: bool = False, url: str | None = None) -> list[Finding]:
    """What is found where ``root`` is trusted and ``issuing`` signed the backend's certificate."""
    top = pki.issue(root, ca=True)
    below = pki.issue(issuing, top, ca=True)
    leaf = pki.issue("x.test", below, dns=["backend.internal"], ca_issuers=url)
    case = tls(anchors(read(top)), chain=(read(leaf), *((read(below),) if sent else ())))
    return list(diagnose(case, NO_ISSUER))


@pytest.mark.parametrize(("root", "issuing"), NAMES)
def test_both_causes_are_open(root: str, issuing: str) -> None:
    both = found(root, issuing)[:2]
    assert {f.slug for f in both} == {"missing-intermediate", "ca-not-trusted"}
    for finding in both:
        texts = " ".join((finding.explanation, *(r.text for r in finding.remedies)))
        assert f"CN={issuing}" in texts
        assert "if it is a root" in texts.lower()
        assert "a root has itself as issuer" in texts
        assert f"root certificate (CN={issuing})" not in texts
        assert finding.severity == "critical"


@pytest.mark.parametrize(
    ("root", "issuer", "first"),
    [
        ("CN=Corp Root CA,O=Corp", "CN=Corp Issuing CA 1,O=Corp", "missing-intermediate"),
        ("CN=Other CA,O=Other", "CN=Corp Issuing CA 1,O=Corp", "ca-not-trusted"),
        ("CN=Corp Root CA,O=Corp", "CN=Corp Root CA 2,O=Corp", "ca-not-trusted"),
        ("CN=Acme Root CA", "CN=Acme Root G2", "ca-not-trusted"),
        ("CN=Root CA,O=Corp", "CN=Issuing CA,O=Corp\\, Inc", "ca-not-trusted"),
    ],
)
def test_the_issuers_name_says_which_is_likelier(root: str, issuer: str, first: str) -> None:
    trusted = certificate("trusted", subject=root, is_ca=True)
    shown = replace(LEAF, issuer=issuer, issuer_der=issuer.encode())
    both = diagnose(tls(anchors(trusted), chain=(shown,)), NO_ISSUER)[:2]
    assert {f.slug for f in both} == {"missing-intermediate", "ca-not-trusted"}
    assert both[0].slug == first


def test_the_issuers_address_is_shown_and_no_shell_reads_it() -> None:
    for finding in found("ISRG Root X1", "R3", url=URL)[:2]:
        assert f"its issuer's certificate lies at {URL} (caIssuers)" in finding.evidence
        commands = [r.command for r in finding.remedies if r.command and "$(id)" in r.command]
        assert commands == [f"curl -sS '{URL}' | openssl x509 -noout -subject -issuer -inform DER"]


def test_an_issuer_that_was_seen_leaves_one_cause() -> None:
    slugs = [f.slug for f in found("Other Root", "Lab Issuing", sent=True)]
    assert "missing-intermediate" not in slugs


def test_an_authority_of_a_public_store_is_asked_first_for_what_is_not_sent() -> None:
    """Certificates under public roots say where their issuer lies; a word of a name is no need."""
    roots = [read(pki.issue(f"Public {n}", ca=True)) for n in range(21)]
    below = pki.issue("R3", pki.issue("ISRG Root X1", ca=True), ca=True)
    leaf = pki.issue("x.test", below, dns=["backend.internal"], ca_issuers=URL)
    case = tls(anchors(*roots), chain=(read(leaf),))
    assert [f.slug for f in diagnose(case, NO_ISSUER)][:2] == [
        "missing-intermediate",
        "ca-not-trusted",
    ]
