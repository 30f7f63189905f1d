"""Addresses of ``<VirtualHost>`` and ``Listen``.

Source: httpd 2.4, server/vhost.c (get_addresses, ap_parse_vhost_addrs), server/listen.c;
apr_parse_addr_port; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from wizard.config.syntax import apr_address
from wizard.config.syntax.words import split_words
from wizard.model.host_names import bracketed, is_address

ANY = "*"
ANY_IPV4 = "0.0.0.0"  # noqa: S104 # nosec B104 # compared, not bound
ANY_IPV6 = "::"
_SOCKET = re.compile(r"(?:(.*):)?0*([0-9]{1,5})\Z", re.DOTALL)


class Address(NamedTuple):
    """Host (``*``, an IP address without brackets, or a name) and port (``*`` or digits)."""

    host: str
    port: str

    def __str__(self) -> str:
        host = bracketed(self.host)
        return f"{host}:{self.port}"


def without_any_port(text: str) -> str:
    """An address of ``<VirtualHost>`` without the ``:*`` at its end, which APR does not know."""
    return text.removesuffix(":*")


def parse(text: str) -> Address | None:
    """An address of ``<VirtualHost>``.

    Returns:
        The address as DUMP_VHOSTS shows it; None if httpd ignores it (AH00547), or refuses it.
    """
    read = apr_address.host_and_port(without_any_port(text.lower()))
    if read is None or read.host is None:
        return None
    port = str(read.port) if read.port else ANY
    if read.host in (ANY, "_default_"):
        return Address(ANY, port)
    number = apr_address.numeric(read.host)
    if number in (ANY_IPV4, ANY_IPV6):
        return Address(ANY, port)
    if number is not None:
        return Address(number if read.zone is None else f"{number}%{read.zone}", port)
    return Address(read.host, port) if apr_address.is_name(read.host) else None


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
    read = apr_address.host_and_port(words[0]) if words else None
    if read is None or not read.port:
        return None
    return Address(ANY, str(read.port)) if read.host is None else parse(words[0])


def host_and_port(word: str) -> tuple[str | None, int] | None:
    """What a ``Listen`` line has httpd open a socket for.

    Args:
        word: its first argument.

    Returns:
        The host as written, without brackets, None for all addresses; and the port. None: httpd
        refuses it.
    """
    match = _SOCKET.match(word)
    if match is None:
        return None
    host = (match[1] or "").removeprefix("[").removesuffix("]")
    return (None if host in ("", ANY) else host), int(match[2])


def is_name(address: Address) -> bool:
    """Whether its host is a name, which may have any IP address."""
    return address.host != ANY and not is_address(address.host.partition("%")[0])


class Sets:
    """Which set of virtual hosts answers on which listening address.

    Args:
        listens: every ``Listen``.
        hosts: the addresses of each virtual host.
    """

    def __init__(self, listens: Iterable[Address], hosts: Iterable[tuple[Address, ...]]) -> None:
        self._used = {address for addresses in hosts for address in addresses}
        self.served: set[Address] = set()
        self.main_served = False
        # By port, removed once they are served: many Listen times many hosts takes too long.
        self._specific = _by_port(a for a in self._used if a.host != ANY)
        self._names = _by_port(a for a in self._used if is_name(a))
        named = frozenset(self._names)
        for listen in set(listens):
            if listen.host == ANY:
                # there is always another local address for the wildcard
                for port in (listen.port, ANY):
                    self.served.update(self._specific.pop(port, ()))
                self._serve_wildcard(listen.port)
                continue
            certain = False
            for port in (listen.port, ANY):
                exact = Address(listen.host, port)
                if exact in self._used:
                    self.served.add(exact)
                self.served.update(self._names.pop(port, ()))
                certain = exact in self._used and port not in named
                if certain or port in named:
                    break
            if not certain:
                self._serve_wildcard(listen.port)

    def _serve_wildcard(self, port: str) -> None:
        for address in (Address(ANY, port), Address(ANY, ANY)):
            if address in self._used:
                self.served.add(address)
                return
        self.main_served = True


def _by_port(addresses: Iterable[Address]) -> dict[str, list[Address]]:
    found: dict[str, list[Address]] = {}
    for address in addresses:
        found.setdefault(address.port, []).append(address)
    return found
