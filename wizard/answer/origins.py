"""Whose address a URL has: the public one, the backend's own, or somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Literal

from wizard.answer.site import is_public_name, public_ports, serving
from wizard.answer.urls import DEFAULT_PORTS, bare_host, is_url, origin
from wizard.model.config import Backend, Route
from wizard.model.diagnosis import Case
from wizard.model.host_names import folded, is_address, is_this_machine

Whose = Literal["public", "backend", "other"]


def whose(case: Case, url: str) -> Whose:
    """Whose address a URL has.

    The backend's is: host and port of it, or of another member of its balancer; its host without a
    port; this machine; the public name with the backend's port. A virtual host of this httpd that
    the URL means makes it somebody else's, and so does any other name: it may be meant.

    Args:
        case: with the route and the site.
        url: absolute.
    """
    found = origin(url)
    if found is None:
        return "other"
    route = case.route
    if is_public_name(route, found.host):
        if found.port in public_ports(route, found.scheme):
            return "public"
        ports = {one.port for one in _backends(case)}
        own = found.port in ports and serving(case, found) is None
        return "backend" if own else "other"
    if serving(case, found) is not None:
        return "other"
    if _is_local(found.host):
        return "other" if _is_local(bare_host(route.client_host)) else "backend"
    named = (one for one in _backends(case) if one.host == found.host)
    default = DEFAULT_PORTS.get(found.scheme, 0)
    return "backend" if any(found.port in (one.port, default) for one in named) else "other"


def is_backend_name(case: Case, name: str) -> bool:
    """Whether a name is the backend's, or one above it (``internal`` for ``app.internal``)."""
    hosts = (one.host for one in _backends(case))
    return any(host == name or host.endswith(f".{name}") for host in hosts)


def of_backend(case: Case, text: str) -> bool:
    """Whether a text is a URL with the backend's own address."""
    return is_url(text) and whose(case, text) == "backend"


def _backends(case: Case) -> Iterator[Backend]:
    """The route's backend, and the other members of its balancer."""
    own = case.route
    yield own.backend
    if own.balancer is not None:
        yield from (one.backend for one in case.site.routes if _is_beside(one, own))


def _is_beside(one: Route, own: Route) -> bool:
    return one.balancer == own.balancer and one.vhost.source == own.vhost.source


def _is_local(host: str) -> bool:
    if is_this_machine(folded(host)):
        return True
    bare = host.strip("[]")
    if not is_address(bare):
        return False
    address = ip_address(bare)
    return address.is_loopback or address.is_unspecified
