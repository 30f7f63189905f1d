"""What a mapping, a handler or a rewrite rule does with an imagined request.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans, proxy_handler).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from wizard.config.matching import url_templates
from wizard.config.routing import proxy_pass, rewrite_rules
from wizard.config.routing.proxy_directives import ProxyHandler
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.routing.server import ProxyEntry, Server
from wizard.config.servers.levels import PER_REQUEST_SECTIONS
from wizard.config.servers.request_sections import Place
from wizard.config.syntax import backend_url as urls
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import Setting, Source, Worker
from wizard.model.host_names import bare_name
from wizard.reference.behaviours import holds
from wizard.reference.release import Release
from wizard.text import is_number

_HTTP = re.compile(r"\Ahttp", re.IGNORECASE)


@dataclass(slots=True)
class RouteTarget:
    """What an entry does with an imagined request.

    Args:
        entry: the directive.
        path: as written.
        kind: of the route.
        url: as written.
        backend: the same without those placeholders that do not decide which backend it is.
        request_path: of the request.
        request_url: what it is mapped to.
        unknown: why the backend is not known.
        conditional: which requests take it, if not all.
        place: where the request is; None: mod_proxy takes it by its path alone, and ``<Proxy>``
            sections count for it in the place of ``<Directory>`` and ``<Files>``.
        replaced_by: the directive that counts in the place of the entry.
    """

    entry: ProxyEntry
    path: str
    kind: str
    url: str
    backend: str
    request_path: str
    request_url: str
    unknown: str | None = None
    conditional: str | None = None
    place: Place | None = None
    replaced_by: Node | None = None


@dataclass(slots=True)
class BackendCandidate:
    """A backend that requests of a target may reach; see `wizard.model.config.Route`."""

    url: str
    static: str
    request_url: str
    kind: str
    source: Source
    worker: Worker
    balancer: str | None
    balancer_statuses: tuple[str, ...] = ()
    balancer_parameters: Mapping[str, Setting[str]] = field(default_factory=dict)
    meant_balancer: str | None = None


def mapped(entry: PathMapping, url: str) -> RouteTarget:
    """What a ProxyPass makes of a request that it matches.

    Args:
        entry: the mapping.
        url: of its backend.
    """
    request = proxy_pass.request_of(entry) if entry.dead is None else None
    unknown = entry.dead
    backend: str | None = url
    if request is None:
        request = "/", url
        unknown = unknown or f"no request path was found that {entry.path} matches."
    if entry.regex:
        backend = url_templates.static_url(url, entry.path)
    elif entry.interpolate and "${" in url:
        backend = None
    if backend is None:
        unknown = unknown or (
            f"the backend's name {url_templates.authority_of(url)} is known only when a request "
            "is there."
        )
    return RouteTarget(
        entry,
        entry.path,
        entry.kind,
        url=url,
        backend=backend or url,
        request_path=request[0],
        request_url=request[1],
        unknown=unknown,
    )


def handled(server: Server, handler: ProxyHandler) -> RouteTarget:
    """What ``SetHandler "proxy:…"`` makes of a request: the path is that of the mapped file."""
    pattern, request_path = _where(handler.sections)
    if handler.extension:
        pattern = f"*{handler.extension}"
        request_path = f"{request_path.rstrip('/')}/index{handler.extension}"
    url = handler.url
    place = server.place(handler.sections, request_path)
    instead, condition = server.handler_instead(handler, place)
    return RouteTarget(
        handler,
        pattern,
        "AddHandler" if handler.extension else "SetHandler",
        url=url,
        backend=url,
        request_path=request_path,
        request_url=url + _document_root(server) + request_path,
        conditional=condition_of(handler.sections) or condition,
        place=place,
        replaced_by=instead,
    )


def _document_root(server: Server) -> str:
    root = server.level.last("documentroot")
    if root is None and server.main is not None:
        root = server.main.level.last("documentroot")
    words = split_words(root.args) if root is not None else []
    return words[0].rstrip("/") if words else ""


def rewritten(server: Server, rule: RewriteRule, main_name: str | None) -> RouteTarget | None:
    """What a rule with [P], or with a handler, makes of a request that it matches; None: it never
    runs.

    Args:
        server: the server.
        rule: the rule.
        main_name: ServerName of the main server.
    """
    front_tls = server.host.front_tls.value
    own_url = partial(_own_url, server, main_name)
    found = rewrite_rules.proxying(rule, own_url, front_tls)
    sections = rule.scope.sections
    place = server.place(sections, found.path) if sections else None
    if place is not None:
        fate = server.rewriting.in_section(rule, place)
    else:
        fate = server.rewriting.of_level(found.path)
        if not fate.runs and (elsewhere := server.rewriting.turned_on(rule)) is not None:
            found = rewrite_rules.proxying(rule, own_url, front_tls, path=elsewhere[0])
            fate = elsewhere[1]
    unknown = found.unknown
    if not fate.runs:
        if fate.replaced_by is None:
            return None
        unknown = unknown or (
            f"the directives of mod_rewrite in <{fate.replaced_by.name} {fate.replaced_by.args}> "
            f"at {fate.replaced_by.source} replace those of its section, so that the rule never "
            "runs."
        )
    kind = "RewriteRule" if not sections else f"RewriteRule in {section_name(sections[-1])}"
    url, backend, request_url = found.target, found.backend, found.url
    if rule.handler is not None:
        url = backend = rule.handler
        place = place or server.place((), found.path)
        request_url = url + _document_root(server) + found.path
        unknown = None if fate.runs else unknown
    return RouteTarget(
        rule,
        f"!{rule.pattern}" if rule.negated else rule.pattern,
        kind,
        url=url,
        backend=backend,
        request_path=found.path,
        request_url=request_url,
        unknown=unknown,
        conditional=found.conditional or condition_of(sections) or fate.conditional,
        place=place,
    )


def condition_of(sections: tuple[Node, ...]) -> str | None:
    """The ``<If>`` that decides per request whether a directive in it counts."""
    for node in sections:
        if node.key in PER_REQUEST_SECTIONS:
            return f"only where <{node.name} {node.args.rstrip()}> at {node.source} holds"
    return None


def section_name(node: Node) -> str:
    """A section's name for a route's kind (``Location``)."""
    return node.name[:1].upper() + node.name[1:]


def _own_url(server: Server, main_name: str | None) -> str:
    """The URL of a server itself, to which a target with neither scheme nor host leads.

    The port is that of ServerName, or else of the ``<VirtualHost>``; a client that names another
    one in its Host gets that (core.c, ap_get_server_port; mod_rewrite.c, fully_qualify_uri).
    """
    written = server.host.server_name or main_name or "localhost"
    tls = server.host.front_tls.value
    parsed = urls.parse(f"{'https' if tls else 'http'}://{written.rpartition('://')[2]}")
    name = bare_name(written)
    port = parsed.port if parsed is not None else 0
    if parsed is None or port == (443 if tls else 80):
        ports = (address.rpartition(":")[2] for address in server.host.addresses)
        port = next((int(one) for one in ports if is_number(one)), port)
    scheme, usual = ("https", 443) if tls else ("http", 80)
    return f"{scheme}://{name}" + (f":{port}" if port not in (0, usual) else "")


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
            found = url_templates.imagine(pattern)
            return pattern, found[0] if found else "/"
        if node.key in ("filesmatch", "files"):
            found = url_templates.imagine(pattern) if node.key == "filesmatch" else None
            return pattern, found[0] if found else f"/{pattern.lstrip('/')}"
        return pattern, "/"
    return "/", "/"


def repeats(target: RouteTarget, taker: Node, release: Release) -> bool:
    """Whether the directive that takes a mapping's requests sends them where it would.

    Args:
        target: of the mapping.
        taker: the directive.
        release: of httpd: since 2.4.47 ``ws://`` serves requests without an upgrade as well.
    """
    entry, words = target.entry, split_words(taker.args)
    if not isinstance(entry, PathMapping) or entry.parameters or taker.key != entry.node.key:
        return False
    same = {target.url}
    if not holds("websocket-tunnel-only", release):
        same.add(_HTTP.sub("ws", target.url))
    return entry.section is None and words[:1] == [entry.path] and not same.isdisjoint(words[1:2])
