"""Each rule on a case that has its fault, and on one that is close."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.findings.cases import CASE, OK
from tests.findings.pairs import CHECKS
from wizard.findings import CATALOGUE, diagnose
from wizard.model.diagnosis import Finding


def slugs(findings: Iterable[Finding]) -> list[str]:
    return [finding.slug for finding in findings]


@pytest.mark.parametrize("slug", CHECKS)
def test_fires_on_its_fault(slug: str) -> None:
    check = CHECKS[slug]
    findings = diagnose(*check.fires)
    assert slugs(findings).count(slug) == 1
    finding = next(f for f in findings if f.slug == slug)
    assert finding.severity == check.severity
    if check.cause:
        assert slugs(findings)[0] == slug
        assert check.fires[1].outcome == "fail"
    assert CATALOGUE[slug].title.lower() in finding.title.lower()  # "Perhaps the backend …"
    assert finding.evidence
    assert all(line.strip() == line and line for line in finding.evidence)
    assert finding.explanation.endswith(".")
    assert finding.remedies
    commands = [remedy.command or "" for remedy in finding.remedies]
    everything = [*finding.evidence, finding.explanation, *commands]
    everything += [remedy.text for remedy in finding.remedies]
    for words in check.says:
        assert any(words in text for text in everything), (words, everything)


@pytest.mark.parametrize("slug", CHECKS)
def test_stays_silent_close_to_its_fault(slug: str) -> None:
    assert slug not in slugs(diagnose(*CHECKS[slug].near))


def test_strict_and_working_has_no_finding() -> None:
    assert diagnose(CASE, OK) == ()


@pytest.mark.parametrize("slug", CHECKS)
def test_a_working_route_has_nothing_critical(slug: str) -> None:
    case, _ = CHECKS[slug].fires
    critical = {f.slug for f in diagnose(case, OK) if f.severity == "critical"}
    assert critical <= {"temporary-exception-expired"}


@pytest.mark.parametrize("slug", CHECKS)
def test_findings_about_tls_name_the_connection(slug: str) -> None:
    case, verdict = CHECKS[slug].fires
    of_problem = case.fatal or (verdict.stage in ("config", "start") and case.problems)
    for finding in diagnose(case, verdict):
        if case.route.backend.uses_tls and not of_problem:
            line = finding.evidence[-1]
            for part in ("port ", "SNI sent ", "name checked ", "Host sent "):
                assert part in line
