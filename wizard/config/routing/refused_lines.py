"""Lines that would proxy and that httpd refuses: they stand for the routes that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wizard.config.routing.balancers import is_balancer
from wizard.config.servers.levels import LOCATION_SECTIONS, ServerLevel
from wizard.config.servers.virtual_hosts import Hosts
from wizard.config.syntax import backend_url
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import Backend, Route, TlsPolicy
from wizard.model.route_id import RouteId

_MOST = 100
"""Routes made of such lines; httpd names one a run."""
_KINDS = {"proxypass": "ProxyPass", "proxypassmatch": "ProxyPassMatch"}
_IN_LOCATION = " in Location"


def routes(
    main: ServerLevel,
    levels: Sequence[ServerLevel],
    hosts: Hosts,
    policy: Callable[[ServerLevel, str], TlsPolicy],
) -> Iterator[Route]:
    """A route of each ProxyPass line, wherever it stands.

    Args:
        main: the main server.
        levels: every virtual host.
        hosts: their names.
        policy: of requests of one of them to a URL.
    """
    number = 0
    for level, host in zip((main, *levels), (hosts.main, *hosts.virtual), strict=True):
        for node, section in _lines(level):
            path, url = _parts(node)
            if not url:
                continue
            kind = _KINDS[node.key] + (_IN_LOCATION if section in LOCATION_SECTIONS else "")
            yield Route(
                RouteId(level.number, host.server_name, path, kind=kind, number=number),
                host,
                path,
                kind=kind,
                source=node.source,
                backend=_backend(url),
                tls=policy(level, url),
                log_levels=host.log_levels,
                request_url=url,
                unknown=f"no request takes the line at {node.source}.",
            )
            number += 1
            if number == _MOST:
                return


def _lines(level: ServerLevel) -> Iterator[tuple[Node, str]]:
    """Each line with the name of the outermost section around it; empty: none is."""
    for node in level.nodes:
        below = ((each, node.key) for each in node.walk())
        yield from (pair for pair in ((node, ""), *below) if pair[0].key in _KINDS)


def _parts(node: Node) -> tuple[str, str]:
    """Path and URL, by what they look like; without a URL the line is for another purpose."""
    words = [word for word in split_words(node.args) if word != "~"]
    urls = [word for word in words if "://" in word or is_balancer(word)]
    paths = [word for word in words if word not in urls and "=" not in word and word != "!"]
    return (paths or ["/"])[0], (urls or [""])[0]


def _backend(url: str) -> Backend:
    parsed = backend_url.parse(url)
    host, port = (parsed.host, parsed.port) if parsed is not None else ("", 0)
    scheme = parsed.scheme if parsed is not None else url.partition(":")[0].lower()
    return Backend(
        url, scheme, host, port=port, path="/", sni=None, check_name=host, host_header=host
    )
