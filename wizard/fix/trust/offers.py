"""What the operator is asked about a CA: that nobody named it, and that it is a public one."""

from __future__ import annotations

from dataclasses import replace

from wizard.fix.trust.search import Search, Source
from wizard.fix.trust.stores import Store
from wizard.model.diagnosis import Case
from wizard.model.plan import FixChoice, Offer, OfferKind, RouteTrust
from wizard.model.remark import Point, remark

_MOST_NAMED = 3
"""CAs of a route that are named in a sentence."""


def found(
    trust: RouteTrust, case: Case, source: Source, store: Store, search: Search, *, wanted: bool
) -> RouteTrust:
    """A choice whose CA was found on this machine, with the questions that it rests on.

    Args:
        trust: has a choice.
        case: of the route.
        source: that the CA was found in.
        store: the file of it.
        search: knows the system's trust store.
        wanted: somebody can be asked.

    Returns:
        The same with its offers; where nobody can be asked, no choice but the reason.
    """
    if trust.choice is None:
        return trust
    anchor = trust.choice.certificates[0]
    about = {"subject": anchor.subject, "sha256": anchor.sha256, "file": store.path}
    offers = []
    if not source.vouched:
        if not wanted:
            error = remark(Point.FOUND_CA_UNNAMED, where=source.where, **about)
            return RouteTrust(error=error, notes=trust.notes)
        shown = case.probe.tls if case.probe is not None else None
        own = shown is not None and any(c.sha256 == anchor.sha256 for c in shown.chain[:1])
        point = Point.FOUND_OWN_OFFERED if own else Point.FOUND_CA_OFFERED
        offered = remark(point, where=source.where, **about)
        offers.append(Offer(OfferKind.FOUND_CA, case.route.id, offered))
    pinned = _pinned(case, search) if anchor.sha256 in search.public else ()
    if pinned:
        if not wanted:
            error = remark(Point.PUBLIC_CA_UNNAMED, pinned=pinned, **about)
            return RouteTrust(error=error, notes=trust.notes)
        offered = remark(Point.PUBLIC_CA_OFFERED, pinned=pinned, **about)
        offers.append(Offer(OfferKind.PUBLIC_CA, case.route.id, offered))
    return replace(trust, offers=tuple(offers))


def named(trust: RouteTrust, case: Case, search: Search) -> RouteTrust:
    """A choice whose CA the operator vouches for; a note says if it is a public one."""
    if trust.choice is None:
        return trust
    anchor = trust.choice.certificates[0]
    pinned = _pinned(case, search) if anchor.sha256 in search.public else ()
    if not pinned:
        return trust
    route = case.route.id.label
    told = remark(Point.PUBLIC_CA_NAMED, route=route, subject=anchor.subject, pinned=pinned)
    return replace(trust, notes=(*trust.notes, told))


def alone(trust: RouteTrust, case: Case, search: Search, choice: FixChoice) -> RouteTrust:
    """A choice for the policy that pins a company's CA; a note says if it is a public one."""
    if trust.choice is None or choice.policy != "internal-ca":
        return trust
    anchor = trust.choice.certificates[0]
    if anchor.sha256 not in search.public:
        return trust
    route = case.route.id.label
    told = remark(Point.PUBLIC_CA_ALONE, route=route, subject=anchor.subject)
    return replace(trust, notes=(*trust.notes, told))


def _pinned(case: Case, search: Search) -> tuple[str, ...]:
    """What a route trusts besides public CAs, or was meant to: names of CAs, or a file of which
    nothing is known."""
    policy = case.route.tls
    places = (policy.ca_certificate_file.value, policy.ca_certificate_path.value)
    own = tuple(place for place in places if place and not search.is_system_bundle(place))
    anchors = case.trust.anchors
    internal = tuple(c.subject for c in anchors if c.sha256 not in search.public)
    if not own or (anchors and not internal):
        return search.refused[:_MOST_NAMED]
    return internal[:_MOST_NAMED] or own
