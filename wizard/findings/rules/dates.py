"""Certificates outside their dates, or near the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.findings.rules.chain import failing_certificate, reissued
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy, Severity

SOON = timedelta(days=30)
"""A renewal is due when less than this is left, or less than a third of a shorter life: what renews
certificates by itself does so with a third left (Caddy, certbot, cert-manager)."""


class _DateRule(Rule):
    family = "names and dates"
    best_practice = "production"
    scope = "leaf"


class CertificateExpired(_DateRule):
    """AH02004, or error 10 at the leaf."""

    slug = "certificate-expired"
    order = 40
    title = "The backend's certificate has expired"
    signs = Signs(
        stages={"expiry": 10}, verify_errors="10", log_codes="AH02004 AH02039/3 AH02276/3"
    )
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="the backend's certificate has expired and must be renewed there",
    )
    alternatives = (
        Alternative(
            "Have the backend's certificate renewed",
            "The only repair that lasts.",
            "Needs the backend's owner.",
        ),
        Alternative(
            "A temporary exception: SSLProxyCheckPeerExpire off",
            "Works until the new certificate is there.",
            "httpd then takes expired certificates; where SSLProxyVerify is require, "
            "OpenSSL refuses them all the same. Until a day that you name.",
            take="temporary",
        ),
    )

    def _check(self, facts: Facts) -> Finding | None:
        leaf = facts.leaf
        if leaf is None or leaf.not_after > facts.now:
            return None
        return self.found(
            facts,
            f"It was valid until {evidence.day(leaf.not_after)}, "
            f"{_duration(facts.now - leaf.not_after, in_hours=1)} ago. "
            f"{_effect(facts, 'error 10')}",
            [*evidence.policy(facts, "verify", "check_peer_expire"), *evidence.leaf(facts)],
            [
                *reissued(
                    self.repair.reissue,
                    facts,
                    "Have the backend's owner renew the certificate, then reload the backend.",
                ),
                *_meanwhile(facts),
            ],
            _severity(facts),
            at=facts.route.source,
            proof=[_expired(leaf, facts.now), *_directives(facts)],
            why=_why(facts),
        )


class CertificateNotYetValid(_DateRule):
    """AH02004, or error 9."""

    slug = "certificate-not-yet-valid"
    order = 50
    title = "The backend's certificate is not valid yet"
    signs = Signs(stages={"expiry": 20}, verify_errors="9", log_codes="AH02004/2")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="the backend's certificate is not valid yet: check both clocks, else it must be "
        "reissued",
    )

    def _check(self, facts: Facts) -> Finding | None:
        leaf = facts.leaf
        if leaf is None:
            return None
        if facts.error == 9 and leaf.not_before <= facts.now:
            depth, other = failing_certificate(facts, 9)
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
                Remedy(
                    "backend", "Compare the clocks of the backend and of this machine:", "date -u"
                ),
                *reissued(self.repair.reissue, facts, "If both are right, have it reissued."),
            ],
            _severity(facts),
            at=facts.route.source,
            proof=[
                f"certificate: {evidence.owner(early)}, valid from "
                f"{evidence.day(early.not_before)}",
                f"this machine's clock: {evidence.day(facts.now)}",
                *_directives(facts),
            ],
            why=f"Either a clock is wrong, or the certificate was issued for later. {_why(facts)}",
        )


class CertificateExpiresSoon(_DateRule):
    """Less than 30 days left, or than a third of a shorter life."""

    slug = "certificate-expires-soon"
    order = 60
    severity = "warning"
    title = "A certificate of the backend's chain expires soon"
    repair = Repairability(
        actor="backend",
        reissue="certificate",
        reason="the backend's certificate must be renewed before it expires",
    )

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        chain = verified or facts.chain
        ending = [c for c in chain if not c.error and _ends_soon(c, facts.now)]
        if not ending:
            return None
        first = min(ending, key=lambda c: c.not_after)
        return self.found(
            facts,
            f"{first.subject} is valid until {evidence.day(first.not_after)}: "
            f"{_duration(first.not_after - facts.now)} left. After that httpd refuses the backend.",
            [line for c in ending[:3] for line in evidence.certificate(c)],
            reissued(
                self.repair.reissue,
                facts,
                "Have its owner renew it before that day, and automate it.",
            ),
            at=facts.route.source,
            proof=[
                f"{evidence.in_short(c)}, {_duration(c.not_after - facts.now)} left"
                for c in ending[:3]
            ],
            why="After that httpd refuses the backend."
            if _in_force(facts)
            else "No check that is on here looks at the date; strict verification would.",
        )


class CaExpired(Rule):
    """Error 10 (or 9) above the leaf."""

    slug = "ca-expired"
    family = "trust"
    order = 80
    best_practice = "internal-ca"
    title = "A CA of the backend's chain has expired"
    signs = Signs(verify_errors="10/2")
    repair = Repairability(
        actor="ca",
        traits=("trust",),
        reissue="authority",
        reason="a CA of the chain has expired: it must be renewed, and then trusted",
    )
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        above = verified[1:] or facts.chain[1:]
        over = [c for c in above if not c.error and c.not_after <= facts.now]
        if facts.error == 10 and not over:
            depth, found = failing_certificate(facts, 10)
            over = [found] if depth > 0 and found is not None else []
        if not over:
            return None
        renewed = f'the renewed certificate "{evidence.owner(over[0])}"'
        named = ", ".join(f"{c.subject} ({evidence.day(c.not_after)})" for c in over[:3])
        return self.found(
            facts,
            f"Expired: {named}. Every certificate below it is refused with it (error 10).",
            [line for c in over[:3] for line in evidence.certificate(c, "expired authority")],
            [
                Remedy(
                    "ca",
                    f"Get {renewed} from the CA's owner, then:",
                    shell.fix(facts, ca_file="FILE"),
                ),
                *reissued(
                    self.repair.reissue,
                    facts,
                    "If there is none yet, the CA must renew it. With the same key, what it signed "
                    "before stays valid.",
                ),
                Remedy("backend", "See which chain it sends.", shell.show_chain(facts), looks=True),
            ],
            None if facts.error == 10 else "warning",
            at=evidence.line_of(facts, *evidence.CA_FIELDS),
            proof=[
                *(_expired(c, facts.now, "CA certificate") for c in over[:2]),
                *evidence.ca_directives(facts)[:1],
            ],
            why="httpd refuses every certificate below an expired CA."
            if facts.verifies
            else "With verification on, httpd would refuse every certificate below it.",
        )


def _ends_soon(certificate: Certificate, now: datetime) -> bool:
    life = certificate.not_after - certificate.not_before
    return timedelta() < certificate.not_after - now < min(SOON, life / 3)


def _duration(span: timedelta, *, in_hours: int = 2) -> str:
    """A span in days; one of fewer than ``in_hours`` days in hours."""
    days, hours = span.days, span // timedelta(hours=1)
    count, unit = (hours, "hour") if days < in_hours else (days, "day")
    return f"{count} {unit}{'s' if count != 1 else ''}"


def _expired(certificate: Certificate, now: datetime, label: str = "certificate") -> str:
    ago = _duration(now - certificate.not_after, in_hours=1)
    return (
        f"{label}: {evidence.owner(certificate)}, expired {certificate.not_after:%Y-%m-%d}, "
        f"{ago} ago"
    )


def _in_force(facts: Facts) -> bool:
    """Whether httpd looks at the dates."""
    return facts.policy.verify.value != "none" or facts.policy.check_peer_expire.value


def _directives(facts: Facts) -> list[str]:
    """The directive for which httpd looks at the dates, or the one that keeps it from doing so."""
    field = "verify" if facts.policy.verify.value != "none" else "check_peer_expire"
    return evidence.directives(facts, field)


def _severity(facts: Facts) -> Severity:
    return "critical" if _in_force(facts) else "warning"


def _why(facts: Facts) -> str:
    """What httpd does about a certificate outside its dates, in a sentence."""
    policy = facts.policy
    if policy.verify.value == "none":
        return _effect(facts, "").replace(" (AH02004)", "")
    return (
        f"SSLProxyVerify {policy.verify.value} refuses it, even with SSLProxyCheckPeerExpire off."
    )


def _effect(facts: Facts, error: str) -> str:
    policy = facts.policy
    if policy.verify.value != "none":  # optional_no_ca accepts a missing issuer, nothing else
        return f"With SSLProxyVerify {policy.verify.value} OpenSSL refuses it ({error})."
    if policy.check_peer_expire.value:
        return "SSLProxyCheckPeerExpire is on, so httpd refuses it (AH02004)."
    return "No check that is on here refuses it; strict verification would."


def _meanwhile(facts: Facts) -> list[Remedy]:
    if not facts.failing:
        return []
    return [
        Remedy(
            "config",
            "If it cannot wait: an exception with an end, which disables only what fails. "
            "Until then anybody on the path may pose as the backend:",
            shell.fix(facts, "temporary"),
        )
    ]
