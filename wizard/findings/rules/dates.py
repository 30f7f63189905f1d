"""Certificates outside their dates, or near the end."""

from __future__ import annotations

from datetime import timedelta

from wizard.findings import commands, evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.chain import accused, reissued
from wizard.model.diagnosis import Finding, Remedy, Severity

SOON = timedelta(days=30)
"""A renewal is due when less than this is left."""


class _DateRule(Rule):
    scope = "leaf"


class CertificateExpired(_DateRule):
    """AH02004, or error 10 at the leaf."""

    slug = "certificate-expired"

    def _check(self, facts: Facts) -> Finding | None:
        leaf = facts.leaf
        if leaf is None or leaf.not_after > facts.now:
            return None
        days = (facts.now - leaf.not_after).days
        return self.found(
            facts,
            f"It was valid until {evidence.day(leaf.not_after)}, {days} day"
            f"{'s' if days != 1 else ''} ago. {_effect(facts, 'error 10')}",
            [*evidence.policy(facts, "verify", "check_peer_expire"), *evidence.leaf(facts)],
            [
                *reissued(
                    self.slug,
                    facts,
                    "Renew it on the backend: key and request there, "
                    "signature at the authority; then reload the backend.",
                ),
                *_meanwhile(facts),
            ],
            _severity(facts),
        )


class CertificateNotYetValid(_DateRule):
    """AH02004, or error 9."""

    slug = "certificate-not-yet-valid"

    def _check(self, facts: Facts) -> Finding | None:
        leaf = facts.leaf
        if leaf is None:
            return None
        if facts.error == 9 and leaf.not_before <= facts.now:
            depth, other = accused(facts, 9)
            early = other if depth > 0 else None
        else:
            early = leaf if leaf.not_before > facts.now else None
        if early is None:
            return None
        return self.found(
            facts,
            f"It becomes valid at {evidence.day(early.not_before)}; here it is "
            f"{evidence.day(facts.now)}. Either a clock is wrong, or it was issued for later. "
            + _effect(facts, "error 9"),
            [
                *evidence.policy(facts, "verify", "check_peer_expire"),
                *evidence.certificate(early, "not yet valid"),
            ],
            [
                Remedy("backend", "Compare the clocks first, here and there.", "date -u"),
                *reissued(self.slug, facts, "If the clocks are right, have it reissued."),
            ],
            _severity(facts),
        )


class CertificateExpiresSoon(_DateRule):
    """Less than 30 days left."""

    slug = "certificate-expires-soon"

    def _check(self, facts: Facts) -> Finding | None:
        limit = facts.now + SOON
        verified = facts.tls.verified_chain if facts.tls else ()
        chain = verified or facts.chain
        ending = [c for c in chain if not c.error and facts.now < c.not_after < limit]
        if not ending:
            return None
        first = min(ending, key=lambda c: c.not_after)
        days = (first.not_after - facts.now).days
        return self.found(
            facts,
            f"{first.subject} is valid until {evidence.day(first.not_after)}: "
            f"{days} day{'s' if days != 1 else ''} left. After that httpd refuses the backend.",
            [line for c in ending[:3] for line in evidence.certificate(c)],
            reissued(self.slug, facts, "Renew it before that day, and automate the renewal."),
        )


def _severity(facts: Facts) -> Severity:
    in_force = facts.policy.verify.value != "none" or facts.policy.check_peer_expire.value
    return "critical" if in_force else "warning"


def _effect(facts: Facts, error: str) -> str:
    policy = facts.policy
    if policy.verify.value != "none":  # optional_no_ca forgives a missing issuer only
        return f"With SSLProxyVerify {policy.verify.value} OpenSSL refuses it ({error})."
    if policy.check_peer_expire.value:
        return "SSLProxyCheckPeerExpire is on, so httpd refuses it (AH02004)."
    return "No check that is on here minds; strict verification would refuse it."


def _meanwhile(facts: Facts) -> list[Remedy]:
    if not facts.failing:
        return []
    return [
        Remedy(
            "config",
            "If it cannot wait: an exception with an end, which disables only what fails. "
            "Until then anybody on the path may pose as the backend.",
            commands.fix(facts, "--policy temporary --until YYYY-MM-DD"),
        )
    ]
