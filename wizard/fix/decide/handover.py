"""What a plan leaves undone: why, and what its owner can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wizard.findings import reissue
from wizard.findings.catalogue import CATALOGUE
from wizard.findings.table import NAME_SLUGS, TABLE, TRUST_SLUGS, UNSENT, UNSENT_SLUGS
from wizard.fix.decide import best_practice, revocation
from wizard.fix.decide.route_repair import leaf_of
from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import Route
from wizard.model.diagnosis import Case, Diagnosis, Finding, Remedy
from wizard.model.plan import FixPlan, Resolved, RouteTrust, Unresolved
from wizard.model.remark import Point, Remark, as_told, remark
from wizard.model.route_id import RouteId
from wizard.record import record
from wizard.x509 import peer_names


def explained(
    finding: Finding, case: Case, route: Route, leaf: Certificate | None, reason: Remark | None
) -> Unresolved:
    """A finding that the configuration cannot repair, or not now.

    Args:
        finding: it.
        case: in which it was found.
        route: the case's, as in ``RouteRepair``.
        leaf: the backend's certificate, if it was seen.
        reason: why the plan stops at trust or names; None: it does not.
    """
    shown = case.probe.tls.chain if case.probe and case.probe.tls else ()
    authority = next((c.subject for c in shown[1:] if c.is_ca), "the CA")
    repair = CATALOGUE[finding.slug].repair
    commands = reissue.commands(repair.reissue, route, leaf, authority)
    why = as_told(repair.reason) if repair.reason else None
    if not why and reason and finding.slug in TRUST_SLUGS | NAME_SLUGS:
        why = reason
    if finding.slug == "crl-check-without-crl" and not best_practice.has_list(route.tls):
        why = revocation.needs_list(route.tls, shown)
    if not why:
        remedies = [r for r in finding.remedies if not r.looks]
        remedies = [r for r in remedies if r.where != "config"] or remedies
        why = as_told(remedies[0].text) if remedies else remark(Point.NOT_IN_CONFIGURATION)
        commands = _commands(remedies[:1])
    elif reason and finding.slug in NAME_SLUGS and repair.reissue == "certificate":
        why = remark(Point.BOTH, first=reason, second=why)
    return Unresolved(route.id, finding, why, commands)


def handed_over(
    finding: Finding,
    route: Route,
    leaf: Certificate | None,
    unsent: Sequence[Certificate],
) -> Unresolved:
    """A finding that the operator leaves to the backend's side, with what is to be done there.

    A new certificate is requested with every name that httpd may compare.

    Args:
        finding: it.
        route: as in ``RouteRepair``.
        leaf: the backend's certificate, if it was seen.
        unsent: intermediates that the backend does not send, as far as they are known.
    """
    missing = finding.slug in UNSENT_SLUGS and unsent
    repair = CATALOGUE[UNSENT if missing else finding.slug].repair
    there = repair.there
    if repair.or_reissue:
        what = as_told(repair.or_reissue)
        commands = reissue.leaf_commands(reissue.needed_names(route, leaf))
    elif there is not None:
        what = as_told(there.text)
        if missing:
            what = remark(Point.NOT_SENT, subjects=tuple(c.subject for c in unsent), what=what)
        commands = _commands([there])
    else:
        remedies = [r for r in finding.remedies if r.where != "config"]
        texts = " ".join(r.text for r in remedies)
        what = as_told(texts or "The backend's owner has to repair it.")
        commands = _commands(remedies)
    reason = remark(Point.LEFT_TO_BACKEND, what=what)
    return Unresolved(route.id, finding, reason, commands, handed_over=True)


@record
class Handover:
    """What the operator leaves of one route to the backend's side.

    Args:
        slugs: of the findings.
        unfound: those of them that no rule has found yet: a check is off, or another fault comes
            first. Without them the repair of the rest would cover them too.
        trust: what may be trusted meanwhile.
        unsent: intermediates that the backend does not send, as far as they are known.
    """

    slugs: frozenset[str]
    unfound: tuple[Finding, ...]
    trust: RouteTrust
    unsent: tuple[Certificate, ...]


def choose(
    findings: Sequence[Finding], case: Case, route: Route, trust: RouteTrust, leave: Sequence[str]
) -> Handover:
    """What of a route is left to the backend's side, and the trust to repair the rest with.

    Args:
        findings: of the route.
        case: in which they were found.
        route: the case's, as in ``RouteRepair``.
        trust: what was found for it.
        leave: slugs that the operator leaves.
    """
    found = {f.slug for f in findings}
    unsent: tuple[Certificate, ...] = ()
    slugs = found & set(leave)
    if UNSENT in leave:
        trust, unsent = _until_sent(trust, case.trust)
        slugs |= found & UNSENT_SLUGS if unsent else set()
    leaf = leaf_of(case)
    unfound = {UNSENT} if unsent and not slugs & UNSENT_SLUGS else set()
    if leaf is not None and route.backend.uses_tls:
        if leaf.self_issued and not trust.keep:
            unfound.add("self-signed-certificate")
        if route.preserve_host.value and not peer_names.covers(leaf, route.backend.check_name):
            unfound.add("preserve-host-changes-name")
    unfound = (unfound & set(leave)) - slugs
    added = tuple(_unfound(slug, unsent) for slug in sorted(unfound))
    return Handover(frozenset(slugs | unfound), added, trust, unsent)


def by_route(made: FixPlan) -> dict[RouteId, set[str]]:
    """What a plan leaves to the backend's side: the slugs of each route."""
    found: dict[RouteId, set[str]] = {}
    for one in made.unresolved:
        if one.handed_over:
            found.setdefault(one.route, set()).add(one.finding.slug)
    return found


def explains(after: Diagnosis, handed: Mapping[RouteId, set[str]]) -> bool:
    """Whether a route still fails for what a plan leaves to the backend's side.

    Args:
        after: of the route, once the plan is carried out.
        handed: from ``by_route``.
    """
    slugs = handed.get(after.case.route.id, set())
    if slugs & UNSENT_SLUGS:
        slugs = slugs | UNSENT_SLUGS
    return bool(slugs & {f.slug for f in after.findings[:1]})


def with_side_effects(made: FixPlan, pairs: Iterable[tuple[Diagnosis, Diagnosis]]) -> FixPlan:
    """The plan; what was to be left counts as resolved if another repair resolves it.

    Args:
        made: the plan.
        pairs: of each route the diagnosis before and after.
    """
    gone = [
        u
        for old, new in pairs
        if old.reached.outcome == "fail" and new.reached.outcome == "ok"
        for u in made.unresolved
        if u.handed_over
        and u.route == old.case.route.id
        and u.finding in old.findings
        and u.finding.slug not in {f.slug for f in new.findings}
    ]
    why = tuple(
        remark(Point.REPAIRED_BY_THE_WAY, route=u.route.label, finding=u.finding.slug) for u in gone
    )
    return replace(
        made,
        resolved=made.resolved + tuple(Resolved(u.route, u.finding.slug) for u in gone),
        unresolved=tuple(u for u in made.unresolved if u not in gone),
        notes=made.notes + why,
    )


def _until_sent(
    trust: RouteTrust, material: TrustMaterial
) -> tuple[RouteTrust, tuple[Certificate, ...]]:
    """Trust in the root alone, and the intermediates that the backend is to send itself."""
    choice = trust.choice
    if choice is None or len(choice.certificates) < 2:
        return trust, ()
    root, *unsent = choice.certificates
    keep = root in material.anchors
    alone = replace(choice, certificates=(root,))
    return replace(trust, choice=alone, keep=keep), tuple(unsent)


def _unfound(slug: str, unsent: Sequence[Certificate]) -> Finding:
    entry = TABLE[slug]
    shown = tuple(f"not sent: {c.subject}" for c in unsent if slug == UNSENT)
    best = entry.best_practice
    return Finding(slug, entry.severity, entry.title, shown, explanation="", best_practice=best)


def _commands(remedies: Iterable[Remedy]) -> tuple[str, ...]:
    return tuple(line for r in remedies if r.command for line in r.command.split("\n"))
