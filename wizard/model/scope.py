"""What one run is about: which configuration and routes, and how to probe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from wizard.model.host_names import bracketed, folded, is_address
from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Route


_NAME = re.compile(r"[^\s/:@\[\]*?\x00-\x1f\x7f]+")


@record
class HttpdChoice:
    """The operator's choice of httpd.

    Args:
        program: path of its program; None: it is searched for.
        ask: whether a program may be run.
        version: ``2.4.37``, whatever the program says; None: what it says.
        openssl: ``1.1.1w``, whatever its mod_ssl loads; None: that.
    """

    program: str | None = None
    ask: bool = True
    version: str | None = None
    openssl: str | None = None


@record
class Assumed:
    """A name that is taken to lead to an address, whatever the resolver says of it.

    Args:
        name: as ``wizard.model.host_names.folded`` gives it.
        address: IPv4 or IPv6, without brackets.
    """

    name: str
    address: str

    @classmethod
    def parsed(cls, text: str) -> Assumed:
        """``NAME:ADDRESS``, as curl's ``--resolve`` without the port (curl(1)).

        Raises:
            ValueError: it is none; in one sentence.
        """
        name, _, address = text.partition(":")
        bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
        if not is_address(bare) or "%" in bare:  # a zone may hold anything (RFC 4007, 11)
            raise ValueError(
                f"{text!r} is not NAME:ADDRESS, such as backend.internal:192.0.2.7 or "
                "backend.internal:[2001:db8::7] (an IP address, without a port)"
            )
        if not _NAME.fullmatch(folded(name)) or is_address(name):
            raise ValueError(f"{name!r} in {text!r} is not a host name")
        return cls(folded(name), str(ip_address(bare)))

    def __str__(self) -> str:
        """As the option takes it."""
        return f"{self.name}:{bracketed(self.address)}"


@record
class Scope:
    """What to check, and how.

    Args:
        path: configuration file or directory; None: the installed httpd's own.
        defines: names for httpd's ``-D``.
        host: Host header of the imagined client; None: each virtual host's ServerName.
        vhost: ``NAME`` or ``NAME:PORT`` to narrow to; None: all.
        route: path of the route to narrow to; None: all.
        target: the route to narrow to, as it was read, with the others of its virtual host and
            path, which often share its settings (members of a balancer); None: as ``vhost`` and
            ``route`` say.
        probe: whether to connect to the backends.
        timeout: seconds per stage of a probe.
        jobs: backends probed at once.
        overlay: contents that replace the files on disk (a planned change), by path.
        httpd: the operator's choice of httpd.
        resolve: names that are looked up as if they led to these addresses, each once.
        client: IP address of the imagined client; None: any, and what differs is said.
        paths: paths of the imagined client's requests; each route that takes one is asked for it.
        websocket: paths that an upgrade to WebSocket is asked for.
    """

    path: str | None = None
    defines: tuple[str, ...] = ()
    host: str | None = None
    vhost: str | None = None
    route: str | None = None
    target: Route | None = None
    probe: bool = True
    timeout: float = 10.0
    jobs: int = 64
    overlay: Mapping[str, bytes] | None = None
    httpd: HttpdChoice = HttpdChoice()
    resolve: tuple[Assumed, ...] = ()
    client: str | None = None
    paths: tuple[str, ...] = ()
    websocket: tuple[str, ...] = ()

    def assuming(self, more: Iterable[Assumed]) -> Scope:
        """The same, with more names that lead where they are said to lead."""
        named = {one.name: one for one in (*self.resolve, *more)}
        return replace(self, resolve=tuple(named.values()))
