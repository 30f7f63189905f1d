"""Strict verification of one route: what it needs, and what of it has to wait for others."""

from __future__ import annotations

from wizard.findings.table import NAME_SLUGS, STOPPING, TRUST_SLUGS, UNSENT_SLUGS, UNVERIFIED_SLUGS
from wizard.fix.decide import best_practice, name_in_url
from wizard.fix.decide.decision import Decision
from wizard.model.remark import Point, remark
from wizard.x509 import peer_names


def decide(it: Decision) -> None:
    """Strict verification, if the backend can pass it; else nothing.

    Where the operator leaves what stands against it to the backend's side: the rest of it.

    Args:
        it: takes what is needed.
    """
    policy = it.route.tls
    root_only = it.unsent and not it.trust.keep
    if not it.route.backend.uses_tls:
        return
    if not root_only and not it.slugs & (TRUST_SLUGS | NAME_SLUGS):
        return
    unverified = _chain_waits(it)
    if not unverified and not _chain_verifies(it):
        return
    stopping = [f for f in it.findings if f.slug in STOPPING and f.severity == "critical"]
    if stopping:
        it.reason = remark(Point.STRICT_WOULD_FAIL, finding=stopping[0].title)
        return
    unnamed = _name_waits(it)
    if not unnamed and not _names(it):
        return
    repaired = it.slugs & (TRUST_SLUGS | NAME_SLUGS)
    wanted = best_practice.strict(policy, 0 if unverified else len(it.trust.chain) - 1)
    if unverified:
        repaired &= UNVERIFIED_SLUGS | NAME_SLUGS
        if policy.verify.value == "optional":  # as strict as require, so nothing breaks
            repaired |= it.slugs & {"verification-optional"}
        else:
            wanted.pop("SSLProxyVerify", None)
    else:
        it.anchor = it.trust.choice
        it.notes += it.trust.notes
        if policy.ca_certificate_path.value and it.material.ca_path.state != "ok":
            it.remove = frozenset({best_practice.CA_PATH})
    if unnamed:
        repaired -= NAME_SLUGS
        for directive in best_practice.NAME_CHECK:
            if wanted.pop(directive, None):
                repaired -= {"name-check-off"}
    if unverified or unnamed:
        it.reason = remark(Point.WAITS_FOR_BACKEND, findings=tuple(sorted(it.asked)))
    it.settings.update(wanted)
    it.resolved |= repaired
    if best_practice.PRESERVE_HOST not in it.settings:  # it works, but not for every name
        it.resolved.discard("preserve-host-changes-name")


def _chain_waits(it: Decision) -> bool:
    """Whether verification has to wait for what is left to the backend's side.

    A root is written for the day when the backend sends its intermediate; verification is
    not switched on before, where a route works without.
    """
    if "self-signed-certificate" in it.asked:
        return True
    verifies = it.route.tls.verify.value in ("require", "optional")
    known = it.trust.choice is not None
    return bool(it.asked & UNSENT_SLUGS) and not (verifies and known)


def _chain_verifies(it: Decision) -> bool:
    """Whether OpenSSL accepts the chain with the CA that was found; says why not."""
    if it.trust.choice is None:
        it.reason = it.trust.error
        it.notes += it.trust.notes
    elif it.trust.openssl:
        it.reason = remark(Point.CHAIN_FAILS, openssl=it.trust.openssl_text, error=it.trust.openssl)
    return it.trust.choice is not None and not it.trust.openssl


def _name_waits(it: Decision) -> bool:
    """Whether the name check has to wait for a certificate with the clients' names."""
    leaf = it.leaf
    return (
        "preserve-host-changes-name" in it.asked
        and leaf is not None
        and not peer_names.covers(leaf, it.route.backend.check_name)
    )


def _names(it: Decision) -> bool:
    """Makes httpd compare a name that the certificate covers; False if that is impossible."""
    leaf, backend = it.leaf, it.route.backend
    if leaf is None or peer_names.covers(leaf, backend.check_name):
        return True
    host = backend.host
    if it.route.preserve_host.value and peer_names.covers(leaf, host):
        pass
    elif peer_names.is_address(host) and it.trust.names:
        it.host = _chosen_name(it)
    else:
        it.reason = name_in_url.uncovered(it.route, leaf, it.trust.names)
        return False
    if it.route.preserve_host.value:
        it.settings[best_practice.PRESERVE_HOST] = "Off"
        it.notes.append(remark(Point.HOST_CHANGES, route=it.route.id, host=it.host or host))
    return True


def _chosen_name(it: Decision) -> str:
    fitting = name_in_url.fitting(it.route, it.trust.names)
    if len(fitting) > 1:
        it.notes.append(
            remark(
                Point.NAME_CHOSEN,
                route=it.route.id,
                host=it.route.backend.host,
                names=tuple(fitting),
                chosen=fitting[0],
            )
        )
    return fitting[0].lower()
