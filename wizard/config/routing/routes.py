"""Every proxied route of a configuration, with its settings.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans, merge_proxy_config),
modules/proxy/proxy_util.c; each rule was run on httpd 2.4.71 (tests/config/routing).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.routing.asked import for_path
from wizard.config.routing.backends import backend_of
from wizard.config.routing.balancers import Balancer
from wizard.config.routing.barriers import Barriers
from wizard.config.routing.candidates import candidates
from wizard.config.routing.not_proxied import NOT_DECLINED, Declined, NotProxied
from wizard.config.routing.proxy_directives import ProxyHandler
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.routing.route_settings import line_size, matters
from wizard.config.routing.server import ProxyEntry, Server
from wizard.config.routing.sharing import everywhere, unlike_rewriting
from wizard.config.routing.targets import (
    RouteTarget,
    handled,
    mapped,
    repeats,
    rewritten,
)
from wizard.config.servers.forward_proxy import Remotes
from wizard.config.servers.host_header import HostResolver
from wizard.config.servers.levels import PROXY_SECTIONS, ServerLevel, levels
from wizard.config.servers.not_in_force import NotInForce
from wizard.config.servers.request_headers import RequestHeaders
from wizard.config.servers.tls_policy import POLICY_KEYS, Policies
from wizard.config.servers.virtual_hosts import Hosts, LookUp, virtual_hosts
from wizard.config.servers.way_back import WaysBack
from wizard.config.syntax import backend_url
from wizard.config.syntax.tree import Node, Tree
from wizard.errors import ConfigError
from wizard.model.answer_rules import AnswerRules
from wizard.model.config import NO_LOGIN, Route, TlsPolicy, VirtualHost
from wizard.model.host_names import bare_name
from wizard.model.imagined import NOBODY, Imagined
from wizard.model.route_id import RouteId

_OWN_SETTINGS = (
    POLICY_KEYS
    | PROXY_SECTIONS
    | frozenset({"proxypreservehost", "proxytimeout", "timeout", "requestheader", "proxyremote"})
    | frozenset({"proxybadheader", "proxyerroroverride", "proxyremotematch", "noproxy"})
    | frozenset({"proxypassinherit", "balancerinherit", "proxyblock"})
)
"""Directives that change a route of the main server in a virtual host that uses it."""
_WAYS = frozenset(
    {"proxyremote", "proxyremotematch", "noproxy", "proxypassinherit", "balancerinherit"}
    | {"proxyblock"}
)
"""Those of them that decide the way to a backend."""
MOST_COPIES = 20_000
"""How many routes of the main server are shown again for virtual hosts with settings of their own;
far above any real site, it bounds many routes times many virtual hosts."""

_MOST_ASKED = 20_000
"""Times that one of them is asked about one of the rules; then only the first is."""

MAX_ROUTES = 200_000
"""Routes of a whole configuration, a balancer's members counted each; ten times any real site."""


class RouteBuilder:
    """Makes the routes of a configuration.

    Args:
        tree: the preprocessed configuration.
        layout: where it came from.
        host: Host header of the imagined client; None: each virtual host's own name.
        look_up: asks for the host names of ``<VirtualHost>``.
        imagined: the client and the requests that somebody asks for.
    """

    def __init__(
        self,
        tree: Tree,
        layout: Layout,
        host: str | None,
        look_up: LookUp,
        imagined: Imagined = NOBODY,
    ) -> None:
        self.main, self.levels = levels(tree.root)

        def resolve(path: str) -> str:
            return layout.relocate(merge_path(tree.server_root, path))

        self.resolve = resolve
        """Makes a path of the configuration absolute."""
        self.hosts: Hosts = virtual_hosts(
            self.main,
            self.levels,
            layout.main_file,
            resolve,
            partial=layout.partial,
            look_up=look_up,
        )
        self._host = host
        self._root = layout.main_file
        self._layout = layout
        self._policies = Policies(self.main, self.levels, resolve)
        self._not_in_force = NotInForce(self.main, self.levels)
        self._host_settings = HostResolver(self.main)
        self._remotes = Remotes(self.main)
        self._ways_back = WaysBack(self.main)
        self._request_headers = RequestHeaders(self.main)
        self._barriers = Barriers(self.main, imagined.client)
        self._paths = imagined.paths
        self.asked: dict[tuple[RouteId, str], Route] = {}
        """Every route with each of these requests that it takes."""
        self._not_proxied = NotProxied(self.main)
        self.balancers: list[Balancer] = []
        """Of every server, once the routes are made."""
        self._alike: dict[tuple[int, str, str, bool], int] = {}
        self._runtime_dir = tree.runtime_dir or tree.server_root

    def policies(self) -> tuple[TlsPolicy, ...]:
        """See ``Configuration.policies``."""
        return self._policies.initialised()

    def policy(self, level: ServerLevel, url: str) -> TlsPolicy:
        """The TLS policy of a request to a server whose mapped URL is ``url``."""
        return self._policies.of(level, url).policy

    def routes(self) -> Iterator[Route]:
        """Every route, the main server's first, then each virtual host's in file order.

        Raises:
            ConfigError: there are more than any real configuration has.
        """
        for number, route in enumerate(self._every()):
            if number == MAX_ROUTES:
                raise ConfigError(
                    f"there are more than {MAX_ROUTES} proxied routes",
                    file=self._root,
                    hint="Look for balancers with many members that many lines name, or name the "
                    "file of one virtual host.",
                )
            yield route

    def _every(self) -> Iterator[Route]:
        main = Server(self.main, self.hosts.main, self._client(self.hosts.main), None)
        servers = [
            Server(level, host, self._client(host), main)
            for level, host in zip(self.levels, self.hosts.virtual, strict=True)
        ]
        self.balancers = [b for server in (main, *servers) for b in server.proxied.balancers]
        first: dict[ProxyEntry, Server] = {}
        unlike: set[Server] = set()
        if main.proxied.entries:
            yield from self._main_routes(main, [s for s in servers if not self._has_own(s)], first)
            unlike = self._unlike(servers)
            self._first_to_run(main, servers, first)
        copies = MOST_COPIES
        for server in servers:
            handed_down = (
                [
                    entry
                    for entry in main.proxied.entries
                    if (
                        server.rewriting.inherited is not None
                        if isinstance(entry, RewriteRule) and not entry.scope.sections
                        else server in unlike or first.get(entry) is server
                    )
                ]
                if main.proxied.entries and copies > 0
                else []
            )
            copies -= len(handed_down)
            for entry in handed_down:
                yield from self._of(server, entry, inherited=True)
            for entry in server.proxied.entries:
                yield from self._of(server, entry)

    def _first_to_run(
        self, main: Server, servers: list[Server], found: dict[ProxyEntry, Server]
    ) -> None:
        """Find for each of the main server's rules in sections the first server that it runs in:
        the RewriteEngine of a virtual host counts there.

        Args:
            main: the main server.
            servers: that are asked.
            found: what was found of other servers, to which it is added.
        """
        rules = [
            entry
            for entry in main.proxied.entries
            if isinstance(entry, RewriteRule) and entry.scope.sections and entry not in found
        ]
        asked = unlike_rewriting(servers) if rules else []
        left = _MOST_ASKED
        for rule in rules:
            for server in asked if left > 0 else asked[:1]:
                left -= 1
                if self._runs(server, rule):
                    found[rule] = server
                    break

    def _runs(self, server: Server, rule: RewriteRule) -> bool:
        return rule.proxies and rewritten(server, rule, self.hosts.main.server_name) is not None

    def _unlike(self, servers: list[Server]) -> set[Server]:
        """The virtual hosts that use the main server's routes with another policy, Host or
        timeout; of equal ones the first."""
        found: dict[object, Server] = {}
        for server in servers:
            if self._has_own(server):
                policy = self._policies.of(server.level, "").policy
                settings = self._host_settings.of(server.level, "", "")
                values = tuple(getattr(policy, field.name).value for field in fields(policy))
                kept = server.client_host if settings.preserve_host.value else ""
                read = (server.bad_header, settings.replaced)
                ways = tuple((n.key, n.args) for n in server.level.nodes if n.key in _WAYS)
                kind = (values, kept, settings.header.value, server.timeout.value, read, ways)
                sections = (*server.level.proxies, *server.level.locations)
                found.setdefault(server if sections else kind, server)
        return set(found.values())

    def _main_routes(
        self, main: Server, sharing: list[Server], first: dict[ProxyEntry, Server]
    ) -> Iterator[Route]:
        """The main server's routes, once for itself and every virtual host like it; its rules in
        sections among them get it as their ``first`` server."""
        self._first_to_run(main, [main], first)
        if self.hosts.main_served:
            for entry in main.proxied.entries:
                yield from self._of(main, entry)
            return
        sharing = [server for server in sharing if server.host.never_served is None]
        there: dict[ProxyEntry, Server] = {}
        self._first_to_run(main, sharing, there)
        for entry in [entry for entry in first if entry not in there]:
            del first[entry]
        for entry in main.proxied.entries if sharing else ():
            if not isinstance(entry, RewriteRule) or entry in first:
                yield from self._of(main, entry, everywhere(sharing, entry))

    def _has_own(self, server: Server) -> bool:
        """Whether a virtual host changes the routes of the main server that it uses."""
        keys = server.level.by_key.keys()
        changes = not _OWN_SETTINGS.isdisjoint(keys) or self._host_settings.says(server.level)
        return server.host.never_served is None and changes

    def _client(self, host: VirtualHost) -> str:
        """The Host header of the imagined client."""
        if self._host is not None:
            return self._host
        # a ServerName that is a URL has its path in the name, which no client can send
        own = bare_name(host.server_name or "").partition("/")[0].removesuffix(".")
        if own:
            return own
        for alias in host.aliases:
            if "*" not in alias and "?" not in alias:
                return alias.lower()
        main_name = self.hosts.main.server_name
        return bare_name(main_name) if main_name else "localhost"

    def _of(
        self,
        server: Server,
        entry: ProxyEntry,
        shadow: Node | None = None,
        *,
        inherited: bool = False,
    ) -> Iterator[Route]:
        """The routes of one entry; ``shadow`` takes its requests, if that is known."""
        target: RouteTarget | None = None
        if isinstance(entry, PathMapping):
            target = mapped(entry, entry.url) if entry.url is not None else None
        elif isinstance(entry, ProxyHandler):
            target = handled(server, entry)
        elif entry.proxies:
            target = rewritten(server, entry, self.hosts.main.server_name)
        if target is None:
            return
        made = self._routes(server, target, shadow, inherited=inherited)
        own = list(made) if self._paths else ()
        yield from own or made
        ids = [route.id for route in own]
        for path in self._paths:
            other = for_path(server, target, path)
            if other is not None:
                for route in self._routes(server, other, shadow, inherited=inherited, ids=ids):
                    self.asked[route.id, path] = route

    def _routes(
        self,
        server: Server,
        target: RouteTarget,
        shadow: Node | None,
        *,
        inherited: bool,
        ids: Sequence[RouteId] = (),
    ) -> Iterator[Route]:
        """One route; of a balancer, one for each member. They get the identities that are given."""
        if shadow is None:
            shadow = target.replaced_by
        if shadow is None and server.has_rivals:
            shadow = server.order.shadow(target.entry)
        asked = backend_url.without_socket(target.request_url)
        place = target.place
        governed = self._policies.of(server.level, asked, late=place is not None)
        settings = self._host_settings.of(server.level, asked, target.request_path, place)
        declined = self._declined(server, target)
        undecided = governed.undecided and f"{governed.undecided}: its TLS settings may count."
        if settings.undecided and matters(settings, target.backend):
            undecided = f"{settings.undecided[0]}: it depends on the request."
        ends = candidates(server, target)
        way_back = self._ways_back.of(server.level, asked, target.request_path, place, ends)
        sent = self._request_headers.of(
            server.level, asked, target.request_path, place, server.host, server.client_host
        )
        barriers = self._barriers.of(server, target, asked)
        for number, end in enumerate(ends):
            backend, reason = backend_of(end, settings, server, self._layout, self._runtime_dir)
            reason = reason or self._not_proxied.by_name(server.level, backend.host)
            remote = self._remotes.of(server.level, end.request_url, server.client_host)
            if settings.login_undecided and remote.value is not None:
                reason = reason or f"{settings.login_undecided[0]}: it depends on the request."
            yield Route(
                ids[number] if ids else self._id(server, target.path, end.kind, inherited),
                server.host,
                target.path,
                kind=end.kind,
                source=end.source,
                backend=backend,
                tls=governed.policy,
                preserve_host=settings.preserve_host,
                proxy_timeout=server.timeout,
                worker=end.worker,
                balancer=end.balancer,
                balanced_by=target.entry.node.source if end.balancer is not None else None,
                log_levels=server.host.log_levels,
                request_path=target.request_path,
                request_url=end.request_url,
                client_host=server.client_host,
                proxy_remote=remote,
                shadowed_by=shadow.source if shadow is not None else None,
                superfluous=shadow is not None and repeats(target, shadow, self._layout.release),
                unknown=target.unknown or declined.unknown or undecided or reason,
                policy_section=governed.section,
                policy_in_main_section=governed.in_main,
                idle=self._not_in_force.of(
                    server.level, governed, backend, asked, late=place is not None
                ),
                conditional=target.conditional or declined.conditional,
                balancer_statuses=end.balancer_statuses,
                balancer_parameters=end.balancer_parameters,
                meant_balancer=end.meant_balancer,
                proxy_login=settings.login if remote.value is not None else NO_LOGIN,
                answers=AnswerRules(server.bad_header, settings.replaced, line_size(end.worker)),
                barriers=barriers,
                way_back=way_back,
                request_headers=sent.fields,
                adds_forwarded=sent.adds_forwarded,
            )

    def _declined(self, server: Server, target: RouteTarget) -> Declined:
        """Whether ``no-proxy`` keeps the requests of a ProxyPass from it."""
        if not isinstance(target.entry, PathMapping):
            return NOT_DECLINED
        found = self._not_proxied.by_variable(server.level, target.request_path)
        rules = server.proxied.rules.declining
        if rules and found.unknown is None and server.rewriting.engine:
            said = self._not_proxied.by_rules(rules, target.request_path)
            found = said if said.unknown or said.conditional else found
        return found

    def _id(self, server: Server, path: str, kind: str, inherited: bool) -> RouteId:
        alike = server.level.number, path, kind, inherited
        number = self._alike[alike] = self._alike.get(alike, -1) + 1
        name = server.host.server_name
        return RouteId(
            server.level.number, name, path, kind=kind, number=number, inherited=inherited
        )
