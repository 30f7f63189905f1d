"""The requests that an operator asks for (``--path``), each with the route that takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from wizard.answer.site import takes
from wizard.answer.swallowed import is_excluded
from wizard.answer.websocket import passes
from wizard.model.config import Route
from wizard.model.route_id import RouteId

Read = Mapping[tuple[RouteId, str], Route]
"""Routes with other requests, as the reader made them (``Configuration.asked``)."""


def for_paths(routes: Sequence[Route], paths: Sequence[str], read: Read) -> tuple[Route, ...]:
    """The routes, each with the first path that it takes as its request, and once more for others.

    A route that takes none keeps the request that is imagined for it.

    Args:
        routes: of one configuration, in its order.
        paths: of clients' requests.
        read: with these paths.
    """
    if not paths:
        return tuple(routes)
    taken: dict[object, list[str]] = {}
    for _, beside in groupby(routes, key=lambda one: one.id.vhost):
        own = list(beside)
        for path in dict.fromkeys(paths):
            first = _taking(own, path)
            if first is not None:
                taken.setdefault(_key(first), []).append(path)
    return tuple(made for one in routes for made in _asked(one, taken.get(_key(one), []), read))


def upgrading(routes: Sequence[Route], path: str, read: Read) -> Iterator[Route]:
    """The routes that take a WebSocket's path, one of each virtual host, with it as their request.

    None where a rule for upgrades alone takes it (``RewriteCond %{HTTP:Upgrade}``).
    """
    for _, beside in groupby(routes, key=lambda one: one.id.vhost):
        own = list(beside)
        if any(one.conditional and passes(one) and takes(one, path) for one in own):
            continue
        first = _taking(own, path)
        made = read.get((first.id, path)) if first is not None else None
        if made is not None:
            yield made


def _key(route: Route) -> object:
    """Routes with the same key get the same requests: the members of a balancer."""
    return route.id.vhost, route.path, route.balanced_by or route.source


def _asked(route: Route, paths: Sequence[str], read: Read) -> Iterator[Route]:
    found = [made for path in paths if (made := read.get((route.id, path))) is not None]
    if not found:
        yield route
    for number, made in enumerate(found):
        own = made.request_path if number else ""
        yield replace(made, id=replace(route.id, asked=own))


def _taking(routes: Sequence[Route], path: str) -> Route | None:
    """The route that httpd takes for a path: rules first, then sections, then lines in their order.

    Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_walk before proxy_trans), mod_rewrite.c.
    """
    fitting = [
        one
        for one in routes
        if one.shadowed_by is None and one.conditional is None and takes(one, path)
        if not is_excluded(one, path)
    ]
    rule = next((one for one in fitting if one.kind.startswith("RewriteRule")), None)
    sections = [one for one in fitting if " in " in one.kind]
    if rule is not None or not fitting:
        return rule
    return sections[-1] if sections else fitting[0]
