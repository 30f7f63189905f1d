"""What the client gets of a backend's answer, as httpd makes it.

Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_location_reverse_map,
ap_proxy_cookie_reverse_map), modules/proxy/mod_proxy_http.c (process_proxy_header,
ap_proxy_read_headers), modules/metadata/mod_headers.c (do_headers_fixup).
"""

from __future__ import annotations

from wizard.answer.headers import edited
from wizard.answer.urls import is_url, served_origin
from wizard.model.config import Route, Source
from wizard.model.probe import HttpResult
from wizard.model.way_back import CookieMapping, ReverseMapping, WayBack
from wizard.record import record

_MAPPED = frozenset({"location", "content-location", "uri", "destination"})
"""Headers that ProxyPassReverse rewrites."""
_BALANCER = "balancer://"


@record
class Arriving:
    """What the client gets.

    Args:
        status: its number.
        location: where it is sent; None: there is no such header.
        mapped_by: the line that changed Location last; None: none did.
        fields: name and value of each header, those of httpd's own ``Header always`` last.
        unsure: what the request decides, a sentence; empty: nothing.
        replaced: ProxyErrorOverride drops the backend's answer for a page of httpd's own.
    """

    status: int
    location: str | None = None
    mapped_by: Source | None = None
    fields: tuple[tuple[str, str], ...] = ()
    unsure: str = ""
    replaced: bool = False

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a header, whose name is given in lower case."""
        return tuple(value for key, value in self.fields if key.lower() == name)


def arrive(route: Route, answer: HttpResult) -> Arriving:
    """What the client gets of a backend's answer.

    Args:
        route: with the way back.
        answer: of the backend, with a status.
    """
    back = route.way_back
    status = answer.status or 0
    replaced = status in route.answers.replaced
    mapped_by: Source | None = None
    mapped: list[tuple[str, str]] = []
    if replaced:
        kept = {"www-authenticate", "set-cookie"}
        mapped = [(n, v) for n, v in answer.fields if n.lower() in kept and status == 401]
    for name, value in answer.fields if not replaced else ():
        if name.lower() in _MAPPED:
            changed, by = location(route, value)
            if name.lower() == "location" and by is not None:
                mapped_by = by
            mapped.append((name, changed))
        elif name.lower() == "set-cookie":
            mapped.append((name, cookie(back, value)))
        else:
            mapped.append((name, value))
    fields, edits, unsure = edited(back.headers, tuple(mapped), status)
    found = [value for name, value in fields if name.lower() == "location"]
    return Arriving(
        status,
        found[0] if found else None,
        edits.get("location", mapped_by),
        fields,
        unsure or next(iter(back.undecided), ""),
        replaced,
    )


def location(route: Route, value: str) -> tuple[str, Source | None]:
    """A Location as ProxyPassReverse leaves it, and the line that changed it.

    Args:
        route: with the mappings in force.
        value: the backend's.
    """
    for mapping in route.way_back.reverse:
        changed = _members(mapping, value) if mapping.members else _mapped(mapping, value)
        if changed is not None:
            made = changed if is_url(changed) else _constructed(route, changed)
            return made, mapping.source
    return value, None


def _constructed(route: Route, path: str) -> str:
    return served_origin(route) + path


def _mapped(mapping: ReverseMapping, value: str) -> str | None:
    part, wanted = value, mapping.url
    if wanted.startswith("/"):
        _, found, rest = value.partition("://")
        slash = rest.find("/") if found else -1
        part = rest[slash:] if slash >= 0 else value
    if not wanted or not part.lower().startswith(wanted.lower()):
        return None
    return mapping.path + part[len(wanted) :]


def _members(mapping: ReverseMapping, value: str) -> str | None:
    rest = mapping.url[len(_BALANCER) :]
    path = rest[rest.index("/") :] if "/" in rest else ""
    path = "" if path == "/" else path
    for member in mapping.members:
        name = member.removesuffix("/") if path else member
        if not value.lower().startswith(name.lower()):
            continue
        tail = value[len(name) :]
        if path:
            if tail.startswith(path):
                return mapping.path + tail[len(path) :]
        elif mapping.path == "/" and tail.startswith("/"):
            return tail
        else:
            return mapping.path + tail
    return None


def cookie(back: WayBack, value: str) -> str:
    """A Set-Cookie as ProxyPassReverseCookiePath and -Domain leave it.

    Of the parts between semicolons, ``path=`` and ``domain=`` are looked at; what a mapping names
    is a prefix, and the whole value is replaced (ap_proxy_cookie_reverse_map).
    """
    parts = value.split(";")
    for number, part in enumerate(parts):
        text = part.lstrip()
        for key, mappings, folded in (
            ("path=", back.cookie_paths, False),
            ("domain=", back.cookie_domains, True),
        ):
            if text[: len(key)].lower() == key:
                new = _cookie_part(text[len(key) :], mappings, folded=folded)
                if new is not None:
                    parts[number] = part[: len(part) - len(text) + len(key)] + new
    return ";".join(parts)


def _cookie_part(text: str, mappings: tuple[CookieMapping, ...], *, folded: bool) -> str | None:
    for mapping in mappings:
        one, other = text, mapping.internal
        if folded:
            one, other = one.lower(), other.lower()
        if one.startswith(other):
            return mapping.public
    return None
