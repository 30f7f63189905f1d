"""Directives about TLS that look as if they counted for a route, and do not.

Three places mislead: a ``<Proxy>`` section for the backend's host whose URL is another (a port or a
path is missing, or the route goes through a balancer), another virtual host of the same name, and
the directives for httpd's own clients, which have nearly the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from wizard.config.servers.levels import Section, ServerLevel, by_key
from wizard.config.servers.tls_policy import POLICY_KEYS, Governed
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word
from wizard.model.config import Backend
from wizard.model.host_names import bare_name
from wizard.model.idle import Idle
from wizard.reference.ssl_proxy_directives import SSL_PROXY_DIRECTIVES

_HOST = re.compile(r"[a-z0-9]+://\[?([^/:*?\[\]]+)", re.IGNORECASE)
_FIELDS = {row.key: row.field for row in reversed(SSL_PROXY_DIRECTIVES)}
_FOR_CLIENTS = {
    row.server.lower(): row.field
    for row in SSL_PROXY_DIRECTIVES
    if row.field.startswith("ca_") or row.field == "verify"
}
_Sections = dict[str, list[Section]]
_MOST = 20
"""Sections of a server for one host, and virtual hosts of one name, that are looked at for each
route: with 1,200 of them for 1,200 routes that took 4 s."""


class NotInForce:
    """Of one configuration.

    Args:
        main: the main server.
        hosts: every virtual host, in file order.
    """

    def __init__(self, main: ServerLevel, hosts: Sequence[ServerLevel]) -> None:
        self._main = main
        self._sections: dict[ServerLevel, _Sections] = {}
        self._named: dict[str, list[ServerLevel]] = {}
        for host in hosts:
            if not POLICY_KEYS.isdisjoint(host.by_key) and (name := _name(host)):
                self._named.setdefault(name, []).append(host)

    def of(
        self, level: ServerLevel, governed: Governed, backend: Backend, url: str, *, late: bool
    ) -> tuple[Idle, ...]:
        """The directives that do not count for a route, of settings that nothing sets for it.

        Args:
            level: the server that the route is in.
            governed: the policy in force.
            backend: of the route.
            url: that a request of the route is mapped to.
            late: it is mapped when the ``<Proxy>`` sections have had their turn.
        """
        if not backend.uses_tls:
            return ()
        policy = governed.policy
        return tuple(
            one
            for one in self._all(level, governed, backend, "" if late else url)
            if getattr(policy, one.field).is_default
        )

    def _all(
        self, level: ServerLevel, governed: Governed, backend: Backend, url: str
    ) -> Iterator[Idle]:
        for server in dict.fromkeys((level, self._main)):
            for section in self._for_host(server).get(backend.host, [])[:_MOST]:
                if section.node.source != governed.section:
                    yield from _directives(
                        by_key(section.directives), _FIELDS, _why(section, governed, url)
                    )
            why = "it is for httpd's own clients, not for backends"
            yield from _directives(server.by_key, _FOR_CLIENTS, why)
        for other in self._named.get(_name(level), [])[:_MOST]:
            if other is not level and other.node is not None:
                why = f"it stands in another virtual host of this name ({other.node.source})"
                yield from _directives(other.by_key, _FIELDS, why)

    def _for_host(self, level: ServerLevel) -> _Sections:
        """The ``<Proxy>`` sections of a server by the host that their URL names."""
        found = self._sections.get(level)
        if found is None:
            found = self._sections[level] = {}
            for section in level.proxies:
                if host := _HOST.match(section.pattern):
                    found.setdefault(host[1].lower(), []).append(section)
        return found


def _why(section: Section, governed: Governed, url: str) -> str:
    opening = f"it stands in <{section.node.name} {section.node.args}>"
    if not url:
        return f"{opening}, which SetHandler and rewrite rules in sections do not go through"
    if url.startswith(section.pattern) and governed.section is not None:
        return f"{opening}; of the sections that match, {governed.section} counts alone"
    return f"{opening}, which does not match {url}"


def _name(level: ServerLevel) -> str:
    node = level.last("servername")
    return bare_name(first_word(node.args)[0]) if node is not None else ""


def _directives(
    written: Mapping[str, list[Node]], fields: Mapping[str, str], why: str
) -> Iterator[Idle]:
    """The last directive of each name, as the one that would count."""
    for key, name in fields.items():
        if key in written:
            node = written[key][-1]
            yield Idle(name, f"{node.name} {node.args}", str(node.source), why)
