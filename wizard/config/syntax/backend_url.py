"""URLs of backends as mod_proxy reads them.

Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_de_socketfy, ap_proxy_canon_netloc),
apr_uri.c.
"""

from __future__ import annotations

import re

from wizard.model.host_names import bracketed
from wizard.record import record
from wizard.reference.schemes import OVER_TLS
from wizard.text import is_number

DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "h2": 443,
    "h2c": 80,
    "ajp": 8009,
    "fcgi": 8000,
    "scgi": 4000,
    "uwsgi": 3031,
    "ftp": 21,
}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)\Z", re.DOTALL)
_PORT = re.compile(r":([0-9]*)\Z")
_NETLOC = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_HOSTLESS = re.compile(
    r"(?P<scheme>unix:[^|]*\|[^:/]*:)(?P<path>(?://)?\Z|(?://)?(?=/(?!/)))", re.IGNORECASE
)
"""A socket and a URL without a host: the URL ends after its scheme, or a path follows."""


@record
class BackendUrl:
    """A URL taken apart.

    Args:
        scheme: in lower case.
        host: in lower case, IPv6 without brackets.
        port: as written, else the scheme's default; 0 if the scheme has none.
        path: from the first slash after the authority on.
        socket: of ``unix:PATH|URL``.
    """

    scheme: str
    host: str
    port: int
    path: str
    socket: str | None = None

    @property
    def uses_tls(self) -> bool:
        """Whether httpd speaks TLS to it."""
        return self.scheme in OVER_TLS

    @property
    def netloc(self) -> str:
        """What the Host header holds: host and port, without port 80 and the scheme's own.

        Port 80 is left out of ``https://host:80`` too (ap_proxy_create_hdrbrgd).
        """
        host = bracketed(self.host)
        if self.port in (0, 80, DEFAULT_PORTS.get(self.scheme)):
            return host
        return f"{host}:{self.port}"


def parse(url: str) -> BackendUrl | None:
    """Take a URL apart.

    Args:
        url: as configured; ``unix:PATH|URL`` too.

    Returns:
        Its parts; None if it is not ``scheme://…``, its port is no number, or no host follows a
        socket.
    """
    socket, bar, behind = url[5:].partition("|") if url[:5].lower() == "unix:" else (None, "", "")
    if socket is not None and not bar:
        return None
    match = _URL.match(url if socket is None else behind)
    if match is None:
        return None
    scheme, authority, path = match[1].lower(), match[2], match[3]
    host = authority.rpartition("@")[2]
    if socket is not None and host[:1] in ("", ":"):
        return None
    port = DEFAULT_PORTS.get(scheme, 0)
    named = _host_and_port(host)
    if named is None:
        return None
    host, written = named
    if written and path[:1] in ("?", "#"):
        return None  # only a slash ends a port: every request gets 400
    if written:
        port = int(written[:9])
    if socket is not None and socket.startswith("//"):
        socket = "/" + socket.lstrip("/")
    return BackendUrl(scheme, host.lower(), port, path, socket)


def _host_and_port(authority: str) -> tuple[str, str] | None:
    """Host and port of ``HOST:PORT``, the port as written; None: no such."""
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return None
        colon, port = rest[:1], rest[1:]
    else:
        host, colon, port = authority.partition(":")
        if not port:
            # without a port httpd looks up a name that ends in the colon
            host, colon = authority, ""
    if colon and not is_number(port):
        return None
    return host, port


def with_host(url: str, *, path: bool = False) -> str:
    """A URL as it is used: ``unix:PATH|http:`` and ``unix:PATH|http://`` mean the host localhost.

    Args:
        url: as configured.
        path: a path may follow: so it is for rules, handlers and members of a balancer; to a
            ProxyPass it is a URL that no request gets through.

    Source: httpd 2.4, modules/proxy/mod_proxy.c (ap_proxy_de_socketfy), proxy_util.c
    (fixup_uds_filename, ap_proxy_define_worker).
    """
    found = _HOSTLESS.match(url)
    if found is None or not (path or found.end() == len(url)):
        return url
    return f"{found['scheme']}//localhost{url[found.end() :]}"


def without_socket(url: str) -> str:
    """The URL behind ``unix:PATH|``, the text that sections and workers are compared with."""
    return url.partition("|")[2] if url[:5].lower() == "unix:" and "|" in url else url


def worker_name(url: str) -> str:
    """The text by which a URL's worker is named and found: scheme and host in lower case."""
    url = without_socket(with_host(url))
    match = _NETLOC.match(url)
    if match is None:
        return url
    return match[0].lower() + url[match.end() :]


def authority_length(name: str) -> int:
    """How long scheme and host of a worker's name are, without the path."""
    match = _NETLOC.match(name)
    return match.end() if match is not None else len(name)


def worker_names(url: str) -> tuple[str, ...]:
    """The URLs of ProxyPass lines whose worker a URL finds.

    A worker's name never holds the default port of its scheme: so a URL that does finds none, and
    one that does not finds those of both spellings.

    Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_get_worker_ex).
    """
    plain = without_socket(url)
    match = _URL.match(plain)
    port = DEFAULT_PORTS.get(match[1].lower()) if match is not None else None
    if match is None or port is None:
        return (url,)
    written = _PORT.search(match[2])
    if written is None:
        return url, f"{match[1]}://{match[2]}:{port}{match[3]}"
    return () if int(written[1][:9] or "0") == port else (url,)


def host_name(host_header: str) -> str:
    """The name that a Host header asks for: lower case, no port, no brackets, no trailing dot."""
    host = host_header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return _PORT.sub("", host).removesuffix(".")
