"""Which of the servers that use the main server's routes stand for others.

Source: httpd 2.4, modules/mappers/mod_rewrite.c (config_server_merge), modules/proxy/mod_proxy.c.
"""

from __future__ import annotations

from wizard.config.routing.server import ProxyEntry, Server
from wizard.config.syntax.tree import Node

_MOST_KINDS = 50
"""Virtual hosts that are asked whether a rewrite rule of the main server's sections runs there."""


def unlike_rewriting(servers: list[Server]) -> list[Server]:
    """Of the servers in which mod_rewrite does the same with the main server's sections, one."""
    found: dict[object, Server] = {}
    for server in servers:
        if server.host.never_served is None:
            found.setdefault(server.rewriting.kind, server)
    return list(found.values())[:_MOST_KINDS]


def everywhere(servers: list[Server], entry: ProxyEntry) -> Node | None:
    """The directive that takes an entry's requests, if every server has one."""
    shadow = None
    for server in servers:
        shadow = server.order.shadow(entry) if server.has_rivals else None
        if shadow is None:
            return None
    return shadow
