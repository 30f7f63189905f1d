"""Listening sockets: those that a process holds, and whether one could be opened now.

Source: proc(5), ip(7), httpd 2.4, server/listen.c (alloc_listener, make_sock).
"""
# ruff: noqa: PTH115, PTH208
# Paths stay str: these are names of the kernel's.

from __future__ import annotations

import errno
import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from wizard.config.servers.listen_addresses import ANY_IPV4, ANY_IPV6, host_and_port
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import first_word
from wizard.httpd.running import Running, lives
from wizard.model.host_names import bracketed

_LISTENS = "0A"
"""TCP_LISTEN, as /proc/net/tcp has it."""
_SOCKET = re.compile(r"socket:\[(\d+)\]\Z")
_UNSUITABLE = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""What bind says of an address, whoever asks; the rest is about who asks (a port below 1024)."""


class Endpoint(NamedTuple):
    """An IP address, without brackets, and a TCP port."""

    address: str
    port: int

    def __str__(self) -> str:
        host = bracketed(self.address)
        return f"{host}:{self.port}"


def held(pid: int) -> frozenset[Endpoint] | None:
    """Where a process listens.

    Returns:
        None: this user may not see it, or the process has another network than this one.
    """
    place = f"/proc/{pid}"
    try:
        if os.readlink(f"{place}/ns/net") != os.readlink("/proc/self/ns/net"):
            return None
        own = set(_sockets(f"{place}/fd"))
        found = [
            endpoint
            for name in ("tcp", "tcp6")
            for inode, endpoint in _listening(Path(place, "net", name))
            if inode in own
        ]
    except (OSError, ValueError):
        return None
    return frozenset(found)


def lines(tree: Tree) -> list[tuple[str | None, int]]:
    """Host and port of the ``Listen`` lines of a configuration, see ``host_and_port``."""
    found = (host_and_port(first_word(node.args)[0]) for node in tree.root if node.key == "listen")
    return [one for one in found if one is not None]


def ports(tree: Tree) -> frozenset[int]:
    """The ports of the ``Listen`` lines of a configuration."""
    return frozenset(port for _, port in lines(tree))


def missing(server: Running, ports: Iterable[int]) -> list[int] | None:
    """Those of some ports on which a server does not listen, as far as this user may see it.

    Returns:
        None: it has ended. That is asked last: one that has just ended cannot be seen either.
    """
    now = held(server.pid)
    lost = [] if now is None else sorted(set(ports) - {one.port for one in now})
    return lost if lives(server) else None


def _sockets(directory: str) -> Iterator[str]:
    """The inodes of the sockets that a process has open."""
    for name in os.listdir(directory):
        try:
            found = _SOCKET.match(os.readlink(f"{directory}/{name}"))
        except FileNotFoundError:  # closed since
            continue
        if found is not None:
            yield found[1]


def _listening(table: Path) -> Iterator[tuple[str, Endpoint]]:
    """The inode of each socket of a table that listens, and where it does."""
    if not table.exists():  # no IPv6
        return
    for line in table.read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTENS:
            address, port = fields[1].split(":")
            yield fields[9], Endpoint(_address(address), int(port, 16))


def _address(text: str) -> str:
    """An address of /proc/net/tcp: words of 32 bits in the machine's byte order, in hexadecimal."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    return socket.inet_ntop(socket.AF_INET if len(words) == 1 else socket.AF_INET6, packed)


def endpoints(host: str | None, port: int) -> tuple[Endpoint, ...]:
    """What httpd opens for a ``Listen`` line; empty for a name without an address."""
    if host is None:
        return Endpoint(ANY_IPV6, port), Endpoint(ANY_IPV4, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(Endpoint(str(entry[4][0]), port) for entry in found))


def refusal(endpoint: Endpoint) -> int:
    """Why no socket can be bound there now, as httpd binds; nothing is listened for.

    Returns:
        EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT; 0: it can, or this user cannot tell.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            endpoint.address, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, kind) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
    except OSError as error:
        return error.errno if error.errno in _UNSUITABLE else 0
    return 0
