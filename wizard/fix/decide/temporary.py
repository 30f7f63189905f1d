"""A temporary exception for one route: the checks that fail are disabled until a day."""

from __future__ import annotations

from datetime import date

from wizard.findings.table import (
    CRL_SLUGS,
    NAME_SLUGS,
    STOPPING,
    STRUCTURE_SLUGS,
    TRUST_SLUGS,
    UNSENT_SLUGS,
    UNVERIFIED_SLUGS,
    WEAK_SLUGS,
)
from wizard.fix.decide import best_practice
from wizard.fix.decide.decision import Decision
from wizard.fix.decide.temporary_exceptions import Mark
from wizard.model.remark import Point, remark
from wizard.x509 import peer_names

_FOUND_BY = {
    "SSLProxyVerify": "ca-not-trusted",
    "SSLProxyCheckPeerName": "name-mismatch",
    "SSLProxyCheckPeerCN": "name-mismatch",
    "SSLProxyCheckPeerExpire": "certificate-expired",
}
"""What would be found if a check were on, for one that another fault keeps from being made."""


def decide(it: Decision, until: date) -> None:
    """Disables the checks that fail, for a while; only for a route that fails now.

    A route that has an exception already gets a new last day for it.

    Args:
        it: takes what is needed.
        until: last day.
    """
    policy = it.route.tls
    it.reason = remark(Point.NO_WEAKNESS)
    if it.route.exceptions and it.diagnosis.verdict.outcome == "ok":
        _renew(it, until)
        return
    if _refused_only(it):
        return
    if not it.route.backend.uses_tls or it.diagnosis.verdict.outcome != "fail":
        it.reason = remark(Point.ONLY_FAILING_ROUTES)
        return
    leaf, now = it.leaf, it.diagnosis.case.now
    if leaf is None:
        it.reason = it.trust.error or remark(Point.CERTIFICATE_NOT_SEEN)
        return
    untrusted = not it.trust.keep or bool(it.trust.openssl)
    chain_left = it.asked & (UNSENT_SLUGS | {"self-signed-certificate"})
    disabled = best_practice.exception(
        policy,
        untrusted=untrusted and not chain_left,
        wrong_name=policy.checks_name
        and not peer_names.covers(leaf, it.route.backend.check_name)
        and "preserve-host-changes-name" not in it.asked,
        expired=not leaf.not_before <= now <= leaf.not_after,
    )
    needed = {} if policy.engine.value else {"SSLProxyEngine": "on"}
    if not untrusted and not chain_left and policy.verify_depth.value < len(it.trust.chain) - 1:
        needed[best_practice.DEPTH] = str(len(it.trust.chain) - 1)
    if not disabled and not needed:
        it.reason = remark(Point.NO_CHECK_FAILS)
        return
    it.settings |= needed | disabled
    it.remove = it.broken()
    helped = TRUST_SLUGS | NAME_SLUGS | (STOPPING - CRL_SLUGS)
    it.resolved |= it.slugs & (helped - WEAK_SLUGS)
    it.excused = frozenset({"temporary-exception"})
    if disabled:
        plain = UNVERIFIED_SLUGS | ({"chain-too-deep"} if best_practice.DEPTH in needed else set())
        slugs = (f.slug for f in it.findings if f.slug in it.resolved - plain)
        slug = next(slugs, _FOUND_BY[next(iter(disabled))])
        it.mark = Mark(until, slug, frozenset(disabled))
        _warn_of(it, until)


def _renew(it: Decision, until: date) -> None:
    """Gives the exceptions in force a new last day; what they excuse is no news."""
    it.renewed = tuple(e for e in it.route.exceptions if e.until != until)
    if it.renewed:
        it.resolved |= it.slugs & {"temporary-exception", "temporary-exception-expired"}
        _warn_of(it, until)
    directives = {text.partition(" ")[0] for e in it.route.exceptions for text in e.settings}
    off = {slug for name, slug in best_practice.OFF.items() if name in directives}
    it.excused = frozenset(off | {"temporary-exception"})


def _refused_only(it: Decision) -> bool:
    """Whether httpd refuses the configuration and, so far, nothing else is known to fail.

    No check has failed then, so none is disabled: the next round sees what is left.
    """
    if not it.slugs & STRUCTURE_SLUGS:
        return False
    if any(f.severity == "critical" and f.slug not in STRUCTURE_SLUGS for f in it.findings):
        return False
    if it.route.tls.verify.value == "require":  # as it was meant
        it.resolved |= it.slugs & {"verification-off"}
    return True


def _warn_of(it: Decision, until: date) -> None:
    it.notes.append(remark(Point.EXPOSED_UNTIL, route=it.route.id, day=until))
