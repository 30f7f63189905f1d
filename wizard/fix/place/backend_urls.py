"""The backend's URL in another form: its final slash, a name for an address, another scheme."""

from __future__ import annotations

import re

from wizard.config.syntax.backend_url import DEFAULT_PORTS
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place.positions import Unit, sections, within
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.model.config import Source
from wizard.model.host_names import is_this_machine
from wizard.model.remark import Point, Remark, remark
from wizard.reference.schemes import OTHER_VERSION, OVER_TLS, WITH_TLS

_URL = re.compile(
    r"(?P<before>(?:unix:[^|]*\|)?)(?P<scheme>[a-z][a-z0-9+.-]*)(?P<user>://(?:[^/@]*@)?)"
    r"(?P<host>\[[^\]]*\]|[^:/]*)(?P<rest>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_SLASH = re.compile(r"(?<!/)(\$[0-9])?\Z")
"""Where the final slash is missing: before the group of a pattern."""
_PORT = re.compile(r"(?::[0-9]*)?")
"""What follows the host: ``$1`` of a pattern may come straight after the port."""


def new_url(repair: RouteRepair) -> str:
    """The backend's URL as the plan leaves it."""
    return _changed(repair.route.backend.url, repair, slash=repair.slash)


def static_part(url: str) -> str:
    """The part of a URL that no substitution changes (``$1``, ``%{HTTP_HOST}``)."""
    return re.split(r"[$%]", url, maxsplit=1)[0]


def rewrite(draft: Draft, unit: Unit, repair: RouteRepair) -> Remark | None:
    """Changes the URL of a route, of its ProxyPassReverse and of its ``<Proxy>`` sections.

    Returns:
        Why it could not be done; None when it was, or nothing is to change.
    """
    route, old, new = repair.route, repair.route.backend.url, new_url(repair)
    if repair.slash and route.balancer is not None and route.balanced_by is not None:
        return _end_balancer(draft, unit, repair, route.balanced_by)
    if new == old:
        return None
    place = f"{route.source.file}:{route.source.line}"
    statement = draft.statement(route.source.file, route.source.line)
    index = _index(statement, old)
    if statement is None or index is None:
        return remark(Point.URL_FROM_VARIABLES, url=old, place=place)
    reason = _reason(repair)
    if not draft.set_words(route.source.file, route.source.line, {index: new}, reason):
        return remark(Point.URL_IS_SHARED, place=place)
    if within(unit, draft, route.source):
        _rest_of_host(draft, unit, repair, reason)
    return None


def _rest_of_host(draft: Draft, unit: Unit, repair: RouteRepair, reason: str) -> None:
    """ProxyPassReverse and the ``<Proxy>`` sections of the virtual host that has the route."""
    text, old = draft.text(unit.file), repair.route.backend.url
    if text is None:
        return
    for other in text.between(unit.first + 1, unit.last - 1):
        if other.name == "proxypassreverse" and other.tag == "":
            _reverse(draft, unit, other, repair)
    if repair.host or repair.scheme:
        for section in sections(unit, text):
            words = section.words
            if section.name == "proxy" and words and _same_origin(words[0].value, old):
                changed = _changed(words[0].value, repair, slash=False)
                draft.set_words(unit.file, section.last, {0: changed}, reason)


def _end_balancer(draft: Draft, unit: Unit, repair: RouteRepair, source: Source) -> Remark | None:
    """Ends the balancer's name with a slash where requests are sent to it, and in ProxyPassReverse;
    its ``<Proxy>`` section keeps the name."""
    url, place = f"balancer://{repair.route.balancer}", f"{source.file}:{source.line}"
    index, statement = None, draft.statement(source.file, source.line)
    for number, word in enumerate(statement.words if statement else ()):
        if word.value.lower() == url.lower():
            index = number
    if index is None:
        return remark(Point.URL_FROM_VARIABLES, url=url, place=place)
    reason = "without the final slash the path is glued to the balancer's name"
    if not draft.set_words(source.file, source.line, {index: f"{url}/"}, reason):
        return remark(Point.URL_IS_SHARED, place=place)
    text = draft.text(unit.file)
    if text is None or not within(unit, draft, source):
        return None
    for other in text.between(unit.first + 1, unit.last - 1):
        words = [word.value.lower() for word in other.words]
        if other.name == "proxypassreverse" and other.tag == "" and words[-1:] == [url.lower()]:
            why = "redirects of the backend now carry this URL"
            draft.set_words(unit.file, other.last, {len(words) - 1: f"{url}/"}, why)
    return None


def _reverse(draft: Draft, unit: Unit, statement: Statement, repair: RouteRepair) -> None:
    """ProxyPassReverse must name the URL that the backend's redirects now hold."""
    words = [word.value for word in statement.words]
    if not words or len(words) > 2:
        return
    url, old = words[-1], repair.route.backend.url
    slash = repair.slash and url == old and (len(words) == 1 or words[0] == repair.route.path)
    if not slash and not _same_origin(url, old):
        return
    changed = _changed(url, repair, slash=slash)
    if changed != url:
        reason = "redirects of the backend now carry this URL"
        draft.set_words(unit.file, statement.last, {len(words) - 1: changed}, reason)


def _changed(url: str, repair: RouteRepair, *, slash: bool) -> str:
    match = _URL.match(url)
    if match is None:
        return url
    scheme = repair.scheme or match["scheme"]
    host = repair.host or match["host"]
    rest = match["rest"]
    if scheme != match["scheme"]:
        rest = _same_port(match, scheme) + rest
    changed = match["before"] + scheme + match["user"] + host + rest
    return _SLASH.sub(r"/\1", changed, count=1) if slash else changed


def _same_port(match: re.Match[str], scheme: str) -> str:
    """The port to be written where the URL has none and another scheme would mean another one."""
    port = DEFAULT_PORTS.get(match["scheme"].lower())
    implied = not match["before"] and not match["rest"].startswith(":")
    return f":{port}" if implied and port != DEFAULT_PORTS.get(scheme) else ""


def _same_origin(one: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port, as written but for case."""
    origins = []
    for url in (one, other):
        match = _URL.match(url)
        if match is None:
            return False
        port = _PORT.match(match["rest"])[0]  # type: ignore[index]  # matches always
        origins.append((match["scheme"].lower(), match["host"].lower(), port))
    return origins[0] == origins[1]


def _index(statement: Statement | None, url: str) -> int | None:
    """Which argument is the URL."""
    for index, word in enumerate(statement.words if statement else ()):
        if word.value == url:
            return index
    return None


def _reason(repair: RouteRepair) -> str:
    reasons = []
    if repair.slash:
        reasons.append("without the final slash the rest of the path is glued to it")
    if repair.host and repair.route.backend.host == f"{repair.host}.":
        reasons.append("httpd compares the dot at the end too, and no certificate has it")
    elif repair.host:
        local = is_this_machine(repair.route.backend.host)
        why = (
            "the certificate does not have the name of every machine; "
            if local
            else "httpd sends no SNI for an address and does not take the IP addresses of a "
            "certificate; "
        )
        leads = "leads there" if repair.condition is None else "must be made to lead there"
        reasons.append(f"{why}this name is in the certificate and {leads}")
    if repair.scheme:
        match = _URL.match(repair.route.backend.url)
        before = match["scheme"].lower() if match is not None else ""
        why = "the backend does not offer HTTP/2"
        if repair.scheme == WITH_TLS.get(before):
            why = "the port speaks TLS"
        elif before in OVER_TLS and repair.scheme not in OVER_TLS:
            why = "the port has no TLS, and the traffic does not leave this machine"
        elif repair.scheme == OTHER_VERSION.get(before):
            why = "the port speaks that version of HTTP alone"
        reasons.append(why)
    return "; ".join(reasons)
