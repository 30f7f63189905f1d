"""The ``<Proxy>`` section that takes the requests of one worker, and no other's.

httpd compares the text of ``<Proxy URL>`` with the beginning of the URL that a request was mapped
to, as both are written: ``https://app`` is also the beginning of ``https://app.example.com/``, and
``https://app:8443`` that of ``https://app:84430/``; ``<ProxyMatch>`` finds its expression anywhere
(mod_proxy.c, proxy_walk). A balancer's members have no section of their own: the URL is the
balancer's, whose name counts in any case of letters (proxy_util.c, ap_proxy_get_balancer).
"""

from __future__ import annotations

import re

from wizard.config.syntax.backend_url import without_socket
from wizard.config.syntax.words import argument
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place.backend_urls import new_url, static_part
from wizard.record import record

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]+", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[]")
_META = re.compile(r"[.^$*+?{}\[\]\\|()]")
_END = "(?:[/?]|$)"
"""Where a name or a segment of a path ends; with ``nocanon`` a query may follow at once."""


@record
class Opening:
    """An opening tag.

    Args:
        url: what it takes, for people.
        name: ``Proxy`` or ``ProxyMatch``.
        pattern: its argument.
    """

    url: str
    name: str
    pattern: str

    def __str__(self) -> str:
        return f"<{self.name} {argument(self.pattern, chr(34))}>"

    def within(self, other: Opening) -> bool:
        """Whether another one takes all that this one takes."""
        if self == other:
            return True
        boundary = other.url.endswith("/") or self.url[len(other.url) :].startswith(("/", "?"))
        return self.url.startswith(other.url) and boundary


def counts_for(kind: str) -> bool:
    """Whether a route goes through ``<Proxy>`` sections: what is proxied after its path was mapped
    to a file does not (mod_proxy.c, proxy_walk)."""
    return not kind.startswith(("SetHandler", "AddHandler", "RewriteRule in "))


def opening(repair: RouteRepair) -> Opening | None:
    """The section for a route, as narrow as httpd has it.

    Args:
        repair: with the URL of the backend as it will be.

    Returns:
        None if the URL does not name host and port: a section would take other backends too.
    """
    balancer = repair.route.balancer
    if balancer:
        url = f"balancer://{balancer}"
        return Opening(url, "ProxyMatch", f"^(?i:{_literal(url)}){_END}")
    whole = without_socket(new_url(repair)).partition("?")[0]
    url = static_part(whole)
    origin = _ORIGIN.match(url)
    if origin is None:
        return None
    path = url[origin.end() :]
    if path and (path.endswith("/") or url != whole or _glued(repair)):
        if _GLOB.search(url):
            return Opening(url, "ProxyMatch", "^" + _literal(url))
        return Opening(url, "Proxy", url)
    return Opening(url, "ProxyMatch", f"^{_literal(url)}{_END}")


def _literal(text: str) -> str:
    """A text as an expression that matches nothing else."""
    return _META.sub(lambda found: "[.]" if found[0] == "." else "\\" + found[0], text)


def _glued(repair: RouteRepair) -> bool:
    """Whether the rest of a request's path follows the backend's path without a slash."""
    route = repair.route
    return (
        route.path.endswith("/")
        and route.kind.startswith("ProxyPass")
        and "Match" not in route.kind
    )
