"""Ways to backends whose names are taken to lead to an address, whatever the resolver says.

A ``ProxyRemoteMatch`` line sends what httpd asks of such a backend to a door on loopback: httpd
looks no name up, and SNI, name check, trust and Host stay those of the URL (measured on 2.4.71).
Over TLS it asks the door for a tunnel (RFC 9110, 9.3.6); of http and ws it sends the target in
absolute form (RFC 9112, 3.2.2), which is taken back, for not every backend takes it; other schemes
it speaks as without a door.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable, Sequence

from wizard.config.syntax.backend_url import DEFAULT_PORTS
from wizard.model.config import Route
from wizard.model.host_names import bracketed, folded
from wizard.model.probe import peer
from wizard.model.scope import Assumed
from wizard.record import record

ADDRESS = "127.0.0.1"
CONNECT = b"CONNECT "
_MOST_HEAD = 1 << 14
_NO_WORD = re.compile(r"(?![\w-])[\x00-\x7f]")
_ABSOLUTE = re.compile(rb"([A-Z]+ )[a-z]+://[^/ ]+(?=/)")


@record
class Door:
    """The way to one backend.

    Args:
        host: in its URL.
        port: in its URL.
        address: where the host is taken to lead; empty: the resolver is asked.
        number: port of the door on :data:`ADDRESS`.
    """

    host: str
    port: int
    address: str
    number: int

    @property
    def place(self) -> tuple[str, int]:
        """Where httpd connects to."""
        return ADDRESS, self.number

    def directive(self) -> str:
        """The line that sends httpd to the door, wherever a forward proxy may be named."""
        host = f"(?:[^/@]*@)?{_literal(bracketed(self.host))}"
        usual = "|".join(s for s, port in DEFAULT_PORTS.items() if port == self.port)
        start = f"[a-z0-9+.-]+://{host}:{self.port}"
        start = f"(?:{start}|(?:{usual})://{host})" if usual else start
        return f'ProxyRemoteMatch "(?i)^{start}(?:[/?]|$)" http://{ADDRESS}:{self.number}'

    def as_if_direct(self, line: str) -> str:
        """A line of httpd's log as it would be without the door."""
        host, port = self.address or self.host, self.port
        shown = line.replace(f"{ADDRESS}:{self.number}", f"{host}:{port}")
        return shown.replace(f"{host}:{port} ({ADDRESS})", f"{host}:{port} ({host})")


def _literal(text: str) -> str:
    """A text in a regular expression between quotes, without anything that either could end."""
    return _NO_WORD.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def find(
    routes: Iterable[Route], assumed: Sequence[Assumed], *, every: bool
) -> dict[tuple[str, int], Door]:
    """The doors that routes need, by host and port of their URLs.

    Args:
        routes: of one configuration, and as a plan makes them.
        assumed: names, and where they are taken to lead.
        every: all that no forward proxy of the configuration leads to need one, because ``NoProxy``
            would keep httpd from the doors and is left out.
    """
    led = {one.name: one.address for one in assumed}
    found: dict[tuple[str, int], Door] = {}
    for route in routes:
        place = peer(route)
        if place is None or place in found or route.proxy_remote.value is not None:
            continue
        host, port = place
        address = led.get(folded(host), "")
        if address or (led and every):
            with socket.create_server((ADDRESS, 0)) as free:
                found[place] = Door(host, port, address, free.getsockname()[1])
    return found


def enter(connection: socket.socket) -> bool:
    """Give httpd the tunnel that it asks for on a new connection.

    Returns:
        Whether it asked for one.

    Raises:
        OSError, ValueError: as ``target``.
    """
    first = b""
    with contextlib.suppress(TimeoutError):
        first = connection.recv(len(CONNECT), socket.MSG_PEEK)
    if first != CONNECT:
        return False
    target(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    return True


def target(connection: socket.socket) -> str:
    """The target of CONNECT. The head is read to its end: the TLS that follows waits for an answer.

    Raises:
        ValueError: it has no end.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(_MOST_HEAD)
        head += part
        if not part or len(head) > _MOST_HEAD:
            raise ValueError("no request for a tunnel")
    return head.split(b" ", 2)[1].decode("latin-1").lower()


def in_origin_form(data: bytes) -> bytes:
    """What httpd sends, with the target of a request as the backend gets it without a door.

    Args:
        data: that begins a request, or goes on with one.
    """
    return _ABSOLUTE.sub(rb"\1", data, count=1) if _ABSOLUTE.match(data) else data
