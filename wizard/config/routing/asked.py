"""What an entry makes of a request that somebody asks for, instead of one that is imagined.

Source: httpd 2.4, modules/proxy/mod_proxy.c (ap_proxy_trans_match), modules/mappers/mod_rewrite.c.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.config.matching.patterns import compile_regex, path_covers
from wizard.config.matching.url_templates import groups_of, has_group, substitute
from wizard.config.routing import rewrite_rules
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.routing.server import Server
from wizard.config.routing.targets import RouteTarget


def for_path(server: Server, target: RouteTarget, path: str) -> RouteTarget | None:
    """The target with another request; None: its entry does not take that path.

    Args:
        server: of the entry.
        target: with the imagined request.
        path: of the request.
    """
    url = _url(server, target, path)
    return None if url is None else replace(target, request_path=path, request_url=url)


def _url(server: Server, target: RouteTarget, path: str) -> str | None:
    entry = target.entry
    if isinstance(entry, PathMapping) and entry.dead is None and entry.url is not None:
        if not entry.regex:
            return entry.url + path[len(entry.path) :] if path_covers(entry.path, path) else None
        regex = compile_regex(entry.path)
        match = regex.search(path) if regex is not None else None
        if match is None:
            return None
        return substitute(entry.url, groups_of(match)) if has_group(entry.url) else entry.url + path
    if isinstance(entry, RewriteRule) and target.place is None and entry.handler is None:
        if rewrite_rules.matched(entry, path) is None or target.unknown is not None:
            return None
        found = rewrite_rules.proxying(
            entry, lambda: "", bool(server.host.front_tls.value), path=path
        )
        return found.url if found.unknown is None and "://" in found.target else None
    return None
