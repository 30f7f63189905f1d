"""Unix domain sockets that a throw-away httpd may connect to: no network keeps it from one.

httpd takes ``unix:PATH|URL`` wherever it takes a backend's URL (mod_proxy, ``ProxyPass``).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from wizard.config.installation.filesystem import merge_path

_NOWHERE = "/dev/null"
"""Below it there is nothing, and nobody can make anything."""
_USED = re.compile(r"""(?<![a-z0-9])unix:([^\s"'|]+)\|""", re.IGNORECASE)
_TRIED = re.compile(rf"AH02454: .* Unix domain socket {_NOWHERE}(/.*) \(")


def confine(args: str, runtime_dir: str, allowed: Container[str]) -> str:
    """A directive's arguments with every socket that is not allowed led to where nothing is.

    Args:
        args: as written.
        runtime_dir: that relative paths count from; the rehearsal has one of its own.
        allowed: absolute paths.
    """

    def path(used: re.Match[str]) -> str:
        absolute = merge_path(runtime_dir, re.sub("^/+", "/", used[1]))
        return f"unix:{'' if absolute in allowed else _NOWHERE}{absolute}|"

    return _USED.sub(path, args)


def tried(log: Iterable[str]) -> Iterator[str]:
    """The sockets that httpd wanted to connect to and that were not allowed, ``unix:PATH``."""
    for line in log:
        match = _TRIED.search(line)
        if match is not None:
            yield f"unix:{match[1]}"
