"""Values of the engine as words on a screen: no widget, no decision, everything made harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.config import Route

#: Style of a route by its state; the word stands even without colour.
STYLES = {"OK": "green", "WARN": "yellow", "FAIL": "bold red", "UNKNOWN": "cyan", "SKIP": "cyan"}
SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def plain(text: object, limit: int = 2000, style: str = "") -> Text:
    """Text from outside as one harmless line: no markup, no control characters."""
    return Text(printable(str(text), limit), style)


def vhost_name(route: Route) -> str:
    """The name of a route's virtual host."""
    return route.vhost.server_name or "main server"


_A_PLACE = 6
"""Cells from which the beginning and the end of a directory say something."""


def shortened(text: str, limit: int) -> Text:
    """A text from outside in few cells, its beginning and end seen: a long name hides nothing."""
    whole = plain(text, 300)
    if whole.cell_len <= limit:
        return whole
    begin = max(0, limit - 1) // 2
    end = max(0, limit - 1 - begin)
    return Text(f"{set_cell_size(whole.plain, begin).rstrip()}…{_last(whole.plain, end)}")


def shortened_path(path: str, limit: int) -> Text:
    """A path in few cells, the file's own name whole: files of one directory differ in that."""
    directory, slash, name = plain(path, 300).plain.rpartition("/")
    room = limit - cell_len(name) - 1
    if cell_len(directory) <= room or not slash:
        return shortened(path, limit)
    if room < 1:
        return shortened(name, limit)
    if room < _A_PLACE:
        return Text(f"…/{name}")
    return Text(f"{shortened(directory, room).plain}/{name}")


def _last(text: str, cells: int) -> str:
    return set_cell_size(text[::-1], cells)[::-1].lstrip()


def policy_text(route: Route) -> str:
    """The policy as plain text, for a file or the clipboard."""
    backend = route.backend
    settings = [(name, getattr(route.tls, field)) for field, name in DIRECTIVES.items()]
    told = [
        (name, f"{shown(setting.value):<10} {setting.origin}")
        for name, setting in (*settings, ("ProxyPreserveHost", route.preserve_host))
    ]
    told += [("SNI sent", backend.sni or "none"), ("Name checked", backend.check_name),
             ("Host sent", backend.host_header)]  # fmt: skip
    lines = [f"{vhost_name(route)} {route.path} -> {backend.url}", f"{route.kind}, {route.source}"]
    lines += ["", *(f"{name:<38} {value}" for name, value in told)]
    return "\n".join(map(printable, lines)) + "\n"


def marks(route: Route) -> dict[str, list[int]]:
    """The lines that decide a route, by file; the route's own first."""
    found: dict[str, list[int]] = {route.source.file: [route.source.line]}
    settings = [getattr(route.tls, field) for field in DIRECTIVES]
    for setting in (*settings, route.preserve_host):
        if setting.source is not None:
            found.setdefault(setting.source.file, []).append(setting.source.line)
    return found
