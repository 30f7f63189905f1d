"""Every proxied route of a configuration, with what counts for it.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans, merge_proxy_config),
modules/proxy/proxy_util.c; each rule was run on httpd 2.4.71 (tests/config_routes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from wizard.config import balancers, mappings, rewrite, templates, urls, workers
from wizard.config.balancers import is_balancer
from wizard.config.hostheader import HostResolver, HostSettings
from wizard.config.layout import Layout
from wizard.config.mappings import Mapping
from wizard.config.paths import merge_path
from wizard.config.policy import POLICY_KEYS, Policies
from wizard.config.proxied import Handler, Proxied, collect
from wizard.config.remotes import Remotes
from wizard.config.rewrite import Rule
from wizard.config.sections import PROXY_SECTIONS, Level, levels
from wizard.config.shadow import Takers
from wizard.config.times import seconds
from wizard.config.tree import Node, Tree
from wizard.config.vhosts import Hosts, bare_name, virtual_hosts
from wizard.config.words import split_words
from wizard.model.config import Backend, Route, Setting, Source, VirtualHost, Worker

_OWN_SETTINGS = (
    POLICY_KEYS
    | PROXY_SECTIONS
    | frozenset({"proxypreservehost", "proxytimeout", "timeout", "requestheader", "proxyremote"})
)
"""What makes a route of the main server another one where a virtual host uses it."""
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

    def shadow(self, entry: Mapping | Rule | Handler) -> Node | None:
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


@dataclass(frozen=True, slots=True)
class _Target:
    """What an entry does with an imagined request.

    Args:
        entry: the directive.
        path: as written.
        kind: of the route.
        url: as written.
        backend: the same without placeholders, as far as they do not decide about the backend.
        request_path: of the request.
        request_url: what it is mapped to.
        unknown: why the backend cannot be told.
        conditional: which requests alone take it.
    """

    entry: Mapping | Rule | Handler
    path: str
    kind: str
    url: str
    backend: str
    request_path: str
    request_url: str
    unknown: str | None = None
    conditional: str | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """A backend that requests of a target may end at; see `wizard.model.config.Route`."""

    url: str
    static: str
    request_url: str
    kind: str
    source: Source
    worker: Worker
    balancer: str | None
    balancer_statuses: tuple[str, ...] = ()


class Builder:
    """Makes the routes of a configuration.

    Args:
        tree: the preprocessed configuration.
        layout: where it came from.
        host: Host header of the imagined client; None: each virtual host's own name.
    """

    def __init__(self, tree: Tree, layout: Layout, host: str | None) -> None:
        self._main, self._levels = levels(tree.root)

        def resolve(path: str) -> str:
            return layout.relocate(merge_path(tree.server_root, path))

        self.hosts: Hosts = virtual_hosts(
            self._main, self._levels, layout.main_file, resolve, partial=layout.partial
        )
        self._host = host
        self._policies = Policies(self._main, self._levels, resolve)
        self._host_settings = HostResolver(self._main)
        self._remotes = Remotes(self._main)
        self._runtime_dir = tree.runtime_dir or tree.server_root

    def routes(self) -> Iterator[Route]:
        """Every route, the main server's first, then each virtual host's in file order."""
        main_host = self.hosts.main
        main = Server(self._main, main_host, self._client(main_host), None)
        users = self._users() if main.proxied.entries else []
        if main.proxied.entries and (self.hosts.main_served or len(users) < len(self._levels)):
            for entry in main.proxied.entries:
                yield from self._of(main, entry)
        using = set(map(id, users))
        for level, host in zip(self._levels, self.hosts.virtual, strict=True):
            server = Server(level, host, self._client(host), main)
            if id(level) in using:
                for entry in main.proxied.entries:
                    if not isinstance(entry, Rule) or entry.scope.sections:
                        yield from self._of(server, entry)
            own_rules = {id(entry) for entry in server.proxied.entries}
            for entry in server.proxied.entries:
                yield from self._of(server, entry)
            if main.proxied.rules.rules and server.proxied.rules.enabled:
                for rule in server.rules:
                    if id(rule) not in own_rules:
                        yield from self._of(server, rule)

    def _users(self) -> list[Level]:
        """Virtual hosts in which the main server's routes have other settings."""
        return [
            level
            for level, host in zip(self._levels, self.hosts.virtual, strict=True)
            if host.never_served is None and not _OWN_SETTINGS.isdisjoint(level.by_key.keys())
        ]

    def _client(self, host: VirtualHost) -> str:
        """The Host header of the imagined client."""
        if self._host is not None:
            return self._host
        if host.server_name:
            return bare_name(host.server_name)
        for alias in host.aliases:
            if "*" not in alias and "?" not in alias:
                return alias.lower()
        main_name = self.hosts.main.server_name
        return bare_name(main_name) if main_name else "localhost"

    def _of(self, server: Server, entry: Mapping | Rule | Handler) -> Iterator[Route]:
        if isinstance(entry, Mapping):
            if entry.url is not None:
                yield from self._mapped(server, entry, entry.url)
        elif isinstance(entry, Rule):
            if entry.proxies and (entry.engine.enabled or entry in server.rules):
                yield from self._rewritten(server, entry)
        else:
            yield from self._handled(server, entry)

    def _mapped(self, server: Server, entry: Mapping, url: str) -> Iterator[Route]:
        request = mappings.request_of(entry)
        unknown = entry.dead
        backend: str | None = url
        if request is None:
            request = "/", url
            unknown = unknown or f"no request path was found that {entry.path} matches."
        if entry.regex:
            backend = templates.static_url(url, entry.path)
        elif entry.interpolate and "${" in url:
            backend = None
        if backend is None:
            unknown = unknown or (
                f"the backend's name {templates.authority_of(url)} is known only when a request "
                "is there."
            )
        target = _Target(entry, entry.path, entry.kind, url, backend or url, *request, unknown)
        yield from self._routes(server, target)

    def _rewritten(self, server: Server, rule: Rule) -> Iterator[Route]:
        name = bare_name(server.host.server_name or self.hosts.main.server_name or "localhost")
        found = rewrite.proxying(rule, name, server.host.front_tls.value)
        sections = rule.scope.sections
        kind = "RewriteRule" if not sections else f"RewriteRule in {_section_name(sections[-1])}"
        path = f"!{rule.pattern}" if rule.negated else rule.pattern
        target = _Target(
            rule,
            path,
            kind,
            found.target,
            found.backend,
            found.path,
            found.url,
            found.unknown,
            found.conditional,
        )
        yield from self._routes(server, target)

    def _handled(self, server: Server, handler: Handler) -> Iterator[Route]:
        pattern, request_path = _where(handler.sections)
        root = server.level.last("documentroot")
        if root is None and server.main is not None:
            root = server.main.level.last("documentroot")
        words = split_words(root.args) if root is not None else []
        directory = words[0].rstrip("/") if words else ""
        conditional = None
        if handler.conditional:
            node = next(s for s in handler.sections if s.key in ("if", "elseif", "else"))
            conditional = f"only where <{node.name} {node.args}> at {node.source} holds"
        url = handler.url
        target = _Target(
            handler,
            pattern,
            "SetHandler",
            url,
            url,
            request_path,
            url + directory + request_path,
            conditional=conditional,
        )
        yield from self._routes(server, target)

    def _routes(self, server: Server, target: _Target) -> Iterator[Route]:
        """One route; of a balancer, one for each member."""
        shadow = server.order.shadow(target.entry) if _may_be_shadowed(server) else None
        mapped = urls.without_socket(target.request_url)
        governed = self._policies.of(server.level, mapped)
        settings = self._host_settings.of(server.level, mapped, target.request_path)
        undecided = None
        if settings.undecided and _matters(settings, target.backend):
            undecided = f"{settings.undecided[0]}: it depends on the request."
        for end in self._ends(server, target):
            backend, reason = self._backend(end, settings, server)
            yield Route(
                server.host,
                target.path,
                end.kind,
                end.source,
                backend,
                governed.policy,
                settings.preserve_host,
                server.timeout,
                end.worker,
                end.balancer,
                server.host.log_levels,
                target.request_path,
                end.request_url,
                server.client_host,
                settings.header,
                self._remotes.of(server.level, urls.without_socket(end.request_url), backend.host),
                shadow.source if shadow is not None else None,
                target.unknown or undecided or reason,
                governed.section,
                governed.in_main,
                target.conditional,
                balancer_statuses=end.balancer_statuses,
            )

    def _ends(self, server: Server, target: _Target) -> Iterator[_End]:
        """Where the requests of a target may go: its backend, or each member of its balancer."""
        main = server.main or server
        own = server.proxied if server.main is not None else None
        source = target.entry.node.source
        if not is_balancer(target.url):
            worker = workers.pick(
                target.request_url, main.proxied.workers, own.workers if own else None
            )
            yield _End(
                target.url, target.backend, target.request_url, target.kind, source, worker, None
            )
            return
        name = balancers.split(target.backend)[0]
        found = balancers.visible(name, main.proxied.balancers, own.balancers if own else None)
        if found is None or not found.members:
            yield _End(
                target.url, target.backend, target.request_url, target.kind, source, Worker(), name
            )
            return
        asked, rest = balancers.split(target.request_url)
        statuses = tuple(
            member.parameters["status"].value if "status" in member.parameters else ""
            for member in found.members
        )
        for member in found.members:
            yield _End(
                member.url,
                member.url,
                # without a slash the request asks for a balancer of another name
                member.url + rest if asked == name else target.request_url,
                "BalancerMember",
                member.node.source,
                workers.model(member.url, member.parameters),
                name,
                statuses,
            )

    def _backend(
        self, end: _End, settings: HostSettings, server: Server
    ) -> tuple[Backend, str | None]:
        """The backend of a URL, and why it cannot be told, if so."""
        url = end.url
        parsed = urls.parse(end.static)
        if parsed is None:
            scheme = url.partition(":")[0].lower()
            reason = f"httpd cannot make out host and port of {url}."
            return Backend(url, scheme, "", 0, "", None, "", ""), reason
        host = parsed.host
        if settings.preserve_host.value:
            name = urls.host_name(server.client_host)
            header = server.client_host
            if settings.header.source is not None:
                header = settings.header.value or server.host.server_name or name
        else:
            name, header = host, parsed.netloc
        sni = name if parsed.uses_tls and name and not urls.is_address(name) else None
        socket = parsed.socket
        if socket is not None and not socket.startswith("/"):
            socket = merge_path(self._runtime_dir, socket)
        return (
            Backend(url, parsed.scheme, host, parsed.port, parsed.path, sni, name, header, socket),
            None,
        )


def _may_be_shadowed(server: Server) -> bool:
    own = len(server.proxied.entries) + len(server.proxied.rules.rules)
    return own > 1 or (server.main is not None and bool(server.main.proxied.entries))


def _matters(settings: HostSettings, url: str) -> bool:
    """Whether a Host header that may differ changes what httpd wants from the backend."""
    parsed = urls.parse(url)
    return parsed is None or parsed.uses_tls or settings.preserve_host.value


def _section_name(node: Node) -> str:
    return node.name[:1].upper() + node.name[1:]


def _where(sections: tuple[Node, ...]) -> tuple[str, str]:
    """What a handler's sections say about its requests: pattern as written, and a path."""
    for node in reversed(sections):
        words = split_words(node.args)
        if not words or node.key in ("if", "elseif", "else", "limit", "limitexcept"):
            continue
        pattern = words[-1]
        if node.key == "location" and pattern.startswith("/"):
            return pattern, pattern
        if node.key == "locationmatch":
            found = templates.imagine(pattern)
            return pattern, found[0] if found else "/"
        if node.key in ("filesmatch", "files"):
            found = templates.imagine(pattern) if node.key == "filesmatch" else None
            return pattern, found[0] if found else f"/{pattern.lstrip('/')}"
        return pattern, "/"
    return "/", "/"


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
