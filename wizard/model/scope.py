"""What one run is about: which configuration and routes, and how to probe."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.model.record import record


@record
class Scope:
    """What to check, and how.

    Args:
        path: configuration file or directory; None: the installed httpd's own.
        defines: names for httpd's ``-D``.
        host: Host header of the imagined client; None: each virtual host's ServerName.
        vhost: ``NAME`` or ``NAME:PORT`` to narrow to; None: all.
        route: path of the route to narrow to; None: all.
        probe: whether to connect to the backends.
        timeout: seconds per stage of a probe.
        jobs: backends probed at once.
        overlay: contents that stand for the files on disk (a planned change), by path.
    """

    path: str | None = None
    defines: tuple[str, ...] = ()
    host: str | None = None
    vhost: str | None = None
    route: str | None = None
    probe: bool = True
    timeout: float = 10.0
    jobs: int = 64
    overlay: Mapping[str, bytes] | None = None
