"""Host names of ``<VirtualHost>``: httpd resolves them when it starts, and with ``-t``."""

from __future__ import annotations

from collections.abc import Iterable

PATIENCE = 2.0
"""Seconds for looking up all names; a name without answer by then counts as resolvable."""


def unresolvable(names: Iterable[str]) -> frozenset[str]:
    """The names that have no address, as the resolver says."""
    import socket  # few configurations need it
    import threading

    no_such_name = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    lost: list[str] = []
    pending = sorted(names)

    def look_up() -> None:
        for name in pending:
            try:
                socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                if error.errno in no_such_name:
                    lost.append(name)
            except (OSError, UnicodeError):  # there was no clear answer
                continue

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return frozenset(lost)
