"""The ProxyPassReverse that maps a backend's own address, and those that map it wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wizard.answer.arriving import location
from wizard.answer.mount import Mount, mount
from wizard.answer.origins import whose
from wizard.answer.redirects import RedirectFault, doubles, fault, joins
from wizard.answer.supposed import with_edit, with_reverse, without_reverse
from wizard.answer.urls import is_url, path_of
from wizard.answer.written import about_route, in_section, quoted
from wizard.model.config import Route
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case
from wizard.model.probe import HttpResult
from wizard.model.way_back import ReverseMapping

_HEAD = re.compile(r"https?://[A-Za-z0-9._\-\[\]:]+", re.IGNORECASE)
"""Scheme, host and port of a Location that may be written into a configuration."""
_NONE: tuple[str, ...] = ()
_PATH = re.compile(r"/[A-Za-z0-9._~/%+@:-]*")


class Wrong(NamedTuple):
    """A ProxyPassReverse that maps every Location of the backend's own wrongly.

    Args:
        mapping: it.
        kind: ``doubles`` a slash, ``joins`` two words, has another path of the backend (``base``),
            writes an ``expression``, comes in the wrong ``order``, takes ``foreign`` URLs.
        cure: what repairs it.
    """

    mapping: ReverseMapping
    kind: str
    cure: Cure


def cure(case: Case, found: RedirectFault, answer: HttpResult) -> Cure | None:
    """The line that maps a Location to where the client can go on; None: none does.

    Args:
        case: with the route.
        found: a redirect to the backend's own address.
        answer: that it is in.
    """
    head = _HEAD.match(found.sent)
    place = mount(case.route)
    if found.sent.startswith("//"):
        return _without_scheme(case, found, answer, place)
    if head is None or not _is_writable(place) or place.inside(path_of(found.sent)) is None:
        return None
    url, members = head[0] + place.base, _NONE
    if _names_balancer(case.route, found.sent, place):
        url, members = f"balancer://{case.route.balancer}/", (case.route.backend.url,)
    mended = with_reverse(case, place.public, url, members)
    if fault(mended, answer) is not None:
        return None
    return _line(case.route, place.public, url)


def _without_scheme(
    case: Case, found: RedirectFault, answer: HttpResult, place: Mount
) -> Cure | None:
    """Of ``//host/path``, which no ProxyPassReverse maps."""
    authority = found.sent[2:].partition("/")[0]
    inside = place.inside(path_of(found.sent))
    if _HEAD.fullmatch(f"http://{authority}") is None or inside is None:
        return None
    expression = f"^//{re.escape(authority)}{re.escape(place.base)}"
    if fault(with_edit(case, expression, place.public), answer) is not None:
        return None
    line = f'Header edit Location "{expression}" "{place.public}"'
    return about_route(case, line, "redirects of the backend lead to this site")


def _line(route: Route, path: str, url: str) -> Cure:
    line = f"ProxyPassReverse {quoted(url)}"
    if not in_section(route):
        line = f"ProxyPassReverse {quoted(path)} {quoted(url)}"
    return Cure("after-route", line, "redirects of the backend lead to this site")


def _names_balancer(route: Route, sent: str, place: Mount) -> bool:
    """Whether the name of the balancer does: below a path httpd doubles the slash."""
    own = route.backend.url.rstrip("/").lower()
    named = route.balancer is not None and place == Mount("/", "/")
    return named and sent.lower().startswith(f"{own}/")


def _is_writable(place: Mount) -> bool:
    return all(_PATH.fullmatch(one) for one in (place.public, place.base))


def wrong(case: Case) -> Wrong | None:
    """The mapping in force for the backend's own address, if it maps it wrongly whatever comes."""
    route = case.route
    place = mount(route)
    if route.unknown is not None or "://" not in route.backend.url or not _is_writable(place):
        return None
    head = _HEAD.match(route.backend.url.rpartition("|")[2])
    if head is None:
        return None
    made, by = location(route, f"{head[0]}{place.base.rstrip('/')}/x")
    mapping = next((one for one in route.way_back.reverse if one.source == by), None)
    if mapping is None or mapping.interpolated or mapping.members:
        return None
    if mapping.by_expression:
        return _expression(route, mapping, head[0], place) if mapping.path in made else None
    wanted = f"{place.public.rstrip('/')}/x"
    if path_of(made) == wanted or mapping.url.startswith("/"):
        return None
    sample = f"{head[0]}{place.base.rstrip('/')}/x"
    for kind, url, reason in _mended(mapping, head[0], place):
        if path_of(location(without_reverse(case, mapping, url).route, sample)[0]) == wanted:
            line = f"ProxyPassReverse {quoted(url)}"
            if mapping.section is None:
                line = f"ProxyPassReverse {quoted(mapping.path)} {quoted(url)}"
            return Wrong(mapping, kind, Cure("instead", line, reason, mapping.source))
    return None


def _mended(mapping: ReverseMapping, head: str, place: Mount) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a mapping, the URL that mends it, and why."""
    alike = "path and URL end alike, for httpd joins them as text"
    if doubles(mapping):
        yield "doubles", f"{mapping.url}/", alike
    if joins(mapping):
        yield "joins", mapping.url.rstrip("/"), alike
    if mapping.path == place.public:
        yield "base", head + place.base, "it stands for the path that the route stands for"


def _expression(route: Route, mapping: ReverseMapping, head: str, place: Mount) -> Wrong | None:
    """Of LocationMatch: a line of the server itself is looked at first."""
    if in_section(route):
        return None
    line = f"ProxyPassReverse {quoted(place.public)} {quoted(head + place.base)}"
    reason = "LocationMatch writes its expression into the redirect"
    return Wrong(mapping, "expression", Cure("after-route", line, reason))


def foreign(case: Case, found: str) -> Wrong | None:
    """A ProxyPassReverse for ``/``, which takes the name of other sites from their URLs.

    Args:
        case: with the route.
        found: Location as the backend sends it.
    """
    route = case.route
    made, by = location(route, found)
    mapping = next((one for one in route.way_back.reverse if one.source == by), None)
    if mapping is None or not mapping.url.startswith("/") or not is_url(found):
        return None
    if whose(case, found) != "other" or made == found:
        return None
    place = mount(route)
    reason = "redirects to other sites stay as they are"
    if place.public == "/" or place.base != "/" or mapping.section is not None:
        return Wrong(mapping, "foreign", Cure("instead", "", reason, mapping.source))
    expression = f"^/(?!/|{re.escape(place.public.lstrip('/'))})"
    line = f'Header edit Location "{expression}" "{place.public}"'
    return Wrong(mapping, "foreign", Cure("instead", line, reason, mapping.source))


def misplaced(case: Case, found: RedirectFault, answer: HttpResult) -> Wrong | None:
    """An earlier ProxyPassReverse that takes the Location from the one that is right."""
    mapping = found.mapping
    if mapping is None or fault(without_reverse(case, mapping), answer) is not None:
        return None
    made, by = location(without_reverse(case, mapping).route, found.sent)
    if by is None or made == found.sent:
        return None
    reason = "the first line that fits counts, and this one leads out of the application"
    return Wrong(mapping, "order", Cure("instead", "", reason, mapping.source))
