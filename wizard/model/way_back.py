"""What httpd changes of the backend's answer, on its way to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Source

HeaderTable = Literal["onsuccess", "always"]


@record
class ReverseMapping:
    """A ProxyPassReverse in force (mod_proxy, ``raliases``).

    Args:
        path: the text that is written in the place of ``url``: a path; in ``<LocationMatch>`` the
            expression itself.
        url: the text with which Location must begin, as httpd holds it.
        source: the line.
        directive: it, as written.
        section: the argument of its ``<Location>`` or ``<LocationMatch>``; None: it stands in none.
        interpolated: ``interpolate`` is written, and counts (ProxyPassInterpolateEnv).
        members: where ``url`` names a balancer, the URLs of its members.
        by_expression: ``section`` is an expression, and so is ``path``.
    """

    path: str
    url: str
    source: Source
    directive: str
    section: str | None = None
    interpolated: bool = False
    members: tuple[str, ...] = ()
    by_expression: bool = False


@record
class CookieMapping:
    """A ProxyPassReverseCookiePath or -Domain in force.

    Args:
        internal: what the backend's cookie has.
        public: what the client gets.
        source: the line.
        directive: it, as written.
    """

    internal: str
    public: str
    source: Source
    directive: str


@record
class HeaderEdit:
    """A ``Header`` line in force (mod_headers).

    Args:
        table: whose headers it changes; mod_headers runs ``always`` first, and a backend's
            headers are in the other one.
        action: ``set``, ``unset``, ``edit*`` … in lower case.
        name: of the header, in lower case.
        value: its value, or the expression of an edit; empty for unset.
        replacement: of an edit.
        condition: ``env=…`` or ``expr=…`` that it waits for, as written; empty: none.
        source: the line.
        directive: it, as written.
    """

    table: HeaderTable
    action: str
    name: str
    value: str
    replacement: str
    condition: str
    source: Source
    directive: str


@record
class RequestHeader:
    """A header that httpd sends to the backend because of a ``RequestHeader`` line.

    Args:
        name: as written.
        value: what the backend gets from this client's request; None: the line removes it.
        source: the line.
        certain: the value is the same whatever the request; else it is not known here.
        early: it is written ``early``, and so counts for every request of the server.
    """

    name: str
    value: str | None
    source: Source
    certain: bool = True
    early: bool = False


@record
class WayBack:
    """Everything of a route that changes the backend's answer, in the order in which httpd uses it.

    Args:
        reverse: the first that fits Location counts (proxy_util.c, ap_proxy_location_reverse_map).
        cookie_paths, cookie_domains: the first that fits counts.
        headers: of table ``always`` and ``onsuccess``, each in the order of httpd's merging.
        error_documents: status to what ErrorDocument says of it, for ProxyErrorOverride.
        undecided: what a section decides per request, one sentence each.
    """

    reverse: tuple[ReverseMapping, ...] = ()
    cookie_paths: tuple[CookieMapping, ...] = ()
    cookie_domains: tuple[CookieMapping, ...] = ()
    headers: tuple[HeaderEdit, ...] = ()
    error_documents: tuple[tuple[int, str], ...] = ()
    undecided: tuple[str, ...] = ()


NOTHING = WayBack()
"""One for all routes without any."""
