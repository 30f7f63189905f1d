"""What of a finding a report shows at a glance: the line to edit, its proof, why, one remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.findings.cases import (
    CASE,
    FILE,
    LEAF,
    OTHER_ROOT,
    Pair,
    anchors,
    certificate,
    refused,
    tls,
)
from tests.findings.pairs import CHECKS
from wizard.findings import diagnose, evidence
from wizard.findings.evidence import SENTENCE
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, Finding
from wizard.reference.openssl import VERIFY_ERRORS

_JARGON = re.compile(
    r"\b(authorit(y(?! key identifier)|ies)|anchors?|leaf|handed over|the other side|CA owner)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"/\S+:\d+")
_CODE = re.compile(r"\bAH\d{5}\b")
LONGEST_PROOF, LONGEST_WHY, LONGEST_REMEDY = 150, 200, 130


def everything() -> Iterator[Pair]:
    """Each case of the table, the close ones too; and each error of OpenSSL, with a trusted root
    that signed the chain and with one that did not."""
    for check in CHECKS.values():
        yield from (check.fires, check.near)
    for code, error in VERIFY_ERRORS.items():
        for case in (CASE, anchors(OTHER_ROOT), tls(CASE, chain=(LEAF,))):
            yield case, refused(code, error.text)


def findings() -> dict[tuple[str, str, str], Finding]:
    shown = {}
    for case, verdict in everything():
        for finding in diagnose(case, verdict):
            shown[finding.slug, finding.why, "\n".join(finding.proof)] = finding
    return shown


FINDINGS = findings()


def test_every_rule_is_among_them() -> None:
    assert {slug for slug, _, _ in FINDINGS} == set(CHECKS)


@pytest.mark.parametrize("finding", FINDINGS.values(), ids=lambda one: one.slug)
def test_a_finding_is_read_at_a_glance(finding: Finding) -> None:
    assert finding.place.startswith(f"{FILE}:") or _PLACE.fullmatch(finding.place)
    assert 1 <= len(finding.proof) <= 3
    for line in finding.proof:
        assert line.strip() == line
        assert "\n" not in line
        assert 0 < len(line) <= LONGEST_PROOF, line
        assert not line.startswith(("connection: ", "backend's certificate: SHA-256"))
    assert 1 <= len(SENTENCE.split(finding.why)) <= 2, finding.why
    assert len(finding.why) <= LONGEST_WHY, finding.why
    assert finding.why.endswith(".")
    assert finding.title not in finding.why
    assert not _CODE.search(finding.why) or finding.slug == "log-level-hides-cause"
    first = finding.remedies[0]
    assert len(first.text) <= LONGEST_REMEDY, first.text
    assert len(SENTENCE.split(first.text)) == 1, first.text
    for text in (finding.title, finding.why, first.text):
        assert not _JARGON.search(text), text
    if first.text.endswith(":"):
        assert first.command


HUGE = "x" * 10_000
HOSTILE = replace(LEAF, dns_names=tuple(f"{n}.{HUGE}" for n in range(500)), sha256="1e" * 32)


def seen(case: Case) -> tuple[Certificate, ...]:
    """The certificates that the backend shows."""
    shown = case.probe.tls if case.probe is not None else None
    return shown.chain if shown is not None else ()


@pytest.mark.parametrize("slug", [slug for slug, check in CHECKS.items() if seen(check.fires[0])])
def test_a_hostile_certificate_does_not_flood_it(slug: str) -> None:
    case, verdict = CHECKS[slug].fires
    leaf, *above = seen(case)
    issuer = certificate(f"CN={HUGE}", subject=f"CN={HUGE},O={HUGE}")
    shown = replace(leaf, subject=f"CN={HUGE}", issuer=issuer.subject)
    shown = replace(shown, dns_names=HOSTILE.dns_names, common_names=(HUGE,))
    hostile = tls(case, chain=(shown, *above))
    for finding in diagnose(hostile, verdict):
        assert len(finding.proof) <= 3
        assert all(len(line) <= 2 * LONGEST_PROOF for line in finding.proof), finding.slug
        assert len(finding.why) <= 2 * LONGEST_WHY, finding.why[:400]
        assert len(finding.remedies[0].text) <= 2 * LONGEST_REMEDY, finding.slug


@pytest.mark.parametrize(
    ("subject", "issuer", "line"),
    [
        ("CN=a.test", "CN=Corp Root CA,O=Corp", "a.test, issued by Corp Root CA"),
        ("", "O=Corp,C=DE", "backend.internal, issued by O=Corp,C=DE"),
        ("O=Corp", "OU=x+CN=A\\, B,O=Corp", "backend.internal, issued by A, B"),
        ("CN=a.test,CN=b.test", "CN=R", "a.test, issued by R"),
    ],
)
def test_a_certificate_in_short(subject: str, issuer: str, line: str) -> None:
    shown = replace(LEAF, subject=subject, issuer=issuer)
    assert evidence.in_short(shown) == f"certificate: {line}, until 2027-08-16"
