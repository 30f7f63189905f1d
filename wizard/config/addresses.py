"""Addresses of ``<VirtualHost>`` and ``Listen``.

Source: httpd 2.4, server/vhost.c (get_addresses, ap_parse_vhost_addrs), server/listen.c;
apr_parse_addr_port; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from wizard.config.urls import is_address
from wizard.config.words import split_words

ANY = "*"
ANY_IPV4 = "0.0.0.0"  # noqa: S104 # nosec B104 # compared, not bound
_PORT = re.compile(r"(.*):([0-9]+|\*)\Z", re.DOTALL)
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?\Z")


class Address(NamedTuple):
    """Host (``*``, an IP address without brackets, or a name) and port (``*`` or digits)."""

    host: str
    port: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse(text: str) -> Address | None:
    """An address of ``<VirtualHost>``.

    Returns:
        The address as DUMP_VHOSTS shows it; None if httpd ignores it (AH00547).
    """
    lowered = text.lower()
    if lowered in ("*", "_default_"):
        return Address(ANY, ANY)
    match = _PORT.match(lowered)
    host, port = (match[1], match[2]) if match else (lowered, ANY)
    if port != ANY:
        port = port.lstrip("0") or "0"
    if host in (ANY, "_default_", ANY_IPV4, "[::]"):
        return Address(ANY, port)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if not is_address(host.partition("%")[0]):
            return None
        return Address(_canonical(host), port)
    if ":" in host or not _HOST_NAME.match(host):
        return None
    return Address(host, port)


def _canonical(host: str) -> str:
    address, percent, zone = host.partition("%")
    return str(ipaddress.ip_address(address)) + percent + zone


@lru_cache(maxsize=256)  # sites write the same few addresses over and over
def of_virtual_host(args: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Addresses of an opening tag, and the words that httpd ignores."""
    found: dict[Address, None] = {}
    ignored = []
    for word in split_words(args):
        address = parse(word)
        if address is None:
            ignored.append(word)
        else:
            found[address] = None
    return tuple(found), tuple(ignored)


def of_listen(args: str) -> Address | None:
    """The address of a ``Listen`` line; None if httpd refuses it."""
    words = split_words(args)
    if not words:
        return None
    if words[0].isdigit():
        return Address(ANY, words[0].lstrip("0"))
    address = parse(words[0])
    return address if address is not None and address.port != ANY else None


def is_name(address: Address) -> bool:
    """Whether its host is a name, which may mean any IP address."""
    return address.host != ANY and not is_address(address.host.partition("%")[0])


class Sets:
    """Which set of virtual hosts answers on which listening address.

    Args:
        listens: every ``Listen``.
        hosts: the addresses of each virtual host.
    """

    def __init__(self, listens: Iterable[Address], hosts: Iterable[tuple[Address, ...]]) -> None:
        used = {address for addresses in hosts for address in addresses}
        self.served: set[Address] = set()
        self.main_served = False
        by_port: dict[str, list[Address]] = {}
        everywhere = []
        for address in used:
            if address.port == ANY:
                everywhere.append(address)
            else:
                by_port.setdefault(address.port, []).append(address)
        for listen in set(listens):
            near = by_port.get(listen.port, []) + everywhere
            if listen.host == ANY:
                # some other local address always remains for the wildcard
                self.served.update(a for a in near if a.host != ANY)
                self._serve_wildcard(near, listen.port)
                continue
            own = [a for a in near if a.host == listen.host or is_name(a)]
            exact = [a for a in own if a.port != ANY] or own
            if exact:
                self.served.update(exact)
            if not exact or any(is_name(a) for a in exact):
                self._serve_wildcard(near, listen.port)

    def _serve_wildcard(self, near: list[Address], port: str) -> None:
        if Address(ANY, port) in near:
            self.served.add(Address(ANY, port))
        elif Address(ANY, ANY) in near:
            self.served.add(Address(ANY, ANY))
        else:
            self.main_served = True
