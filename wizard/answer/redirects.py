"""Whether the Location that a client gets leads it where it can go on."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from wizard.answer.arriving import Arriving, arrive
from wizard.answer.mount import mount
from wizard.answer.origins import of_backend, whose
from wizard.answer.site import is_served, redirects_to_https
from wizard.answer.urls import followed, front_scheme, is_url, origin, own_url, path_of
from wizard.model.config import Route
from wizard.model.diagnosis import Case
from wizard.model.probe import HttpResult
from wizard.model.way_back import ReverseMapping
from wizard.record import record

Kind = Literal["leak", "parameter", "loop", "downgrade", "leaves-mount", "double-slash", "pattern"]
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_WITH_LOCATION = _REDIRECTS | {201, 202}
_MOST_PARAMETERS = 50


@record
class RedirectFault:
    """What is wrong with a redirect.

    Args:
        kind: ``leak``: it names the backend's own address; ``parameter``: a parameter of it does;
            ``loop``: it is what the client asked for; ``downgrade``: plain HTTP of the public name;
            ``leaves-mount``: a path of the virtual host that nothing serves; ``double-slash``: two
            slashes that a ProxyPassReverse made; ``pattern``: an expression of LocationMatch in it.
        arriving: what the client gets.
        sent: Location as the backend sends it.
        target: the URL to which a client goes.
        mapping: the ProxyPassReverse that made it; None: none did.
        parameter: name of the parameter.
    """

    kind: Kind
    arriving: Arriving
    sent: str
    target: str
    mapping: ReverseMapping | None = None
    parameter: str = ""


def fault(case: Case, answer: HttpResult) -> RedirectFault | None:
    """What is wrong with the redirect of an answer; None: nothing, or it is not known.

    Args:
        case: with the route and the site.
        answer: of the backend.
    """
    if answer.status not in _WITH_LOCATION or answer.location is None:
        return None
    arriving = arrive(case.route, answer)
    if not arriving.location or arriving.unsure:
        return None
    target = followed(own_url(case.route), arriving.location)
    mapping = next(
        (one for one in case.route.way_back.reverse if one.source == arriving.mapped_by), None
    )
    kind, parameter = _kind(case, answer.status, arriving.location, target, mapping)
    if kind is None:
        return None
    return RedirectFault(kind, arriving, answer.location, target, mapping, parameter)


def _kind(
    case: Case, status: int, location: str, target: str, mapping: ReverseMapping | None
) -> tuple[Kind | None, str]:
    if mapping is not None and mapping.by_expression and mapping.path in location:
        return "pattern", ""
    belongs = whose(case, target)
    if belongs == "backend":
        return "leak", ""
    if status not in _REDIRECTS:
        return None, ""
    name = _inner_parameter(case, target)
    if name:
        return "parameter", name
    return (_on_site(case, target, mapping) if belongs == "public" else None), ""


def _on_site(case: Case, target: str, mapping: ReverseMapping | None) -> Kind | None:
    """What is wrong with a redirect to the public name."""
    found, scheme = origin(target), front_scheme(case.route.vhost)
    if found is None:
        return None
    if found.scheme != scheme:
        if scheme != "https" or found.scheme != "http":
            return None
        comes_back = is_same(case.route, target) and redirects_to_https(case, path_of(target))
        return "loop" if comes_back else "downgrade"
    if is_same(case.route, target):
        return "loop"
    path = urlsplit(target).path or "/"
    if mapping is not None and doubles(mapping) and "//" in path:
        return "double-slash"
    if mount(case.route).holds(path) or is_served(case, path) or case.leads_to_file:
        return None
    return "leaves-mount"


def is_same(route: Route, target: str) -> bool:
    """Whether a URL of the public name is the one that the client asked for."""
    return path_of(target).partition("#")[0] == (route.request_path or "/")


def doubles(mapping: ReverseMapping) -> bool:
    """Whether it ends in a slash where its URL does not: what follows begins with one."""
    return mapping.path.endswith("/") and not mapping.url.endswith("/")


def joins(mapping: ReverseMapping) -> bool:
    """Whether its URL ends in a slash where its path does not: what follows is joined to it."""
    return mapping.url.endswith("/") and not mapping.path.endswith("/")


def _inner_parameter(case: Case, target: str) -> str:
    """The parameter that tells somebody to send the browser to the backend's own address."""
    try:
        query = urlsplit(target).query
        pairs = parse_qsl(query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return ""
    return next((key for key, value in pairs if is_url(value) and of_backend(case, value)), "")
