"""A route as it would be with other lines: what a cure is measured by before it is offered."""

from __future__ import annotations

from dataclasses import replace

from wizard.answer.urls import bare_host
from wizard.model.config import Route, Setting, Source
from wizard.model.diagnosis import Case
from wizard.model.host_names import is_address
from wizard.model.probe import ProbeRequest
from wizard.model.way_back import HeaderEdit, ReverseMapping

_NOWHERE = Source("", 0)
FORWARDED_PROTO = "X-Forwarded-Proto"


def with_reverse(
    case: Case, path: str, url: str, members: tuple[str, ...] = (), *, first: bool = False
) -> Case:
    """The case with one more ProxyPassReverse.

    Args:
        case: as it is.
        path, url, members: as in ``ReverseMapping``.
        first: it is looked at before the others, as a server's is before a section's.
    """
    own = case.route.way_back.reverse
    new = (ReverseMapping(path, url, _NOWHERE, "", members=members),)
    return _with_reverse(case, (*new, *own) if first else (*own, *new))


def without_reverse(case: Case, mapping: ReverseMapping, instead: str = "") -> Case:
    """The case without a ProxyPassReverse, or with another URL in it."""
    changed = (replace(mapping, url=instead),) if instead else ()
    own = case.route.way_back.reverse
    kept = [one for old in own for one in (changed if old == mapping else (old,))]
    return _with_reverse(case, tuple(kept))


def _with_reverse(case: Case, reverse: tuple[ReverseMapping, ...]) -> Case:
    back = replace(case.route.way_back, reverse=reverse)
    return replace(case, route=replace(case.route, way_back=back))


def with_edit(case: Case, expression: str, replacement: str) -> Case:
    """The case with one more ``Header edit Location``."""
    edit = HeaderEdit("onsuccess", "edit", "location", expression, replacement, "", _NOWHERE, "")
    back = case.route.way_back
    back = replace(back, headers=(*back.headers, edit))
    return replace(case, route=replace(case.route, way_back=back))


def keeps_names(route: Route) -> bool:
    """Whether ProxyPreserveHost alone decides on the Host, and the other one is another."""
    backend = route.backend
    sent = route.client_host if route.preserve_host.value else netloc(route)
    return backend.host_header == sent and bool(backend.host) and bool(route.client_host)


def netloc(route: Route) -> str:
    """Host and port as the URL has them: the Host of a request without ProxyPreserveHost."""
    url = route.backend.url.rpartition("|")[2]
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def with_other_host(route: Route) -> Route:
    """The route with ProxyPreserveHost the other way, and what follows from it.

    Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_determine_connection: SNI and the name
    that the certificate is compared with are the Host's).
    """
    backend, kept = route.backend, not route.preserve_host.value
    header = route.client_host if kept else netloc(route)
    name = bare_host(header) if kept else backend.host
    named = backend.uses_tls and backend.scheme != "wss" and not is_address(name.strip("[]"))
    other = replace(
        backend, sni=name if named else None, check_name=name.strip("[]"), host_header=header
    )
    return replace(route, backend=other, preserve_host=Setting(kept, route.preserve_host.source))


def asked_of(request: ProbeRequest, route: Route) -> ProbeRequest:
    """A request with the names of a route."""
    sni = route.backend.sni if request.tls else None
    return replace(request, host_header=route.backend.host_header, sni=sni)


def telling_scheme(request: ProbeRequest, scheme: str) -> ProbeRequest:
    """A request with X-Forwarded-Proto."""
    others = tuple(one for one in request.headers if one[0].lower() != FORWARDED_PROTO.lower())
    return replace(request, headers=(*others, (FORWARDED_PROTO, scheme)))


def tells_scheme(route: Route, scheme: str) -> bool:
    """Whether the backend is told the client's scheme already, or something unknown of it."""
    said = [one for one in route.request_headers if one.name.lower() == FORWARDED_PROTO.lower()]
    return any(not one.certain or one.value == scheme for one in said)
