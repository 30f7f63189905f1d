"""URLs as the client of httpd asks for them, and as httpd writes them."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from wizard.model.config import Route, VirtualHost
from wizard.model.host_names import bare_name, bracketed
from wizard.record import record
from wizard.text import is_number

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@record
class Origin:
    """Scheme, host and port (RFC 6454, 4): host in lower case, IPv6 without brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """As it stands in a URL, the port only where it is not the scheme's own."""
        port = "" if DEFAULT_PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{bracketed(self.host)}{port}"


def is_url(text: str) -> bool:
    """Whether httpd takes a text for an absolute URL (server/util.c, ap_is_url)."""
    return _SCHEME.match(text) is not None


def origin(url: str) -> Origin | None:
    """Of an absolute URL; None: it is none, or has no host or no possible port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if not parts.hostname or not is_url(url):
        return None
    return Origin(scheme, parts.hostname.lower(), port or DEFAULT_PORTS.get(scheme, 0))


def path_of(url: str) -> str:
    """Path, query and fragment of a URL, or of what is relative to a host; at least ``/``."""
    rest = url.partition("://")[2] if is_url(url) else url.removeprefix("//")
    if is_url(url) or url.startswith("//"):
        slash = re.search(r"[/?#]", rest)
        rest = rest[slash.start() :] if slash else ""
    return rest if rest.startswith("/") else f"/{rest}"


def front_scheme(host: VirtualHost) -> str:
    """What the client speaks to a virtual host."""
    return "https" if host.front_tls.value else "http"


def front_port(host: VirtualHost) -> int:
    """The port at which a client reaches a virtual host: its first address's, or the scheme's."""
    for address in host.addresses:
        port = address.rpartition(":")[2]
        if is_number(port) and len(port) < 6:
            return int(port)
    return DEFAULT_PORTS[front_scheme(host)]


def served_origin(route: Route) -> str:
    """Scheme and authority that httpd writes into its own URLs for the imagined client.

    Source: server/core.c (ap_construct_url, ap_get_server_name, ap_get_server_port) with
    UseCanonicalName Off: the client's Host, which has no port here, then ServerName's port.
    """
    scheme = front_scheme(route.vhost)
    name = route.vhost.server_name or ""
    _, colon, port = name.removeprefix("http://").removeprefix("https://").rpartition(":")
    shown = f":{port}" if colon and is_number(port) else ""
    if shown == f":{DEFAULT_PORTS[scheme]}":
        shown = ""
    return f"{scheme}://{bracketed(bare_host(route.client_host))}{shown}"


def bare_host(host: str) -> str:
    """A Host header without its port."""
    return bare_name(host)


def own_url(route: Route) -> str:
    """The URL that the imagined client asked for."""
    return served_origin(route) + (route.request_path or "/")


def followed(base: str, location: str) -> str:
    """The URL to which a browser goes (RFC 3986, 5.2); the location itself if it is none."""
    try:
        return urljoin(base, location)
    except ValueError:
        return location
