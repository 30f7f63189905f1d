"""The cookies that a browser keeps from the application (RFC 6265, 5.3 and 5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from wizard.answer.arriving import arrive, cookie
from wizard.answer.cookies import Cookie, kept, parse, path_matches
from wizard.answer.mount import mount
from wizard.answer.origins import is_backend_name
from wizard.answer.site import is_served
from wizard.answer.urls import bare_host, front_scheme
from wizard.answer.written import quoted
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case
from wizard.model.host_names import folded
from wizard.model.probe import HttpResult
from wizard.model.way_back import CookieMapping, WayBack
from wizard.record import record

Kind = Literal["path", "domain", "secure"]
_MOST = 50
"""Cookies of one answer that are looked at."""
_WRITABLE = re.compile(r"[A-Za-z0-9._~/%+@:-]+")


@record
class CookieFault:
    """A cookie that would not be sent back.

    Args:
        kind: what keeps it: its ``path`` is outside the mount, its ``domain`` is not the client's,
            it is ``secure`` and the client speaks plain HTTP.
        name: of the cookie; its value is a secret.
        value: of the attribute, as the client gets it.
        cure: the line that repairs it; None: none is known to.
    """

    kind: Kind
    name: str
    value: str
    cure: Cure | None = None


def faults(case: Case, answer: HttpResult) -> tuple[CookieFault, ...]:
    """What is wrong with the cookies of an answer; of those with the same fault and cure, one.

    Args:
        case: with the route and the site.
        answer: of the backend.
    """
    if not answer.cookies or arrive(case.route, answer).unsure:
        return ()
    found: dict[object, CookieFault] = {}
    for sent in answer.cookies[:_MOST]:
        for one in _of_cookie(case, sent):
            found.setdefault((one.kind, one.value), one)
    return tuple(found.values())


def _of_cookie(case: Case, sent: str) -> Iterator[CookieFault]:
    route = case.route
    got, raw = parse(cookie(route.way_back, sent)), parse(sent)
    if got is None or raw is None or got.deleted:
        return
    host = folded(bare_host(route.client_host))
    if not kept(got, host):
        if got.domain is not None and is_backend_name(case, got.domain):
            yield CookieFault("domain", got.name, got.raw_domain or "", _domain(raw, host))
    elif got.path is not None and _is_outside(case, got.path):
        yield CookieFault("path", got.name, got.path, _path(case, raw, sent))
    elif got.secure and front_scheme(route.vhost) == "http":
        yield CookieFault("secure", got.name, "Secure")


def _is_outside(case: Case, path: str) -> bool:
    """Whether a cookie's path holds nothing of the mount, and no other route's paths either."""
    place = mount(case.route)
    public, base = place.public.rstrip("/") or "/", place.base.rstrip("/")
    if path_matches(f"{public.rstrip('/')}/", path) or path_matches(public, path):
        return False
    if base and base != public and path_matches(path, base):
        return True  # the backend's own name for what clients find elsewhere
    return not path_matches(path, public) and not is_served(case, path)


def _domain(raw: Cookie, host: str) -> Cure | None:
    inner = raw.raw_domain or ""
    if not _WRITABLE.fullmatch(inner):
        return None
    line = f"ProxyPassReverseCookieDomain {quoted(inner)} {quoted(host)}"
    return Cure("after-route", line, "cookies of the application are for this site")


def _path(case: Case, raw: Cookie, sent: str) -> Cure | None:
    place = mount(case.route)
    if raw.path is None or not _WRITABLE.fullmatch(raw.path):
        return None
    base = place.base.rstrip("/")
    if base and path_matches(raw.path, base):
        inner, public = base, place.public.rstrip("/") or "/"
    elif not base:
        inner = raw.path.rstrip("/") or "/"
        public = f"{place.public.rstrip('/')}{inner}"
    else:
        return None
    if _is_left(case, inner, public, sent):
        return None
    line = f"ProxyPassReverseCookiePath {quoted(inner)} {quoted(public)}"
    return Cure("after-route", line, "cookies of the application are for its path here")


def _is_left(case: Case, inner: str, public: str, sent: str) -> bool:
    """Whether the fault stays with one more mapping: an earlier one may fit first."""
    old = case.route.way_back
    new = CookieMapping(inner, public, case.route.source, "")
    got = parse(cookie(WayBack(cookie_paths=(*old.cookie_paths, new)), sent))
    return got is None or got.path is None or got.path != public
