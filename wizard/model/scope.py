"""What one run is about: which configuration and routes, and how to probe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Route


@record
class HttpdChoice:
    """Which httpd the operator says is meant.

    Args:
        program: path of its program; None: it is looked for.
        ask: whether a program may be asked at all.
        version: ``2.4.37``, whatever a program says; None: what it says.
        openssl: ``1.1.1w``, whatever its mod_ssl loads; None: that.
    """

    program: str | None = None
    ask: bool = True
    version: str | None = None
    openssl: str | None = None


@record
class Scope:
    """What to check, and how.

    Args:
        path: configuration file or directory; None: the installed httpd's own.
        defines: names for httpd's ``-D``.
        host: Host header of the imagined client; None: each virtual host's ServerName.
        vhost: ``NAME`` or ``NAME:PORT`` to narrow to; None: all.
        route: path of the route to narrow to; None: all.
        target: the route to narrow to, as it was read, with those of its virtual host and path,
            whose settings are often its own (the members of one balancer); None: what the two
            above say.
        probe: whether to connect to the backends.
        timeout: seconds per stage of a probe.
        jobs: backends probed at once.
        overlay: contents that stand for the files on disk (a planned change), by path.
        httpd: which httpd is meant.
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
