"""What one route needs: settings, trust, another URL; and what configuration cannot repair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from wizard.findings.table import ANSWER_SLUGS
from wizard.fix.decide import best_practice
from wizard.fix.decide.temporary_exceptions import NewException
from wizard.model.certificate import Certificate
from wizard.model.config import Route, TemporaryException
from wizard.model.diagnosis import Case, Finding
from wizard.model.plan import Condition, Intended, Offer, TrustChoice, Unresolved
from wizard.model.remark import Point, Remark, remark
from wizard.record import record
from wizard.reference.schemes import WITH_TLS

SHADOWED = "route-shadowed"
"""The finding that another directive takes every request of a route."""


@record
class RouteRepair:
    """What the plan is to do for one route.

    Args:
        route: with the settings that a misspelt or misplaced directive was meant to have.
        settings: directive to new value.
        trust: the anchor that the CA file must hold; None: leave the CA file alone.
        keep: the CA file in force holds it already.
        in_full: ``settings`` are the whole strict set, and no leftover stays.
        unchanged: of ``settings``, those that are in force already.
        alone: no other CA stays trusted beside it.
        pinned: authorities that stay trusted beside it.
        remove: directives that must not stay; without SSLProxyCheckPeerCN the name is checked.
        broken: directives of these that keep httpd from starting wherever they stand.
        host: new host of the backend's URL.
        condition: what has to be so before it works.
        slash: the URL lacks its final slash.
        scheme: new scheme of the backend's URL.
        new_exception: the temporary exception that some of the settings are.
        renewed: exceptions in force whose comments are to carry a new last day.
        exceptions_stay: what the exceptions in force excuse is not repaired, nor their comments
            taken away.
        resolved: the findings that this resolves.
        unresolved: what it leaves.
        notes: consequences.
        offers: what it rests on and the operator has to accept.
    """

    route: Route
    settings: Mapping[str, str] = field(default_factory=dict)
    trust: TrustChoice | None = None
    keep: bool = False
    in_full: bool = False
    unchanged: frozenset[str] = frozenset()
    alone: bool = False
    pinned: tuple[Certificate, ...] = ()
    remove: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    host: str | None = None
    condition: Condition | None = None
    slash: bool = False
    scheme: str | None = None
    new_exception: NewException | None = None
    renewed: tuple[TemporaryException, ...] = ()
    exceptions_stay: bool = False
    resolved: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    notes: tuple[Remark, ...] = ()
    offers: tuple[Offer, ...] = ()

    @property
    def changes_policy(self) -> bool:
        """Whether any setting or the CA file changes."""
        return bool(self.settings or self.remove) or (self.trust is not None and not self.keep)

    @property
    def ends_exceptions(self) -> bool:
        """Whether nothing is excused any more."""
        return self.changes_policy and self.new_exception is None and not self.exceptions_stay

    @property
    def bundle(self) -> tuple[TrustChoice, ...]:
        """What a CA file to be written for this route holds; empty: none is to be written.

        That is what was chosen for this backend before, and what it needs besides.
        """
        if self.trust is None or self.keep:
            return ()
        if not self.pinned:
            return (self.trust,)
        file = self.route.tls.ca_certificate_file.value or ""
        return TrustChoice(self.pinned, file, remark(Point.TRUSTED_ALREADY)), self.trust

    @property
    def intended(self) -> Intended:
        """What is to change for the route."""
        settings = dict.fromkeys(self.remove, "") | dict(self.settings)
        if best_practice.CHECK_CN in self.remove:
            settings[best_practice.CHECK_CN] = "on"
        return Intended(settings, self.anchors or None)

    @property
    def anchors(self) -> frozenset[str]:
        """SHA-256 of each certificate of ``bundle``."""
        return frozenset(c.sha256 for choice in self.bundle for c in choice.certificates)


def is_about_answer(finding: Finding) -> bool:
    """Whether lines beside the route repair a finding, if anything here does, and no TLS setting.

    Args:
        finding: of a route.
    """
    return finding.severity != "info" and (finding.slug in ANSWER_SLUGS or bool(finding.cures))


def leaf_of(case: Case) -> Certificate | None:
    """The certificate that the backend of a case showed."""
    tls = case.probe.tls if case.probe else None
    return tls.leaf if tls and tls.leaf and not tls.leaf.error else None


def as_spoken(case: Case, route: Route) -> Route:
    """The route with the scheme for TLS, where the plan writes it and its port speaks TLS.

    Args:
        case: with the certificate that the port showed once the plan had written the scheme.
        route: the case's.
    """
    backend = route.backend
    if backend.uses_tls or leaf_of(case) is None:
        return route
    scheme = WITH_TLS.get(backend.scheme, backend.scheme)
    return replace(route, backend=replace(backend, scheme=scheme))
