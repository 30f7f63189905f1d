"""Addresses with a port as APR takes them apart, and those that the resolver reads as numbers.

Source: APR 1.7, network_io/unix/sockaddr.c (apr_parse_addr_port); inet_aton(3).
Each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
import socket

from wizard.config.syntax import ipv6
from wizard.config.syntax.words import atoi
from wizard.model.host_names import HIGHEST_PORT, is_address
from wizard.record import record
from wizard.text import is_number

_NUMBERS = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]*|[0-9]+)){0,3}\Z")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?\Z")
_LAST_IS_NUMBER = re.compile(r"(?:.*\.)?[0-9]+\.?\Z", re.DOTALL)


@record
class HostAndPort:
    """What APR reads in ``HOST:PORT``.

    Args:
        host: without brackets and their zone; None: it is a port alone.
        port: 0 if there is none.
        zone: ``lo`` of ``[fe80::1%lo]``.
    """

    host: str | None
    port: int
    zone: str | None = None


def host_and_port(text: str) -> HostAndPort | None:
    """Take an address apart; None: APR refuses it.

    Args:
        text: as written.
    """
    if not text or is_number(text):
        port = atoi(text)
        return HostAndPort(None, port) if _is_port(port) else None
    host, colon, digits = text.rpartition(":")
    port = 0
    if colon and is_number(digits):
        port = atoi(digits)
        if not host or not _is_port(port):
            return None
    else:
        host = text
    if not host.startswith("["):
        return HostAndPort(host, port)
    if host.find("]") != len(host) - 1:
        return None
    read = ipv6.bracketed(host[1:-1])
    return None if read is None else HostAndPort(read[0], port, read[1])


def _is_port(number: int) -> bool:
    return 0 < number <= HIGHEST_PORT


def numeric(host: str) -> str | None:
    """The address that a text is, in its shortest spelling; None: it is a name, or nothing.

    Args:
        host: without brackets; IPv4 may have fewer than four numbers, and hexadecimal ones.
    """
    if is_address(host.partition("%")[0]):
        import ipaddress  # only sites with addresses need it

        address, percent, zone = host.partition("%")
        return str(ipaddress.ip_address(address)) + percent + zone
    if not _NUMBERS.match(host):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def is_name(host: str) -> bool:
    """Whether a text is spelt as the name of a host."""
    return bool(_NAME.match(host))


def may_be_resolved(host: str) -> bool:
    """Whether a resolver may know a text that is no address, or it is the path of a socket."""
    if host.startswith("/"):
        return True
    return is_name(host) and not _LAST_IS_NUMBER.match(host) and host.lower() != "_default_"
