"""A revocation check without a list: what it needs. No plan switches it off for good."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.fix.decide import best_practice
from wizard.model.certificate import Certificate
from wizard.model.config import Route, TlsPolicy
from wizard.model.remark import Point, Remark, remark
from wizard.x509 import crl

_MOST = 5
"""Addresses and issuers that are named."""


def needs_list(policy: TlsPolicy, chain: Sequence[Certificate]) -> Remark:
    """What the operator has to give, and where it can be had: named, never fetched.

    Args:
        policy: with the check.
        chain: that the backend presents, the leaf first; may be empty.
    """
    whole = policy.ca_revocation_check.value.split()[:1] == ["chain"]
    looked_at = [c for c in (chain if whole else chain[:1]) if not c.error]
    issuers = tuple(dict.fromkeys(c.issuer for c in looked_at))[:_MOST]
    reason = remark(Point.LIST_NEEDED, issuers=issuers or ("each authority of the chain",))
    addresses = tuple(dict.fromkeys(url for c in looked_at for url in crl.addresses(c)))[:_MOST]
    return remark(Point.LIST_LIES_AT, first=reason, urls=addresses) if addresses else reason


def is_excepted(route: Route) -> bool:
    """Whether a temporary exception is why revocation is not checked."""
    return not route.tls.checks_revocation and any(
        text.startswith(f"{best_practice.REVOCATION} ")
        for exception in route.exceptions
        for text in exception.settings
    )
