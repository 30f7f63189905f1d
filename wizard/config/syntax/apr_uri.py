"""URLs taken apart as APR does it, by which httpd takes or refuses those of workers.

It is no RFC 3986: a scheme needs no host, a port may have a sign, brackets need no address.

Source: APR-util 1.6, uri/apr_uri.c (apr_uri_parse); run on httpd 2.4.71 with random URLs.
"""

from __future__ import annotations

import re

from wizard.record import record

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"[^/?#]*")
_PATH = re.compile(r"[^?#]*")
_PORT = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+\Z|\Z")


@record
class Uri:
    """A text that APR can take apart.

    Args:
        scheme: as written; None: it has none.
        host: without brackets; None: there are no two slashes before it.
        path: empty if there is none.
    """

    scheme: str | None
    host: str | None
    path: str


def parse(text: str) -> Uri | None:
    """Take a text apart.

    Args:
        text: as configured, without ``unix:PATH|``.

    Returns:
        Its parts; None: APR cannot. A path that begins with one slash, or with three, always can.
    """
    scheme = None
    rest = text
    if not text.startswith("/"):
        match = _SCHEME.match(text)
        if match is None:
            return None if ":" in text.partition("/")[0] else Uri(None, None, _path(text))
        scheme, rest = match[1], text[match.end() :]
    if not rest.startswith("//") or (scheme is None and rest.startswith("///")):
        return Uri(scheme, None, _path(rest))
    authority = _whole(_AUTHORITY, rest[2:])
    host = _host(authority.rpartition("@")[2])
    return None if host is None else Uri(scheme, host, _path(rest[2 + len(authority) :]))


def _host(text: str) -> str | None:
    """The host of ``HOST:PORT``; None: the port is no number, or a bracket is not closed."""
    if text.startswith("["):
        inside, bracket, behind = text[1:].partition("]")
        if not bracket:
            return None
        if not behind.startswith(":"):
            return text[1:-1]  # whatever the last character is
        host, port = inside, behind[1:]
    else:
        host, _, port = text.partition(":")
    return host if _PORT.match(port) else None


def _path(text: str) -> str:
    return _whole(_PATH, text)


def _whole(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match[0] if match is not None else ""
