"""The members of one balancer, of which httpd demands the same.

A request is compared with sections while its URL is still the balancer's, and a section of a
member's own URL does not count for it (mod_proxy.c, proxy_walk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wizard.fix.decide import best_practice
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place.groups import ca_file
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId


def alike(repairs: Sequence[RouteRepair]) -> tuple[list[RouteRepair], dict[RouteId, Remark]]:
    """The repairs, of which those of one balancer need the same depth.

    Args:
        repairs: of all routes.

    Returns:
        The repairs, and why some are not to be made: with the CAs of all members in one file, each
        member could be posed as with a certificate of another's CA.
    """
    balancers: dict[tuple[int, str], list[RouteRepair]] = {}
    for repair in repairs:
        name = repair.route.balancer
        if name is not None and repair.route.backend.uses_tls and repair.changes_policy:
            balancers.setdefault((repair.route.id.vhost, name), []).append(repair)
    failed: dict[RouteId, Remark] = {}
    depths: dict[RouteId, str] = {}
    for (_, name), members in balancers.items():
        if len({ca_file(repair) for repair in members}) > 1:
            reason = remark(Point.MEMBERS_NEED_OTHER_CAS, balancer=name)
            failed |= {repair.route.id: reason for repair in members}
        needed = [
            int(m.settings[best_practice.DEPTH])
            for m in members
            if best_practice.DEPTH in m.settings
        ]
        if needed:
            depths |= {repair.route.id: str(max(needed)) for repair in members}
    return [_with_depth(repair, depths.get(repair.route.id)) for repair in repairs], failed


def _with_depth(repair: RouteRepair, depth: str | None) -> RouteRepair:
    if depth is None or int(depth) <= repair.route.tls.verify_depth.value:
        return repair
    return replace(repair, settings={**repair.settings, best_practice.DEPTH: depth})
