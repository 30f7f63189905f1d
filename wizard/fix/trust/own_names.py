"""Names that the operator's own sources know: the configuration, the hosts file, the own domain.

A name that only a certificate gives decides nothing: whoever took an address may show one.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from wizard import plain_file
from wizard.model.config import Configuration
from wizard.model.host_names import bare_name, is_address
from wizard.model.scope import Assumed
from wizard.record import record
from wizard.x509.peer_names import is_host_name

_MOST_BYTES = 1 << 20
"""Of one file that is read."""


@record
class Files:
    """Where this machine says what it is called.

    Args:
        hosts: as hosts(5).
        resolver: as resolv.conf(5).
        suffixes: the public suffix list (publicsuffix.org), if it is installed.
        node: name of this machine, with its domain or without.
    """

    hosts: str = "/etc/hosts"
    resolver: str = "/etc/resolv.conf"
    suffixes: str = "/usr/share/publicsuffix/public_suffix_list.dat"
    node: str = field(default_factory=lambda: os.uname().nodename)


@record
class OwnNames:
    """Names, all in lower case.

    Args:
        configured: names of virtual hosts, and of backends in URLs.
        hosts: of the hosts file, or given with ``--resolve``, each with its addresses.
        domains: internal domains, of two labels at least, and no public suffixes.
    """

    configured: frozenset[str] = frozenset()
    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()

    def candidates(self, addresses: frozenset[str]) -> list[str]:
        """Names that a wildcard certificate may be for, the most certain first."""
        listed = [name for name, found in self.hosts.items() if found & addresses]
        return list(dict.fromkeys((*listed, *sorted(self.configured))))

    def knows(self, name: str, addresses: frozenset[str]) -> bool:
        """Whether a name is one of these.

        Args:
            name: that the resolver leads to one of the addresses.
            addresses: of the backend; the hosts file or ``--resolve`` must name one of them, too.
        """
        name = name.lower()
        within = any(name.endswith(f".{domain}") for domain in self.domains)
        return within or name in self.configured or bool(self.hosts.get(name, set()) & addresses)


def read(configuration: Configuration, files: Files, assumed: Sequence[Assumed] = ()) -> OwnNames:
    """The names that a configuration and this machine know.

    Args:
        configuration: whose URLs and virtual hosts count.
        files: of the machine.
        assumed: names for which the operator gave an address, whatever the hosts file says.
    """
    hosts = _hosts(files.hosts) | {one.name: frozenset({one.address}) for one in assumed}
    suffixes = frozenset(line.strip() for line in _lines(files.suffixes))
    domains = {*_searched(files.resolver), *_domains_of(files.node, files.hosts)}
    internal = frozenset(d for d in domains if "." in d and not _is_public(d, suffixes))
    return OwnNames(frozenset(_configured(configuration)), hosts, internal)


def _configured(configuration: Configuration) -> Iterator[str]:
    for route in configuration.routes:
        if route.unknown is None and not is_address(route.backend.host):
            yield route.backend.host
    for host in configuration.virtual_hosts:
        names = (bare_name(name) for name in (host.server_name, *host.aliases) if name)
        yield from (name for name in names if is_host_name(name))


def _hosts(path: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _lines(path):
        address, *names = line.partition("#")[0].split() or [""]
        try:
            shown = str(ipaddress.ip_address(address))
        except ValueError:
            continue
        for name in filter(is_host_name, names):
            found[name.lower()] = found.get(name.lower(), frozenset()) | {shown}
    return found


def _domains_of(node: str, hosts: str) -> Iterator[str]:
    """The domain of this machine, whose full name may stand in the hosts file alone."""
    lines = (line.partition("#")[0].lower().split()[1:] for line in _lines(hosts))
    beside = [name for names in lines if node.lower() in names for name in names]
    for name in (node.lower(), *beside):
        if name.partition(".")[0] == node.lower().partition(".")[0]:
            yield name.partition(".")[2].rstrip(".")


def _searched(path: str) -> Iterator[str]:
    for line in _lines(path):
        word, *domains = line.split() or [""]
        if word in ("domain", "search"):
            yield from (domain.lower().rstrip(".") for domain in domains)


def _is_public(domain: str, suffixes: frozenset[str]) -> bool:
    """Whether anybody may register a name in a domain.

    Without the list, two labels below a country's domain count as such (``co.uk``).
    """
    _, _, parent = domain.partition(".")
    if suffixes:
        public = domain in suffixes or f"*.{parent}" in suffixes
        return public and f"!{domain}" not in suffixes
    return len(parent) == 2


def _lines(path: str) -> list[str]:
    try:
        return plain_file.read(path, _MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
