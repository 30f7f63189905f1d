"""One server with its proxying directives, and the order in which httpd asks them.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans), modules/mappers/mod_rewrite.c
(config_server_merge).
"""

from __future__ import annotations

from functools import cached_property

from wizard.config.mappings import Mapping
from wizard.config.proxied import Handler, Proxied, collect
from wizard.config.rewrite import Rule
from wizard.config.sections import Level
from wizard.config.shadow import Takers
from wizard.config.times import seconds
from wizard.config.tree import Node
from wizard.config.words import split_words
from wizard.model.config import Setting, VirtualHost

Entry = Mapping | Rule | Handler
"""What maps requests to a backend."""
_TIMEOUT: Setting[float] = Setting(60.0)


class Server:
    """The main server or a virtual host, with what its routes are decided from.

    Args:
        level: its directives.
        host: its names.
        client_host: Host header of the imagined client.
        main: the main server; None: this is it.
    """

    def __init__(
        self, level: Level, host: VirtualHost, client_host: str, main: Server | None
    ) -> None:
        self.level = level
        self.host = host
        self.client_host = client_host
        self.main = main
        self.proxied: Proxied = collect(level)
        self.timeout = _timeout(level, main)

    @property
    def has_rivals(self) -> bool:
        """Whether one of its directives may take the requests of another."""
        own = len(self.proxied.entries) + len(self.proxied.rules.rules)
        return own > 1 or (self.main is not None and bool(self.main.proxied.entries))

    @property
    def rules(self) -> list[Rule]:
        """The server-level rewrite rules, in the order in which they run."""
        own = self.proxied.rules
        if not own.enabled:
            return []
        if self.main is None:
            return own.rules
        inherited = self.main.proxied.rules
        if {"inheritbefore"} & own.options or (
            {"inheritdownbefore"} & inherited.options and "ignoreinherit" not in own.options
        ):
            return inherited.rules + own.rules
        if {"inherit"} & own.options or (
            {"inheritdown"} & inherited.options and "ignoreinherit" not in own.options
        ):
            return own.rules + inherited.rules
        return own.rules

    @cached_property
    def order(self) -> Order:
        """Who is asked before whom."""
        return Order(self)


class Order:
    """The places of a server's directives in the order in which httpd asks them."""

    def __init__(self, server: Server) -> None:
        self.rules = Takers()
        self.places: dict[int, int] = {}
        for rule in server.rules:
            self.places[id(rule)] = self.rules.add_rule(rule)
        self.listed = Takers()
        self.located = Takers()
        chain = (server,) if server.main is None else (server.main, server)
        for one in chain:
            for mapping in one.proxied.listed:
                self.places[id(mapping)] = self.listed.add_mapping(mapping)
            for mapping in one.proxied.located:
                self.places[id(mapping)] = self.located.add_mapping(mapping)

    def shadow(self, entry: Entry) -> Node | None:
        """The directive that takes every request of an entry away."""
        if isinstance(entry, Rule):
            if entry.scope.sections or entry.negated:
                return None
            return self.rules.first(entry.pattern, True, self.places[id(entry)])
        if isinstance(entry, Handler):
            return self._before_handler(entry)
        path, regex = entry.path, entry.regex
        if entry.dead is not None:
            return None
        taken = self.rules.first(path, regex)
        place = self.places[id(entry)]
        if entry.section is not None:
            return taken or self.located.last(path, regex, place)
        return taken or self.located.last(path, regex, -1) or self.listed.first(path, regex, place)

    def _before_handler(self, entry: Handler) -> Node | None:
        if len(entry.sections) != 1 or entry.sections[0].key != "location":
            return None
        words = split_words(entry.sections[0].args)
        if len(words) != 1 or not words[0].startswith("/"):
            return None
        taken = (
            self.rules.first(words[0], False)
            or self.located.last(words[0], False, -1)
            or self.listed.first(words[0], False)
        )
        if taken is None or self.listed.excludes(taken) or self.located.excludes(taken):
            return None
        return taken


def _timeout(level: Level, main: Server | None) -> Setting[float]:
    """ProxyTimeout of the server, else of the main server, else Timeout likewise."""
    for key in ("proxytimeout", "timeout"):
        for one in (level, main.level if main is not None else None):
            node = one.last(key) if one is not None else None
            words = split_words(node.args) if node is not None else []
            value = seconds(words[0]) if words else None
            if node is not None and value is not None:
                return Setting(value, node.source)
    return _TIMEOUT
