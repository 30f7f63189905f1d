"""What httpd says to the URLs of workers and the names of balancers.

Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_define_worker_ex, ap_proxy_define_balancer),
mod_proxy.c (ap_proxy_de_socketfy); each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import re

from wizard.config.checks.checker import Checker, Refusal
from wizard.config.syntax import apr_uri
from wizard.reference.schemes import HANDLERS

_NO_SUBSTITUTION = (
    "Until httpd 2.4.46 nothing may be substituted in the port, or straight after it: write "
    "http://HOST:PORT/$1 with a pattern that leaves the slash out."
)
_BALANCER = "balancer:"
_SOCKETS = {"ProxyPass": "ProxyPass|ProxyPassMatch", "<Proxy": "<Proxy/ProxyMatch >"}
"""How a directive is named where what it says of a socket is no URL."""
_SUBSTITUTED = re.compile(r"([^:/]*:(?:(?!\$[0-9])[^/])*)\$[0-9][^/]*", re.DOTALL)
"""Host and port up to the first ``$1`` of the port, and what is left out then."""
_SLASHES = re.compile(r"([a-z0-9]+)(?::/?|//)(?=[^/])", re.IGNORECASE)
"""A scheme whose colon or slashes are not all there."""
_LONGEST_HOST = 255
_LONGEST_SOCKET = 95
_LONGEST_NAME = 95
_LONGEST_PATH = 63


def names_balancer(url: str) -> bool:
    """Whether httpd takes a URL for a balancer's, rightly written or not."""
    return url[: len(_BALANCER)].lower() == _BALANCER


def refused_balancer(title: str, name: str, path: str | None = "/") -> Refusal | None:
    """What httpd says to a balancer that it does not know yet.

    Args:
        title: what its message begins with.
        name: as written.
        path: under which clients reach it; None: it is not looked at.
    """
    scheme, _, rest = name.partition(":")
    if not rest.startswith("//") or len(rest) == len("//"):
        return Refusal(f"{title} Bad syntax for a balancer name ({name})")
    short = f"{scheme}://{rest[2:].partition('/')[0]}".lower()
    if len(short.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
        return Refusal(f"{title} balancer name ({short}) too long")
    if path is None:
        return None
    uri = apr_uri.parse(path)
    if uri is None:
        return Refusal(f"{title} unable to parse: {path}")
    if len(uri.path.encode("utf-8", "surrogateescape")) > _LONGEST_PATH:
        return Refusal(f"{title} balancer {short} front-end virtual-path ({uri.path}) too long")
    if uri.host is not None and len(uri.host) > _LONGEST_PATH:
        return Refusal(f"{title} balancer {short} front-end vhost name ({uri.host}) too long")
    return None


def refused_worker(
    checker: Checker, title: str, url: str, *, match: bool = False
) -> Refusal | None:
    """What httpd says to the URL of a worker.

    Args:
        checker: knows the release.
        title: the directive, with which its message begins.
        url: as written.
        match: whether a regular expression leads to it, so that ``$1`` may stand in its port.
    """
    if is_no_url_behind_socket(checker, url):
        return Refusal(f'{_SOCKETS.get(title, title)} uses an invalid "unix:" URL')
    substituted = match and checker.knows("check", "ProxyPassMatch-port")
    hostless = not checker.knows("check", "worker-without-host-is-refused")
    wrong = _wrong(url, match=substituted, hostless=hostless)
    if wrong is None:
        return None
    lacking = match and not substituted and _wrong(url, match=True, hostless=hostless) is None
    return Refusal(f"{title} {wrong}", hint=_NO_SUBSTITUTION if lacking else _hint(url))


def is_no_url_behind_socket(checker: Checker, url: str) -> bool:
    """Whether nothing with a scheme stands behind ``unix:PATH|``, where httpd looks at once."""
    _, bar, behind = url.partition("|")
    socket = url[:5].lower() == "unix:" and bool(bar)
    return socket and ":" not in behind and checker.knows("check", "unix-URL-without-scheme")


def _wrong(url: str, *, match: bool, hostless: bool) -> str | None:
    text, socket = url, None
    if url[:5].lower() == "unix:" and "|" in url:
        file, _, behind = url.partition("|")
        place = apr_uri.parse(file)
        if place is not None:
            text, socket = behind, place.path
    uri = apr_uri.parse(_without_references(text) if match else text)
    if uri is None:
        return f"Unable to parse URL: {url}"
    if not uri.scheme:
        return f"URL must be absolute!: {url}"
    if not uri.host and socket is None and not (hostless and uri.host == ""):
        return f"URL must be absolute!: {url}"
    return _too_long(uri.host or "", socket)


def _without_references(text: str) -> str:
    scheme, colon, rest = text.partition("://")
    found = _SUBSTITUTED.match(rest)
    return text if found is None else f"{scheme}{colon}{found[1]}{rest[found.end() :]}"


def _too_long(host: str, socket: str | None) -> str | None:
    if len(host.encode("utf-8", "surrogateescape")) > _LONGEST_HOST:
        return f"worker hostname ({host.lower()}) too long"
    if socket is None or not socket.startswith("/"):
        return None  # it is in a directory of httpd's, which may be another one
    if len(socket.encode("utf-8", "surrogateescape")) > _LONGEST_SOCKET:
        return f"worker uds path ({socket}) too long"
    return None


def _hint(url: str) -> str:
    """What to write in place of a URL that httpd does not accept; empty: its message says it."""
    if url[:5].lower() == "unix:" and "|" not in url:
        return f"Write {url}|http://localhost/ (fcgi://localhost/ for PHP-FPM)."
    if "://" not in url:
        short = _SLASHES.match(url)
        if short is not None and short[1].lower() in HANDLERS:
            return f"Write {short[1]}://{url[short.end() :]}."
        return f"Write http://{url}."
    scheme, _, rest = url.partition("://")
    if rest.startswith("/") and rest.strip("/") and scheme.lower() in HANDLERS:
        return f"Name the host: {scheme}://localhost{rest}; or it is {scheme}://{rest.lstrip('/')}."
    if not rest or rest.startswith("/"):
        return f"httpd proxies to servers, not to files: name one, as in http://localhost{rest}."
    if rest.startswith(":"):
        return f"Name the host: {scheme}://localhost{rest}."
    return "After the host may stand one colon and a port in digits, then a slash."
