"""Whether a browser sends a cookie back (RFC 6265, 5.2 to 5.4)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from wizard.model.host_names import is_address
from wizard.record import record

_LONGEST = 4096
"""Bytes of a cookie's name and value that browsers take (RFC 6265, 6.1)."""


@record
class Cookie:
    """A Set-Cookie. Its value is a secret and not kept.

    Args:
        name: as sent.
        domain: of the attribute, in lower case, without a leading dot; None: the host alone.
        path: of the attribute; None: the default path of the request (5.1.4).
        secure: it goes over TLS only.
        deleted: it is to be forgotten (an expiry in the past, Max-Age of nothing).
        raw_domain: the attribute as written, the leading dot too.
    """

    name: str
    domain: str | None = None
    path: str | None = None
    secure: bool = False
    deleted: bool = False
    raw_domain: str | None = None


def parse(text: str) -> Cookie | None:
    """Read a Set-Cookie; None: a browser ignores it (5.2).

    Args:
        text: its value.
    """
    pair, *attributes = text.split(";")
    name, equals, value = pair.partition("=")
    name = name.strip()
    if not equals or not name or len(name) + len(value) > _LONGEST:
        return None
    domain = path = raw = None
    secure = deleted = False
    for attribute in attributes:
        key, _, said = attribute.partition("=")
        key, said = key.strip().lower(), said.strip()
        if key == "domain" and said.strip("."):
            raw, domain = said, said.removeprefix(".").lower()
        elif key == "path":
            path = said if said.startswith("/") else None
        elif key == "secure":
            secure = True
        elif key == "max-age":
            deleted = said.startswith("-") or said.strip("0") == ""
        elif key == "expires":
            deleted = deleted or _past(said)
    return Cookie(name, domain, path, secure, deleted, raw)


def _past(text: str) -> bool:
    """Whether a date is long over: those that delete name the epoch."""
    try:
        return parsedate_to_datetime(text.replace("-", " ")).year < 2000
    except (TypeError, ValueError, IndexError):
        return False


def domain_matches(host: str, domain: str) -> bool:
    """Whether a host is a domain, or below it (5.1.3); both in lower case."""
    if host == domain:
        return True
    return host.endswith(f".{domain}") and not is_address(host)


def path_matches(path: str, cookie_path: str) -> bool:
    """Whether a request's path is below a cookie's (5.1.4)."""
    if path == cookie_path:
        return True
    if not path.startswith(cookie_path):
        return False
    return cookie_path.endswith("/") or path[len(cookie_path)] == "/"


def kept(cookie: Cookie, host: str) -> bool:
    """Whether a browser keeps a cookie that a host sets (5.3, 6)."""
    return cookie.domain is None or domain_matches(host, cookie.domain)


def sent_back(cookie: Cookie, *, scheme: str, host: str, path: str, set_at: str) -> bool:
    """Whether a browser sends a cookie with a later request to the same host.

    Args:
        cookie: it.
        scheme: of both requests.
        host: of both, in lower case, without a port.
        path: of the later one.
        set_at: path of the request that it was set by.
    """
    if not kept(cookie, host) or (cookie.secure and scheme != "https"):
        return False
    default = set_at.rpartition("/")[0] or "/"
    return path_matches(path, cookie.path if cookie.path is not None else default)
