"""Lets the servers of an isolated sandbox ask this machine's name servers, as its own programs do.

Names of files (/etc/hosts) and of services behind unix sockets (nscd, systemd-resolved) are found
in the sandbox as they are outside: a network namespace has the same files.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from wizard.httpd.sandbox.relay import Gate, outward
from wizard.httpd.sandbox.sandbox import Network

_PORT = 53
_MOST_SERVERS = 3
"""``MAXNS`` of resolv.h."""
_MOST_QUESTIONS = 64
"""That wait for an answer at a time, of all name servers."""
_PATIENCE = 10.0
"""Seconds for an answer: twice what the resolver waits for by default (resolv.conf(5))."""
_MOST = 1 << 16
_SERVER_FAILURE = b"\x81\x82"
"""The flags of an answer "server failure" (RFC 1035, 4.1.1)."""
_RESOLV_CONF = Path("/etc/resolv.conf")


def servers(text: str) -> tuple[str, ...]:
    """Addresses of the name servers that a resolv.conf(5) names, as far as the resolver asks them.

    One with a zone (``fe80::1%eth0``) is left out: there is no such device in the sandbox.
    """
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            with contextlib.suppress(ValueError):
                found.append(str(ip_address(words[1])))
    return tuple(address for address in found[:_MOST_SERVERS] if "%" not in address) or (
        () if found else ("127.0.0.1",)
    )


class Names:
    """The way to the name servers, as a context manager.

    Args:
        network: of the servers.
        addresses: of the name servers; None: those of /etc/resolv.conf.
    """

    def __init__(self, network: Network, addresses: Sequence[str] | None = None) -> None:
        self._network = network
        self._addresses = servers(_text()) if addresses is None else addresses
        self._free = threading.BoundedSemaphore(_MOST_QUESTIONS)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Names:
        for address in self._addresses:
            gate = Gate(self._network, (address, _PORT), outward(_PATIENCE), early=False)
            gate.open()
            self._open.callback(gate.close)
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with contextlib.suppress(OSError):  # such as no IPv6
                inside = self._network.new_socket(family, socket.SOCK_DGRAM)
                self._open.callback(_end, inside)
                inside.bind((address, _PORT))
                threading.Thread(target=self._serve, args=(inside, address), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def _serve(self, inside: socket.socket, address: str) -> None:
        with inside:
            while True:
                question, asker = inside.recvfrom(_MOST)
                if not question:
                    return
                if self._free.acquire(blocking=False):
                    words = (inside, asker, question, (address, _PORT))
                    threading.Thread(target=self._ask, args=words, daemon=True).start()

    def _ask(
        self,
        inside: socket.socket,
        asker: tuple[str, int],
        question: bytes,
        server: tuple[str, int],
    ) -> None:
        """Pass one question on and its answer back, if the name server gives one in time.

        Where it cannot be asked, the resolver that asks is to know at once, as it would outside.
        """
        answer = b""
        try:
            with socket.socket(inside.family, inside.type) as outside:
                outside.settimeout(_PATIENCE)
                outside.connect(server)
                outside.send(question)
                answer = outside.recv(_MOST)
        except TimeoutError:
            pass
        except OSError:
            answer = question[:2] + _SERVER_FAILURE + question[4:]
        try:
            if answer:
                inside.sendto(answer, asker)
        except OSError:
            return
        finally:
            self._free.release()


def _end(inside: socket.socket) -> None:
    """Wake the thread that reads from it (the system does, though it says ENOTCONN)."""
    with contextlib.suppress(OSError):
        inside.shutdown(socket.SHUT_RDWR)


def _text() -> str:
    try:
        with _RESOLV_CONF.open("rb") as file:
            return file.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return ""
