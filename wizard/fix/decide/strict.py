"""Strict verification of one route: what it needs, and what must wait for the backend's side."""

from __future__ import annotations

from dataclasses import replace

from wizard.findings.rules.names import dotless
from wizard.findings.table import (
    EXCEPTION_SLUGS,
    NAME_SLUGS,
    STOPPING,
    TRUST_SLUGS,
    UNSENT_SLUGS,
    UNVERIFIED_SLUGS,
)
from wizard.fix.decide import best_practice, name_in_url, revocation
from wizard.fix.decide.decision import RouteDecision
from wizard.model.certificate import Certificate
from wizard.model.host_names import is_address, is_this_machine
from wizard.model.plan import Offer, OfferKind
from wizard.model.remark import Point, Value, remark
from wizard.x509 import peer_names

_CHECK_NAME = "SSLProxyCheckPeerName"
_SPEAKS_TLS = "backend-speaks-tls"


def apply_strict(decision: RouteDecision) -> None:
    """Decides on strict verification if the backend passes it; while no CA is known, on the rest.

    If it fails only for what the operator leaves to the backend's side, the rest is decided.

    Args:
        decision: takes what is needed.
    """
    if decision.route.tls.checks_revocation and not best_practice.has_list(decision.route.tls):
        decision.reason = revocation.needs_list(decision.route.tls, decision.trust.chain)
        return
    root_only = decision.unsent and not decision.trust.keep
    if not decision.route.backend.uses_tls:
        return
    if not root_only and not decision.slugs & (TRUST_SLUGS | NAME_SLUGS):
        return
    unverified = _chain_waits(decision)
    if not (unverified or _chain_verifies(decision)):
        if decision.trust.choice is None:
            _settle_what_passes(decision)
        return
    if not _nothing_stops(decision):
        return
    unnamed = _name_waits(decision)
    if unnamed or _names(decision):
        _settle(decision, unverified=unverified, unnamed=unnamed)
    elif decision.diagnosis.reached.outcome == "ok" and not decision.route.exceptions:
        _settle(decision, unverified=unverified, unnamed=True)


def _nothing_stops(decision: RouteDecision) -> bool:
    """Whether nothing of the other side's makes strict verification fail; says what does."""
    stopping = [f for f in decision.findings if f.slug in STOPPING and f.severity == "critical"]
    if stopping:
        decision.reason = remark(Point.STRICT_WOULD_FAIL, finding=stopping[0].title)
    return not stopping


def _settle_what_passes(decision: RouteDecision) -> None:
    """Decides what holds whatever CA is to be trusted: TLS, and each check that passes by itself.

    Verification stays as it is. What a temporary exception says stays until that is over.
    """
    leaf, policy = decision.leaf, decision.route.tls
    if leaf is None or _SPEAKS_TLS in decision.slugs:
        return
    refused = {text.partition(" ")[0] for e in decision.route.exceptions for text in e.settings}
    if policy.verify.value in ("none", "optional_no_ca") and not decision.may_ask:
        refused.add("SSLProxyEngine")  # requests would go to whoever answers
    if not leaf.not_before <= decision.diagnosis.case.now <= leaf.not_after:
        refused.add("SSLProxyCheckPeerExpire")
    settings = best_practice.strict(policy, 0)
    if not peer_names.covers(leaf, decision.route.backend.check_name):
        if "preserve-host-changes-name" in decision.slugs and _host_will_do(decision, leaf):
            settings |= decision.own_host()
        else:
            refused.update(best_practice.NAME_CHECK)
    settings = {
        name: text
        for name, text in settings.items()
        if best_practice.WITHOUT_CA.get(name) in decision.slugs and name not in refused
    }
    decision.settings.update(settings)
    decision.resolved |= {best_practice.WITHOUT_CA[name] for name in settings}
    decision.exceptions_stay = True


def _settle(decision: RouteDecision, *, unverified: bool, unnamed: bool) -> None:
    """Decides the settings, less verification or the name check where those have to wait."""
    policy = decision.route.tls
    repaired = decision.slugs & (TRUST_SLUGS | NAME_SLUGS)
    settings = best_practice.strict(policy, 0 if unverified else len(decision.trust.chain) - 1)
    if unverified:
        repaired &= UNVERIFIED_SLUGS | NAME_SLUGS
        if policy.verify.value == "optional":  # as strict as require, so nothing breaks
            repaired |= decision.slugs & {"verification-optional"}
        else:
            settings.pop("SSLProxyVerify", None)
    else:
        _trust(decision)
    if unnamed:
        repaired -= NAME_SLUGS
        for directive in best_practice.NAME_CHECK:
            if settings.pop(directive, None):
                repaired -= {"name-check-off"}
    if decision.in_full and not unverified and not unnamed:
        settings = _in_full(decision, settings)
    if decision.handed_over and (unverified or unnamed):
        waiting = tuple(sorted(decision.handed_over))
        decision.reason = remark(Point.WAITS_FOR_BACKEND, findings=waiting)
    decision.settings.update(settings)
    decision.resolved |= repaired
    if revocation.is_excepted(decision.route):
        _check_again(decision)
    if best_practice.PRESERVE_HOST not in decision.settings:  # it works, but not for every name
        decision.resolved.discard("preserve-host-changes-name")


def _trust(decision: RouteDecision) -> None:
    """Takes the CA that signed, and what the row of the table says of others beside it."""
    if decision.alone:
        _without_others(decision)
    decision.anchor = decision.trust.choice
    decision.notes += decision.trust.notes
    decision.offers += decision.trust.offers
    stays = decision.material.ca_path.state == "ok" and (decision.trust.keep or not decision.alone)
    if decision.route.tls.ca_certificate_path.value and not stays:
        decision.remove = frozenset({best_practice.CA_PATH})


def _in_full(decision: RouteDecision, changes: dict[str, str]) -> dict[str, str]:
    """The strict set, written out; what contradicts it goes."""
    policy = decision.route.tls
    settings = best_practice.in_full(policy, changes)
    same = settings.keys() - changes.keys() - decision.settings.keys()
    decision.unchanged = frozenset(same if policy.checks_name else same - {_CHECK_NAME})
    if not policy.check_peer_cn.value:
        decision.remove |= {best_practice.CHECK_CN}
    return settings


def _without_others(decision: RouteDecision) -> None:
    """Has a file written for the CA alone, where what is in force trusts others besides."""
    trust, probe = decision.trust, decision.diagnosis.case.probe
    chain = {c.sha256 for c in trust.chain}
    others = [
        c for c in decision.material.anchors if c.sha256 not in chain and (c.is_ca or c.self_issued)
    ]
    if trust.choice is None or not trust.keep or not others:
        return
    sent = {c.sha256 for c in probe.tls.chain} if probe is not None and probe.tls else set()
    unsent = (c for c in reversed(trust.chain[1:-1]) if c.sha256 not in sent)
    needed = replace(trust.choice, certificates=(trust.chain[-1], *unsent))
    decision.trust = replace(trust, choice=needed, keep=False)


def _check_again(decision: RouteDecision) -> None:
    """Ends a temporary exception from the revocation check, if there is a list to look in.

    What the check was before is not known any more: the stricter one is written.
    """
    policy = decision.route.tls
    if best_practice.has_list(policy):
        decision.settings[best_practice.REVOCATION] = "chain"
        return
    decision.resolved -= EXCEPTION_SLUGS
    decision.reason = revocation.needs_list(policy, decision.trust.chain)
    decision.exceptions_stay = True


def _chain_waits(decision: RouteDecision) -> bool:
    """Whether verification has to wait for what is left to the backend's side.

    The root is written now, for when the backend sends its intermediate. Until then verification
    is not switched on where a route works without it.
    """
    if "self-signed-certificate" in decision.handed_over:
        return True
    verifies = decision.route.tls.verify.value in ("require", "optional")
    known = decision.trust.choice is not None
    return bool(decision.handed_over & UNSENT_SLUGS) and not (verifies and known)


def _chain_verifies(decision: RouteDecision) -> bool:
    """Whether OpenSSL accepts the chain with the CA that was found; says why not."""
    if decision.trust.choice is None:
        decision.reason = decision.trust.error
        decision.notes += decision.trust.notes
    elif decision.trust.openssl:
        decision.reason = remark(
            Point.CHAIN_FAILS, openssl=decision.trust.openssl_text, error=decision.trust.openssl
        )
    return decision.trust.choice is not None and not decision.trust.openssl


def _name_waits(decision: RouteDecision) -> bool:
    """Whether the name check has to wait for a certificate with the clients' names."""
    leaf = decision.leaf
    return (
        "preserve-host-changes-name" in decision.handed_over
        and leaf is not None
        and not peer_names.covers(leaf, decision.route.backend.check_name)
    )


def _names(decision: RouteDecision) -> bool:
    """Makes httpd compare a name that the certificate covers; False if that is impossible."""
    leaf, backend = decision.leaf, decision.route.backend
    if leaf is None or peer_names.covers(leaf, backend.check_name):
        return True
    host = backend.host
    if _host_will_do(decision, leaf):
        pass
    elif not decision.route.preserve_host.value and (bare := dotless(host, leaf)):
        decision.host = bare
    elif _names_no_site(host) and (decision.trust.names or decision.trust.condition is not None):
        decision.host = _chosen_name(decision, leaf)
        if decision.host is None:
            return False
    else:
        decision.reason = name_in_url.uncovered(decision.route, leaf, decision.trust.names)
        return False
    if decision.route.preserve_host.value:
        decision.settings |= decision.own_host()
    return True


def _names_no_site(host: str) -> bool:
    """Whether a certificate's name may take the place of a URL's host: that one says only where."""
    return is_address(host) or is_this_machine(host)


def _host_will_do(decision: RouteDecision, leaf: Certificate) -> bool:
    """Whether the certificate covers the URL's name, and another one is compared in its place."""
    route = decision.route
    return route.preserve_host.value and peer_names.covers(leaf, route.backend.host)


def _chosen_name(decision: RouteDecision, leaf: Certificate) -> str | None:
    """The name for the URL; None if nobody vouches for it, and nobody can be asked.

    A name from the certificate decides for good where requests go, and whoever took the address may
    show one. Who has to make it lead there vouches for it by that.
    """
    route, trust = decision.route, decision.trust
    awaited = () if trust.condition is None else (trust.condition.name,)
    fitting = name_in_url.fitting(route, trust.names or awaited)
    chosen, address = fitting[0], route.backend.host
    port = route.backend.port
    about: dict[str, Value] = {
        "name": chosen,
        "issuer": leaf.issuer,
        "address": address,
        "port": port,
    }
    known = chosen in trust.known_names or chosen in awaited
    if not known or not name_in_url.is_vouched_for(trust):
        if not decision.may_ask:
            decision.reason = remark(Point.NAME_UNKNOWN, **about)
            return None
        offered = remark(Point.NAME_OFFERED, **about)
        decision.offers.append(Offer(OfferKind.CERTIFICATE_NAME, route.id, offered))
    decision.condition = trust.condition
    if len(fitting) > 1:
        decision.notes.append(
            remark(
                Point.NAME_CHOSEN,
                route=route.id.label,
                host=address,
                names=tuple(fitting),
                chosen=chosen,
            )
        )
    return chosen
