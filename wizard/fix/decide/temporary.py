"""A temporary exception for one route: the checks that fail are disabled until a day."""

from __future__ import annotations

from datetime import date

from wizard.findings.table import (
    CRL_SLUGS,
    EXCEPTION_SLUGS,
    NAME_SLUGS,
    STOPPING,
    STRUCTURE_SLUGS,
    TRUST_SLUGS,
    UNSENT_SLUGS,
    UNVERIFIED_SLUGS,
    WEAK_SLUGS,
)
from wizard.fix.decide import best_practice
from wizard.fix.decide.decision import RouteDecision
from wizard.fix.decide.temporary_exceptions import NewException
from wizard.model.remark import Point, remark
from wizard.x509 import peer_names

_FOUND_BY = {
    "SSLProxyVerify": "ca-not-trusted",
    "SSLProxyCheckPeerName": "name-mismatch",
    "SSLProxyCheckPeerCN": "name-mismatch",
    "SSLProxyCheckPeerExpire": "certificate-expired",
    best_practice.REVOCATION: "crl-check-without-crl",
}
"""What each check finds, for one that could not be made because of another fault."""


def apply_temporary(decision: RouteDecision, until: date) -> None:
    """Disables the checks that fail, for a while; only for a route that fails now.

    A route that has an exception already gets a new last day for it.

    Args:
        decision: takes what is needed.
        until: last day.
    """
    policy = decision.route.tls
    decision.reason = remark(Point.NO_WEAKNESS)
    if decision.route.exceptions and decision.diagnosis.reached.outcome == "ok":
        _renew(decision, until)
        return
    if _refused_only(decision):
        return
    if not decision.route.backend.uses_tls or decision.diagnosis.reached.outcome != "fail":
        decision.reason = remark(Point.ONLY_FAILING_ROUTES)
        return
    leaf, now = decision.leaf, decision.diagnosis.case.now
    if leaf is None:
        decision.reason = decision.trust.error or remark(Point.CERTIFICATE_NOT_SEEN)
        return
    untrusted = not decision.trust.keep or bool(decision.trust.openssl)
    chain_left = decision.handed_over & (UNSENT_SLUGS | {"self-signed-certificate"})
    disabled = best_practice.exception(
        policy,
        untrusted=untrusted and not chain_left,
        wrong_name=policy.checks_name
        and not peer_names.covers(leaf, decision.route.backend.check_name)
        and "preserve-host-changes-name" not in decision.handed_over,
        expired=not leaf.not_before <= now <= leaf.not_after,
    )
    needed = {} if policy.engine.value else {"SSLProxyEngine": "on"}
    if (
        not untrusted
        and not chain_left
        and policy.verify_depth.value < len(decision.trust.chain) - 1
    ):
        needed[best_practice.DEPTH] = str(len(decision.trust.chain) - 1)
    if not disabled and not needed:
        decision.reason = remark(Point.NO_CHECK_FAILS)
        return
    decision.settings |= needed | disabled
    decision.remove = decision.broken()
    helped = TRUST_SLUGS | NAME_SLUGS | (STOPPING - CRL_SLUGS)
    decision.resolved |= decision.slugs & (helped - WEAK_SLUGS)
    decision.excused = frozenset({"temporary-exception"})
    if disabled:
        plain = UNVERIFIED_SLUGS | ({"chain-too-deep"} if best_practice.DEPTH in needed else set())
        slugs = (f.slug for f in decision.findings if f.slug in decision.resolved - plain)
        slug = next(slugs, _FOUND_BY[next(iter(disabled))])
        decision.new_exception = NewException(until, slug, frozenset(disabled))
        _warn_of(decision, until)


def _renew(decision: RouteDecision, until: date) -> None:
    """Gives the exceptions in force a new last day; what they excuse is not reported."""
    decision.renewed = tuple(e for e in decision.route.exceptions if e.until != until)
    if decision.renewed:
        decision.resolved |= decision.slugs & EXCEPTION_SLUGS
        _warn_of(decision, until)
    directives = {text.partition(" ")[0] for e in decision.route.exceptions for text in e.settings}
    off = {slug for name, slug in best_practice.OFF.items() if name in directives}
    decision.excused = frozenset(off | {"temporary-exception"})


def _refused_only(decision: RouteDecision) -> bool:
    """Whether httpd refuses the configuration and, so far, nothing else is known to fail.

    No check has failed then, so none is disabled: the next round sees what is left.
    """
    if not decision.slugs & STRUCTURE_SLUGS:
        return False
    if any(f.severity == "critical" and f.slug not in STRUCTURE_SLUGS for f in decision.findings):
        return False
    if decision.route.tls.verify.value == "require":  # as it was meant
        decision.resolved |= decision.slugs & {"verification-off"}
    return True


def _warn_of(decision: RouteDecision, until: date) -> None:
    decision.notes.append(remark(Point.EXPOSED_UNTIL, route=decision.route.id.label, day=until))
