"""What else the same httpd serves: other routes, other virtual hosts, its own files."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from wizard.answer.urls import DEFAULT_PORTS, Origin, bare_host, front_port, front_scheme
from wizard.config.matching.patterns import compile_glob, compile_regex, path_covers
from wizard.model.config import Route, VirtualHost
from wizard.model.diagnosis import Case
from wizard.model.host_names import bare_name, folded
from wizard.text import is_number


def names(host: VirtualHost) -> tuple[str, ...]:
    """ServerName and ServerAlias, folded; of a wildcard, the pattern."""
    own = (bare_name(host.server_name),) if host.server_name else ()
    return tuple(folded(name) for name in (*own, *host.aliases))


def is_named(host: VirtualHost, name: str) -> bool:
    """Whether a virtual host has a name, in lower case."""
    for own in names(host):
        if own == name:
            return True
        pattern = compile_glob(own) if "*" in own or "?" in own else None
        if pattern is not None and pattern.search(name):
            return True
    return False


def is_public_name(route: Route, name: str) -> bool:
    """Whether a name is one under which clients ask for a route."""
    return name == folded(bare_host(route.client_host)) or is_named(route.vhost, name)


def public_ports(route: Route, scheme: str) -> frozenset[int]:
    """Ports that may stand in the URL of a route's clients: a router before httpd may change it."""
    ports = {DEFAULT_PORTS.get(scheme, 0)}
    if scheme == front_scheme(route.vhost):
        ports.add(front_port(route.vhost))
        written = (route.vhost.server_name or "").rpartition(":")[2]
        ports |= {int(written)} if is_number(written) and len(written) < 6 else set()
    return frozenset(ports)


def serving(case: Case, origin: Origin) -> VirtualHost | None:
    """The virtual host of this httpd that an origin means, by name, scheme and port."""
    for host in case.site.virtual_hosts:
        if host.never_served is not None or not is_named(host, origin.host):
            continue
        ports = {port_of(address) for address in host.addresses}
        fits = front_scheme(host) == origin.scheme and bool({str(origin.port), "*"} & ports)
        if fits:
            return host
    return None


def port_of(address: str) -> str:
    """The port of an address of a virtual host (``*:443``)."""
    return address.rpartition(":")[2]


def has_plain_host(case: Case) -> bool:
    """Whether a client that asks for the route's name without TLS is served, as far as is known."""
    name = folded(bare_host(case.route.client_host))
    plain = (one for one in case.site.virtual_hosts if not one.front_tls.value and not one.is_main)
    return any(is_named(one, name) for one in plain)


def redirects_to_https(case: Case, path: str) -> bool:
    """Whether the virtual host of the route's name without TLS sends a path to https."""
    name = folded(bare_host(case.route.client_host))
    for host in case.site.virtual_hosts:
        if host.front_tls.value or host.is_main or not is_named(host, name):
            continue
        for one in host.own_paths:
            regex = compile_regex(one.expression) if "https://" in one.directive else None
            if regex is not None and regex.search(path):
                return True
    return False


def is_served(case: Case, path: str) -> bool:
    """Whether something else than the case's route answers a path of its virtual host.

    Args:
        case: with the site.
        path: of a request, without a query.
    """
    for one in case.route.vhost.own_paths:
        regex = compile_regex(one.expression)
        if regex is None or regex.search(path):
            return True
    return any(takes(one, path) for one in _others(case))


def _others(case: Case) -> Iterator[Route]:
    """The other routes of the virtual host, and those of the main server that it inherits."""
    route = case.route
    for one in case.site.routes:
        beside = one.vhost.source == route.vhost.source or one.vhost.is_main
        if beside and (one.path, one.source) != (route.path, route.source):
            yield one


def takes(route: Route, path: str) -> bool:
    """Whether the line of a route fits a path; others may be tried before it."""
    if "Match" in route.kind or route.kind.startswith("RewriteRule"):
        regex = compile_regex(route.path)
        return regex is None or regex.search(path) is not None
    return path_covers(route.path, path)


def file_of(case: Case, path: str) -> str | None:
    """The file or directory of the document root that a path would be; None: there is no root."""
    root = case.route.vhost.document_root.value
    if root is None or "\0" in path:
        return None
    made = os.path.normpath(f"{root}/{path.lstrip('/')}")
    inside = made.startswith(root.rstrip("/") + "/")
    return made if inside else None
