"""Reading of Apache httpd's configuration: ``load`` is all that others need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from wizard.model.config import Configuration, Route
from wizard.model.imagined import NOBODY, Imagined
from wizard.model.scope import HttpdChoice

if TYPE_CHECKING:
    from wizard.config.configuration import AtReload


def load(
    path: str | None,
    *,
    defines: Iterable[str] = (),
    host: str | None = None,
    overlay: Mapping[str, bytes] | None = None,
    seen: Callable[[Route], None] | None = None,
    httpd: HttpdChoice | None = None,
    at_reload: AtReload | None = None,
    imagined: Imagined | None = None,
) -> Configuration:
    """Read a configuration as httpd reads it.

    Args:
        path: main configuration file, virtual host file, or directory; None: the installed
            httpd's own.
        defines: names as after httpd's ``-D``.
        host: Host header of the imagined client; None: each virtual host's ServerName.
        overlay: contents that replace the files on disk (a planned change), by path; it applies
            to a file under any of its names.
        seen: called with each route as it is found, in order.
        httpd: the operator's choice of httpd; None: it is searched for.
        at_reload: says what would end the server that runs with it; None: that is not asked.
        imagined: the client and its requests; None: any client, one request for each route.

    Returns:
        Virtual hosts, proxied routes with the settings in force, and what is wrong.

    Raises:
        ConfigError: nothing can be read; with file, line and one clear sentence.
        UsageError: what the operator names is no httpd.
    """
    from wizard.config import configuration  # `wizard --help` needs no reader

    told = imagined or NOBODY
    return configuration.load(path, tuple(defines), host, overlay, seen, httpd, at_reload, told)
