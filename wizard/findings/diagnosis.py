"""From a case and its verdict to the findings: the cause first, then what else is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from wizard.findings.catalogue import CATALOGUE, asked, candidates
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Scope
from wizard.findings.table import LIST_SLUGS
from wizard.model.diagnosis import Case, Finding, Verdict

MOST_PROBLEMS = 200
"""Problems of the configuration that are looked through for one route."""
_OF_BARRIERS = "access-denied"
"""The finding of what httpd answers itself; what is behind it is diagnosed as if it were not."""
_TOO_LATE = "connection-timeout"
_ALWAYS_CRITICAL = "temporary-exception-expired"
"""The operator set its date: past it the route counts as failed, though httpd serves it."""


def diagnose(case: Case, verdict: Verdict) -> tuple[Finding, ...]:
    """What is wrong with a route.

    Args:
        case: the route with everything that was read and observed.
        verdict: what httpd does with it.

    Returns:
        Of a failing route first the cause; then, in the catalogue's order, what else is wrong.
        A route that works has no critical finding, but for an exception that is over.
    """
    if verdict.behind is not None:
        kept = CATALOGUE[_OF_BARRIERS].check(Facts(case, verdict))
        others = (one for one in diagnose(case, verdict.behind) if one.slug != _OF_BARRIERS)
        return (*((kept,) if kept is not None else ()), *others)
    if verdict.stage == "rewrite" and case.route.shadowed_by is not None:
        return ()  # httpd redirects every request of the route, and its backend does not matter
    facts = Facts(case, verdict)
    if verdict.outcome == "fail":
        return tuple(_failing(facts))
    found = [f for rule in _rules(_scopes(facts)) if (f := rule.check(facts)) is not None]
    if facts.probe is not None:
        found += _of_answer(facts)
    if verdict.outcome == "ok":
        found = [_not_failing(f) for f in found]
    return tuple(found)


def _failing(facts: Facts) -> Iterator[Finding]:
    scopes = _scopes(facts)
    cause = _refused(facts, scopes) if facts.verdict.stage in ("config", "start") else None
    if cause is None:
        cause = _cause(facts, scopes)
    if cause is not None:
        yield cause if cause.severity == "critical" else replace(cause, severity="critical")
        yield from CATALOGUE[cause.slug].also(facts)
        yield from _of_lists(facts, cause)
    for rule in _rules(scopes):
        if cause is None or rule.slug != cause.slug:
            finding = rule.check(facts)
            if finding is not None:
                yield finding


def _of_lists(facts: Facts, cause: Finding) -> Iterator[Finding]:
    """What ends httpd's start besides, in the lists of versions and ciphers of this route: they
    keep the backend's certificate from being seen, too."""
    policy = facts.policy
    lists = (policy.protocol, policy.cipher_suite, policy.cipher_suite_tls13)
    lines = {(s.source.file, s.source.line) for s in lists if s.source is not None}
    seen = {cause.slug}
    for problem in facts.case.problems[:MOST_PROBLEMS]:
        slug = problem.slug or ""
        if slug in LIST_SLUGS - seen and (problem.file, problem.line) in lines:
            seen.add(slug)
            yield CATALOGUE[slug].of_problem(facts, problem)


def _cause(facts: Facts, scopes: frozenset[Scope]) -> Finding | None:
    http = facts.probe.http if facts.probe is not None else None
    # an answer that came when httpd had given up: what it says is of no account
    answered = facts.verdict.stage == "http" and http is not None and http.status is not None
    for slug in (*((_TOO_LATE,) if answered else ()), *candidates(facts.verdict)):
        rule = CATALOGUE[slug]
        if rule.scope in scopes and (finding := rule.check(facts)) is not None:
            return finding
    return None


def _of_answer(facts: Facts) -> Iterator[Finding]:
    """What explains that the backend's answer is an error."""
    http = facts.probe.http if facts.probe is not None else None
    if http is None or ((http.status or 0) < 400 and not http.first):
        return
    for slug in asked("answer"):
        finding = CATALOGUE[slug].check(facts)
        if finding is not None:
            yield finding
            return


def _refused(facts: Facts, scopes: frozenset[Scope]) -> Finding | None:
    """Why httpd does not read the configuration, or does not start with it.

    httpd names one error a run: the first. If a directive of this route is wrong, the route's own
    rule says more about it.
    """
    stage = facts.verdict.stage
    problem = next((p for p in facts.case.problems[:MOST_PROBLEMS] if p.phase == stage), None)
    if problem is None:
        return None
    place = f"{problem.file}:{problem.line}  "
    own_line = (problem.file, problem.line) == (facts.route.source.file, facts.route.source.line)
    if problem.slug is not None:
        said: tuple[str, ...] = (problem.slug,)
    else:
        said = () if own_line else candidates(facts.verdict)  # every rule shows the route's line
    for slug in said:
        rule = CATALOGUE.get(slug)
        own = rule.check(facts) if rule is not None and rule.scope in scopes else None
        if own is not None and any(line.startswith(place) for line in own.evidence):
            return own
    known = CATALOGUE.get(problem.slug or "", CATALOGUE["configuration-refused"])
    return known.of_problem(facts, problem)


def _not_failing(finding: Finding) -> Finding:
    if finding.severity != "critical" or finding.slug == _ALWAYS_CRITICAL:
        return finding
    return replace(finding, severity="warning")


def _scopes(facts: Facts) -> frozenset[Scope]:
    tls = facts.backend.uses_tls
    engine = tls and facts.policy.engine.value
    return _scope_set(
        tls, engine, facts.probe is not None, engine and facts.tls is not None and bool(facts.chain)
    )


@cache
def _scope_set(tls: bool, engine: bool, probe: bool, leaf: bool) -> frozenset[Scope]:
    found: set[Scope] = {"route"}
    if tls:
        found.add("tls")
    if engine:
        found.add("engine")
    if probe:
        found.add("probe")
    if leaf:
        found.add("leaf")
    return frozenset(found)


@cache
def _rules(scopes: frozenset[Scope]) -> tuple[Rule, ...]:
    """The rules to ask whatever the verdict says, in the catalogue's order."""
    return tuple(r for r in CATALOGUE.values() if r.scope in scopes and not r.explains)
