"""One server with its proxying directives, and the order in which httpd tries them.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans), server/core.c (core_override_type).
"""

from __future__ import annotations

from functools import cached_property

from wizard.config.routing.places import place_of
from wizard.config.routing.proxy_directives import Proxied, ProxyHandler, collect
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.redirects import REDIRECTS, redirects_of
from wizard.config.routing.rewrite_merge import Rewriting
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.routing.shadowing import Shadowing
from wizard.config.servers.levels import PER_REQUEST_SECTIONS, ServerLevel
from wizard.config.servers.proxy_inheritance import inheritance
from wizard.config.servers.request_sections import Place, RequestSections, SectionParts
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, split_words
from wizard.model import answer_rules
from wizard.model.config import Setting, VirtualHost

ProxyEntry = PathMapping | RewriteRule | ProxyHandler
"""A directive that maps requests to a backend."""
_TIMEOUT: Setting[float] = Setting(60.0)


class Server:
    """The main server or a virtual host, with what decides its routes.

    Args:
        level: its directives.
        host: its names.
        client_host: Host header of the imagined client.
        main: the main server; None: this is it.
    """

    def __init__(
        self, level: ServerLevel, host: VirtualHost, client_host: str, main: Server | None
    ) -> None:
        self.level = level
        self.host = host
        self.client_host = client_host
        self.main = main
        self.proxied: Proxied = collect(level)
        self.timeout = _timeout(level, main)
        self.handed_down = inheritance(level, main.level if main is not None else level)
        node = level.last("proxybadheader") or (main and main.level.last("proxybadheader"))
        self.bad_header = answer_rules.bad_header(node.args if node else "")

    @property
    def shared(self) -> Proxied | None:
        """Workers and balancers of the main server that it sees; None: none."""
        main = self.main if self.main is not None else self
        return main.proxied if self.handed_down.workers else None

    @property
    def has_rivals(self) -> bool:
        """Whether a directive may take the requests of another."""
        own = len(self.proxied.entries) + len(self.proxied.rules.rules)
        if own > 1 or not REDIRECTS.isdisjoint(self.level.by_key):
            return True
        main = self.main
        if main is None:
            return False
        return bool(main.proxied.entries) or not REDIRECTS.isdisjoint(main.level.by_key)

    @property
    def rewrites(self) -> bool:
        """Whether there is a rewrite rule in it or in the main server."""
        one, other = self.proxied, self.main.proxied if self.main is not None else self.proxied
        return bool(one.rules.rules or one.rewrites or other.rules.rules or other.rewrites)

    @cached_property
    def rewriting(self) -> Rewriting:
        """Which rewrite rules run in it."""
        main = self.main.rewriting if self.main is not None else None
        return Rewriting(self.level, self.proxied, main)

    @cached_property
    def _own_handlers(self) -> SectionParts[Node]:
        return SectionParts((sections, node) for sections, node in self.proxied.handlers)

    @cached_property
    def _handlers(self) -> RequestSections[Node]:
        main = self.main._own_handlers if self.main is not None else None
        return RequestSections(main, self._own_handlers)

    def place(self, sections: tuple[Node, ...], path: str) -> Place:
        """Where a request is that a directive in some sections takes."""
        main = self.main.level if self.main is not None else None
        return place_of(self.level, main, sections, path)

    def handler_instead(self, entry: ProxyHandler, place: Place) -> tuple[Node | None, str | None]:
        """The SetHandler that counts in the place of another: the last that is merged.

        Args:
            entry: the other.
            place: of its requests.

        Returns:
            The directive, and the ``<If>`` that decides whether it counts, where one does.
        """
        added = bool(entry.extension)
        every = len(self.proxied.handlers) + len(self.main.proxied.handlers if self.main else ())
        if every == (not added) and entry.sections:  # as in most virtual hosts
            return None, None
        passed = self._handlers.passed(place)
        last: Node | None = None
        for server in (self.main, self):
            last = (server and server.level.last("sethandler")) or last
        for stage in passed.stages:
            for part in stage:
                last = part.value
        if added and (last is None or split_words(last.args)[:1] == ["none"]):
            last = entry.node  # SetHandler counts before AddHandler (core_override_type)
        if last is not entry.node:
            return last, None
        own = entry.sections and entry.sections[-1].key in PER_REQUEST_SECTIONS
        for part in passed.perhaps if not own else ():
            node = part.sections[-1]
            return None, f"not where <{node.name} {node.args.rstrip()}> at {node.source} holds"
        return None, None

    @cached_property
    def order(self) -> Precedence:
        """Which directive is tried before which."""
        return Precedence(self)


class Precedence:
    """Which directive of a server, or of the main server, httpd tries before which other.

    Args:
        server: the server.
    """

    def __init__(self, server: Server) -> None:
        self.rules, self.listed, self.located = Shadowing(), Shadowing(), Shadowing()
        self.early: Shadowing | None = None
        """``mapping=``: tried before anything else (proxy_pre_translate_name)."""
        self.places: dict[ProxyEntry, int] = {}
        self._main = server.main.order if server.main is not None else None
        rewriting = server.rewriting if server.rewrites else None
        self._rewriting = rewriting
        self._inherited = rewriting.inherited if rewriting is not None else None
        self.redirects = redirects_of(server.level)
        proxied = server.proxied
        for rule in proxied.rules.rules:
            self.places[rule] = self.rules.add_rule(rule)
        self._runs = rewriting is not None and rewriting.takes_all
        for mapping in proxied.listed:
            order = self.listed
            if "mapping" in mapping.parameters:
                order = self.early = self.early or Shadowing()
            self.places[mapping] = order.add_mapping(mapping)
        for mapping in proxied.located:
            self.places[mapping] = self.located.add_mapping(mapping)

    def shadow(self, entry: ProxyEntry) -> Node | None:
        """The directive that takes every request of an entry away.

        Args:
            entry: of this server or of the main server.
        """
        own = self.places.get(entry)
        place = own
        if place is None and self._main is not None:
            place = self._main.places.get(entry)
        if isinstance(entry, ProxyHandler):
            return self._before_handler(entry)
        if isinstance(entry, RewriteRule):
            if entry.scope.sections:
                return self._redirect(entry.scope.sections)
            if entry.negated or place is None:
                return None
            taken = self._any_early(entry.pattern, True)
            return taken or self._rule_before(entry.pattern, place, own=own is not None)
        if entry.dead is not None or place is None:
            return None
        if "mapping" in entry.parameters and entry.section is None:
            return self.early.first(entry.path, entry.regex, place) if self.early and own else None
        return self._before_mapping(entry, place, own=own is not None)

    def _before_mapping(self, entry: PathMapping, place: int, *, own: bool) -> Node | None:
        path, regex = entry.path, entry.regex
        taken = self._any_early(path, regex) or self._any_rule(path, regex)
        if entry.section is None:
            taken = taken or self._any_location(path, regex)
            if self._main is not None and taken is None:
                taken = self._main.listed.first(path, regex, None if own else place)
            if own and taken is None:
                taken = self.listed.first(path, regex, place)
            return taken
        if own:
            return taken or self.located.last(path, regex, place)
        later = self._main.located.last(path, regex, place) if self._main else None
        return taken or self.located.last(path, regex, -1) or later

    def _any_early(self, path: str, regex: bool) -> Node | None:
        for order in (self._main, self):
            if order is not None and order.early is not None:
                found = order.early.first(path, regex)
                if found is not None:
                    return found
        return None

    def _rule_before(self, pattern: str, place: int, *, own: bool) -> Node | None:
        if self._main is None or self._inherited is None:
            return self.rules.first(pattern, True, place)
        main = self._main.rules
        if own:
            before = main.first(pattern, True) if self._inherited == "before" else None
            return before or self.rules.first(pattern, True, place)
        before = self.rules.first(pattern, True) if self._inherited == "after" else None
        return before or main.first(pattern, True, place)

    def _any_rule(self, path: str, regex: bool) -> Node | None:
        found = None
        if self._runs:
            found = self.rules.first(path, regex)
            if found is None and self._main is not None and self._inherited:
                found = self._main.rules.first(path, regex)
        if found is None and not regex and self._rewriting is not None:
            found = self._rewriting.overriding(path)
        return found

    def _any_location(self, path: str, regex: bool) -> Node | None:
        found = self.located.last(path, regex, -1)
        if found is None and self._main is not None:
            found = self._main.located.last(path, regex, -1)
        return found

    def _before_handler(self, entry: ProxyHandler) -> Node | None:
        path = _location(entry.sections)
        if path is None:
            return None
        taken = self._any_early(path, False)
        taken = taken or self._any_rule(path, False) or self._any_location(path, False)
        for order in (self._main, self):
            if taken is None and order is not None:
                taken = order.listed.first(path, False)
        if taken is None or _excludes(taken):
            return self._redirect(entry.sections)
        return taken

    def _redirect(self, sections: tuple[Node, ...]) -> Node | None:
        """The Redirect that answers every request of a directive in sections."""
        path = _location(sections) if self.redirects or self._main else None
        taken = None
        for order in (self, self._main):
            if path is not None and taken is None and order is not None and order.redirects:
                taken = order.redirects.first(path)
        return taken


def _location(sections: tuple[Node, ...]) -> str | None:
    """The path of a ``<Location>`` that a directive stands in directly."""
    if len(sections) != 1 or sections[0].key != "location":
        return None
    words = split_words(sections[0].args)
    return words[0] if len(words) == 1 and words[0].startswith("/") else None


def _excludes(node: Node) -> bool:
    """Whether it is a ``ProxyPass … !``."""
    return node.key in ("proxypass", "proxypassmatch") and "!" in split_words(node.args)


def _timeout(level: ServerLevel, main: Server | None) -> Setting[float]:
    """ProxyTimeout of the server or the main server, else Timeout of either."""
    if main is not None and "proxytimeout" not in level.by_key and "timeout" not in level.by_key:
        return main.timeout
    for key in ("proxytimeout", "timeout"):
        for one in (level, main.level if main is not None else None):
            node = one.last(key) if one is not None else None
            words = split_words(node.args) if node is not None else []
            value = float(atoi(words[0])) if words else None
            if node is not None and value is not None:
                return Setting(value, node.source)
    return _TIMEOUT
