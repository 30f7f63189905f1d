"""The verdict on a balancer: which members get requests, and what one that fails costs. Pure.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_handler: 503 of its own goes on to the next
member, 500 ends the request and puts the member aside, what else there is ends it),
mod_proxy_balancer.c (force_recovery, proxy_balancer_post_request: failonstatus), proxy_util.c
(proxy_balancer_get_best_worker: lower lbset first, then spares, then standbys;
ap_proxy_retry_worker). Measured: docs/verification.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from wizard.model.balancer import BalancerVerdict, Faulty, Share
from wizard.model.config import Route
from wizard.model.diagnosis import Diagnosis
from wizard.reference.worker_status import disabled, status_flags
from wizard.text import is_number

_RETRY = 60.0
"""Seconds: the default of ``retry=``."""
_OWN_FAILOVER, _OWN_ASIDE = 503, 500


def verdicts(diagnoses: Iterable[Diagnosis]) -> tuple[BalancerVerdict, ...]:
    """The verdicts on every balancer of some diagnoses, in their order.

    Args:
        diagnoses: of routes, members of balancers among them.
    """
    found: dict[object, list[Diagnosis]] = {}
    for one in diagnoses:
        route = one.case.route
        if route.balancer is not None and route.kind == "BalancerMember":
            key = route.id.vhost, route.path, route.balancer, route.id.asked
            found.setdefault(key, []).append(one)
    return tuple(_verdict(members) for members in found.values() if _is_whole(members))


def _is_whole(members: Sequence[Diagnosis]) -> bool:
    """Whether requests come to the balancer at all, and reach its members."""
    return all(one.case.route.shadowed_by is None for one in members)


def _verdict(members: Sequence[Diagnosis]) -> BalancerVerdict:
    first = members[0].case.route
    name, label = first.balancer or "", first.id.label
    routes = tuple(one.case.route.id for one in members)
    enabled = [one for one in members if not _is_off(one.case.route)]
    if any(one.reached.outcome == "unknown" for one in enabled):
        return BalancerVerdict(name, label, routes, "unknown", None)
    tiers = _tiers(enabled)
    serving = next((tier for tier in tiers if any(map(_serves, tier))), None)
    if serving is None:
        reached = tiers[0] if tiers else []
        statuses = {one.reached.status for one in reached}
        status = statuses.pop() if len(statuses) == 1 else _OWN_FAILOVER
        faulty = tuple(_faulty(one, alone=True) for one in enabled)
        return BalancerVerdict(name, label, routes, "fail", status, faulty)
    asked = [one for tier in tiers[: tiers.index(serving) + 1] for one in tier]
    good = [one for one in serving if one.reached.outcome == "ok" and _serves(one)]
    chosen = good or [one for one in serving if _serves(one)]
    outcome: Literal["ok", "fail"] = "ok" if good else "fail"
    faulty = tuple(
        _faulty(one, alone=False)
        for one in asked
        if one.reached.outcome != "ok" or not _serves(one)
    )
    return BalancerVerdict(name, label, routes, outcome, chosen[0].reached.status, faulty)


def _is_off(route: Route) -> bool:
    status = route.worker.parameters.get("status")
    return status is not None and disabled(status.value)


def _flags(route: Route) -> str:
    status = route.worker.parameters.get("status")
    return "".join(status_flags(status.value)) if status is not None else ""


def _tiers(members: Sequence[Diagnosis]) -> list[list[Diagnosis]]:
    """The members in the order in which httpd turns to them."""
    sets: dict[int, list[Diagnosis]] = {}
    for one in members:
        written = one.case.route.worker.parameters.get("lbset")
        number = int(written.value[:3]) if written and is_number(written.value) else 0
        sets.setdefault(number, []).append(one)
    tiers: list[list[Diagnosis]] = []
    for number in sorted(sets):
        own = sets[number]
        standby = [one for one in own if "H" in _flags(one.case.route)]
        spare = [one for one in own if "R" in _flags(one.case.route) and one not in standby]
        regular = [one for one in own if one not in standby and one not in spare]
        tiers += [tier for tier in (regular, spare, standby) if tier]
    return tiers


def _serves(one: Diagnosis) -> bool:
    """Whether a member is chosen most of the time: it is not put aside by its own answers."""
    status = one.reached.status
    if status is not None and str(status) in _fail_on(one.case.route):
        return "I" in _flags(one.case.route)
    return one.reached.outcome == "ok" or _share(one) == "its-share"


def _fail_on(route: Route) -> list[str]:
    setting = route.balancer_parameters.get("failonstatus")
    return setting.value.replace(",", " ").split() if setting is not None else []


def _share(one: Diagnosis) -> Share:
    verdict, route = one.reached, one.case.route
    probe = one.case.probe
    answered = probe.http.status if probe is not None and probe.http is not None else None
    own = answered is None or answered != verdict.status
    ignored = "I" in _flags(route)
    if own and verdict.status == _OWN_FAILOVER and not ignored:
        return "passed-over"
    aside = own and verdict.status == _OWN_ASIDE
    aside = aside or str(verdict.status) in _fail_on(route)
    return "once-per-retry" if aside and not ignored and _retry(route) else "its-share"


def _retry(route: Route) -> float:
    written = route.worker.parameters.get("retry")
    return float(written.value[:6]) if written and is_number(written.value) else _RETRY


def _faulty(one: Diagnosis, *, alone: bool) -> Faulty:
    route = one.case.route
    share: Share = "its-share" if alone else _share(one)
    return Faulty(
        route.id, route.backend.url, one.reached.status, share, _retry(route), one.reached.reason
    )
