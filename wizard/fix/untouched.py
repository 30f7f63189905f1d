"""What a plan must not touch: what httpd demands of the backends that it does not repair.

Pure. Compared is every route of the configuration, whoever asked about it, by its settings and by
the certificates that they make httpd trust. A repaired route may change as was decided for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

from wizard.fix import policy_order
from wizard.fix.decide import best_practice
from wizard.model.config import Route
from wizard.model.plan import Intended
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.record import record

_NOTHING = Intended()
_TRUST = (best_practice.CA_FILE, best_practice.CA_PATH)


@record
class InForce:
    """A route, and what its policy makes httpd trust.

    Args:
        route: with its policy.
        ca_file: SHA-256 of each certificate of its CA file.
        ca_path: of each of its CA path.
        refused: directives of which httpd refuses what is written, so that nothing is in force, or
            of which it is not known for whom they are meant.
    """

    route: Route
    ca_file: frozenset[str] = frozenset()
    ca_path: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @property
    def trusted(self) -> frozenset[str]:
        """All that it makes httpd trust; nothing where no certificate is verified."""
        return self.ca_file | self.ca_path


Routes = Mapping[RouteId, InForce]


def spoilt(
    before: Routes, after: Routes, intended: Mapping[RouteId, Intended]
) -> dict[RouteId, Remark]:
    """The repairs that change more than was decided for their routes, and what they change.

    Args:
        before: every route of the configuration.
        after: every route of the patched one.
        intended: what the plan is to change, for each route that it repairs.
    """
    found: dict[RouteId, Remark] = {}
    handed_down: dict[object, RouteId] = {}
    for who in before:
        handed_down.setdefault(who.of_main or who, who)
    for who, new in after.items():
        was = who if who in before else handed_down.get(who.of_main)
        if was is None:
            continue  # a misspelt directive that is now one
        changed = _changed(before[was], new, intended.get(was, _NOTHING))
        if changed:
            backend = new.route.backend.url
            reason = remark(
                Point.WOULD_CHANGE, directives=changed, route=who.label, backend=backend
            )
            found |= dict.fromkeys(_causes(was, after, intended), reason)
    return found | _spread(before, after, intended)


def _changed(old: InForce, new: InForce, intended: Intended) -> tuple[str, ...]:
    """The settings of a route that are neither as they were nor as was decided.

    Whether a repair has an effect is another question (``wizard.fix.confirm``).
    """
    names = [best_practice.PRESERVE_HOST]
    over_tls = best_practice.counts(new.route, best_practice.CA_FILE) and _demands(old.route)
    if over_tls:
        names += [name for name in best_practice.FIELDS if name not in _TRUST]
    changed = [
        name
        for name in names
        if name not in old.refused and not _is_as_meant(name, old.route, new.route, intended)
    ]
    if over_tls:
        changed += _other_trust(old, new, intended)
        known = intended == _NOTHING and old.refused.isdisjoint(best_practice.NAME_CHECK)
        if not changed and known and _checks(old.route) != _checks(new.route):
            changed.append("SSLProxyCheckPeerName")
    return tuple(changed)


def _demands(route: Route) -> bool:
    """Whether httpd demands something of the backend: it speaks TLS to it, and gets requests."""
    return best_practice.counts(route, best_practice.CA_FILE) and route.shadowed_by is None


def _is_as_meant(name: str, old: Route, new: Route, intended: Intended) -> bool:
    was = best_practice.value(old, name)
    allowed = {was.lower(), intended.settings.get(name, was).lower()}
    return best_practice.value(new, name).lower() in allowed


def _checks(route: Route) -> tuple[bool, bool]:
    """Which names are compared: it counts whether a directive is written, not only its value."""
    return route.tls.checks_name, route.tls.checks_cn_only


def _other_trust(old: InForce, new: InForce, intended: Intended) -> Iterator[str]:
    file = best_practice.value(new.route, best_practice.CA_FILE)
    chosen = file == intended.settings.get(best_practice.CA_FILE)
    same = chosen or best_practice.CA_FILE in old.refused
    if not same and new.ca_file not in (old.ca_file, intended.trusted):
        yield best_practice.CA_FILE
    path = best_practice.CA_PATH
    if new.ca_path != old.ca_path and path not in intended.settings.keys() | old.refused:
        yield path


def _causes(changed: RouteId, after: Routes, intended: Mapping[RouteId, Intended]) -> list[RouteId]:
    """Whose repair it may be that changes a route: its own, or of those that are nearest to it."""
    if changed in intended:
        return [changed]
    backend = after[changed].route.backend
    beside = [who for who in intended if who.vhost == changed.vhost]
    alike = [
        who
        for who in beside
        if who in after
        and (after[who].route.backend.host, after[who].route.backend.port)
        == (backend.host, backend.port)
    ]
    return alike or beside or [who for who in intended if who.vhost == 0] or list(intended)


def _spread(
    before: Routes, after: Routes, intended: Mapping[RouteId, Intended]
) -> dict[RouteId, Remark]:
    """The repairs whose connections are used for a route that demands more.

    A worker keeps its connections, and a request takes one that was made for another route with
    that route's settings, if it leads to the same place with the same SNI (proxy_util.c,
    ap_proxy_determine_connection; run on httpd 2.4.71).
    """
    found: dict[RouteId, Remark] = {}
    for members in _pools(before, after, intended):
        for repaired, other in permutations(members, 2):
            if repaired not in intended or repaired in found:
                continue
            more = _demands_more(after, other, repaired)
            if more - _demands_more(before, other, repaired):
                found[repaired] = remark(Point.SHARES_CONNECTIONS, route=other.label)
    return found


def _pools(
    before: Routes, after: Routes, intended: Mapping[RouteId, Intended]
) -> list[list[RouteId]]:
    """The routes that share connections; of those with the same policies one stands for all."""
    pools: dict[object, dict[object, RouteId]] = {}
    for who, new in after.items():
        worker, backend = new.route.worker, new.route.backend
        if backend.uses_tls and worker.keeps_connections:
            server = 0 if worker.of_main else who.vhost
            peer = backend.host, backend.port, backend.socket, backend.sni
            pool = pools.setdefault((server, new.route.balancer, worker.url, peer), {})
            old = before.get(who, new)
            alike = id(old.route.tls), id(new.route.tls), who in intended
            pool.setdefault(alike, who)
    return [list(pool.values()) for pool in pools.values()]


def _demands_more(routes: Routes, one: RouteId, other: RouteId) -> frozenset[str]:
    """The settings with which a route demands more of its backend than another one."""
    first, second = routes.get(one), routes.get(other)
    if first is None or second is None:
        return frozenset()
    more = set(policy_order.weaker(first.route.tls, second.route.tls))
    if first.route.tls.verify.value != "none" and not second.trusted <= first.trusted:
        more.add(best_practice.CA_FILE)
    return frozenset(more)
