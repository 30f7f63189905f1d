"""What a wide route takes of that its virtual host means to answer itself.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans runs before mod_alias's translation; the
first ProxyPass line that fits counts, ``!`` among them).
"""

from __future__ import annotations

from collections.abc import Iterator

from wizard.config.matching.patterns import compile_regex, path_covers
from wizard.model.config import Route
from wizard.model.diagnosis import Case
from wizard.model.own_path import OwnPath

_MOST = 20
"""Paths of one route that are told."""


def swallowed(case: Case) -> tuple[OwnPath, ...]:
    """The paths below a route that a line of its own virtual host answers in vain.

    What another file says, as Debian's does for the whole server, is not meant for this one.

    Args:
        case: with the route and the site.
    """
    if case.route.kind not in ("ProxyPass", "BalancerMember") or case.route.shadowed_by is not None:
        return ()
    return tuple(_found(case))[:_MOST]


def _found(case: Case) -> Iterator[OwnPath]:
    route = case.route
    line = route.balanced_by or route.source
    for own in route.vhost.own_paths:
        path = own.path
        below = path_covers(route.path, path) and path.rstrip("/") != route.path.rstrip("/")
        if own.excludes or own.wins or not below or own.source.file != line.file:
            continue
        if not is_excluded(route, path) and not _has_own_route(case, path):
            yield own


def is_excluded(route: Route, path: str) -> bool:
    """Whether an exclusion (``!``) that comes before a route keeps a path from it."""
    line = route.balanced_by or route.source
    for one in route.vhost.own_paths:
        regex = compile_regex(one.expression) if one.excludes else None
        if regex is None or regex.search(path) is None:
            continue
        later = one.source.file == line.file and one.source.line > line.line
        if not later or one.directive.startswith("<"):
            return True
    return False


def _has_own_route(case: Case, path: str) -> bool:
    """Whether another route takes the path, which then answers it."""
    own = case.route
    for one in case.site.routes:
        if one.vhost.source != own.vhost.source or one.path == own.path:
            continue
        narrower = len(one.path) > len(own.path) and path_covers(one.path, path)
        if narrower or "Match" in one.kind or one.kind.startswith("RewriteRule"):
            return True
    return False
