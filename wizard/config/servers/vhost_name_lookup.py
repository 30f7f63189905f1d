"""Host names of ``<VirtualHost>``: httpd resolves them when it starts, and with ``-t``."""

from __future__ import annotations

from collections.abc import Iterable

PATIENCE = 2.0
"""Seconds that looking up all names may take; what is not known by then counts as resolvable."""


def unresolvable(names: Iterable[str]) -> frozenset[str]:
    """Those of some names of which the resolver says that they have no address."""
    import socket  # hardly any configuration needs them
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
            except (OSError, UnicodeError):  # nothing was learned
                continue

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return frozenset(lost)
