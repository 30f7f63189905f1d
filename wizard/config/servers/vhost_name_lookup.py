"""Host names of ``<VirtualHost>``: httpd resolves them when it starts, and with ``-t``.

Source: httpd 2.4, server/vhost.c (get_addresses), which waits for each name as long as the resolver
does; here all are asked side by side, and none is waited for longer than ``PATIENCE``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from wizard.record import record

PATIENCE = 2.0
"""Seconds for all names together."""
_THREADS = 64
"""Names that are asked for at a time; a resolver that drops a query holds up one of them."""


@record
class Names:
    """What the resolver said of some host names.

    Args:
        lost: those that have no address.
        unanswered: those it said nothing of in time. They count as names that have one: so a file
            gives the same routes whether the answer comes or not, unless it would have been no.
    """

    lost: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()


class _Lookup:
    """Names that are being asked for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._waiting = sorted(names, reverse=True)
        self._asked = len(self._waiting)
        self._told: dict[str, bool | None] = dict.fromkeys(self._waiting)
        self._changed = threading.Condition()

    def run(self) -> None:
        """Ask for one name after the other, until none is left."""
        while True:
            with self._changed:
                if not self._waiting:
                    return
                name = self._waiting.pop()
            known = _has_address(name)
            with self._changed:
                self._told[name] = known
                self._asked -= 1
                self._changed.notify()

    def answers(self, patience: float) -> Names:
        """What was said until now, or until all was said."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked == 0, patience)
            self._waiting.clear()
            told = self._told.items()
            return Names(
                frozenset(name for name, known in told if known is False),
                frozenset(name for name, known in told if known is None),
            )


def look_up(names: Iterable[str]) -> Names:
    """Ask the system's resolver for host names, side by side.

    Args:
        names: as written, without ports.
    """
    wanted = set(names)
    lookup = _Lookup(wanted)
    for _ in range(min(len(wanted), _THREADS)):
        # a daemon: the program does not wait for a resolver at its end
        threading.Thread(target=lookup.run, daemon=True, name="host name").start()
    return lookup.answers(PATIENCE)


def _has_address(name: str) -> bool | None:
    """Whether a name has an address; None: the resolver has no answer."""
    import socket  # few configurations need it

    try:
        socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        no_such_name = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
        return False if error.errno in no_such_name else None
    except OSError:
        return None
    except UnicodeError:  # no name that could be asked for (RFC 1035, 2.3.4: 63 bytes a label)
        return False
    return True
