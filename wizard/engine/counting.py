"""For which VirtualHosts a plan counts: values in, values out."""

from __future__ import annotations

from wizard.model.config import Route, VirtualHost
from wizard.model.plan import Repair
from wizard.model.route_id import RouteId
from wizard.reference.ssl_proxy_directives import DIRECTIVES


def virtual_hosts(repair: Repair) -> tuple[VirtualHost, ...]:
    """Those for which a plan changes something: what is in force for one of their routes, or, by
    what the plan says itself, lines that they read.

    Args:
        repair: holds the plan, and the routes before and after.

    Returns:
        In the order of reading; each once.
    """
    before = {route.id: route for route in repair.report.configuration.routes}
    routes = before | {route.id: route for route in repair.planned}
    plan = repair.plan
    touched: set[RouteId] = {*plan.intended, *(one.route for one in plan.resolved)}
    touched |= {
        route.id
        for route in repair.planned
        if route.id not in before or _in_force(before[route.id]) != _in_force(route)
    }
    shared = {label for edit in plan.edits for label in edit.affects}
    touched |= {who for who in routes if who.label in shared}
    numbers = {who.vhost: routes[who].vhost for who in routes if who in touched}
    return tuple(numbers[number] for number in sorted(numbers))


def _in_force(route: Route) -> object:
    """What counts for a route, wherever it is written."""
    return (
        route.backend,
        route.preserve_host.value,
        route.proxy_remote.value,
        route.worker.url,
        {key: setting.value for key, setting in route.worker.parameters.items()},
        [getattr(route.tls, field).value for field in DIRECTIVES],
        {name: level.value for name, level in route.log_levels.modules.items()},
        route.log_levels.default.value,
    )
