"""Which modules the throw-away httpd loads, and from where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Tree
from wizard.httpd.sandbox.acting import KEPT, is_foreign
from wizard.reference import directives

_DIRECTORIES = (
    "/usr/lib/apache2/modules",
    "/usr/lib64/httpd/modules",
    "/usr/lib64/apache2",
    "/usr/lib64/apache2-prefork",
    "/usr/lib64/apache2-worker",
    "/usr/lib64/apache2-event",
    "/usr/lib/httpd/modules",
    "/usr/local/apache2/modules",
)
_ALWAYS = ("mpm_event_module", "unixd_module", "authz_core_module", "log_config_module")
_OF_SCHEME = {
    "https": ("ssl_module", "proxy_http_module"),
    "http": ("proxy_http_module",),
    "wss": ("ssl_module", "proxy_http_module", "proxy_wstunnel_module"),
    "ws": ("proxy_http_module", "proxy_wstunnel_module"),
    "h2": ("ssl_module", "proxy_http_module", "proxy_http2_module"),
    "h2c": ("proxy_http_module", "proxy_http2_module"),
    "ajp": ("proxy_ajp_module",),
    "fcgi": ("proxy_fcgi_module",),
    "scgi": ("proxy_scgi_module",),
    "uwsgi": ("proxy_uwsgi_module",),
    "balancer": (
        "proxy_balancer_module",
        "slotmem_shm_module",
        "lbmethod_byrequests_module",
    ),
}
_FIRST = ("mpm_event_module", "watchdog_module", "slotmem_shm_module", "proxy_module")
"""Others need the symbols of these while they are loaded."""


def loads(tree: Tree, layout: Layout) -> tuple[list[tuple[str, str]], list[str]]:
    """What to load.

    Args:
        tree: its LoadModule lines count; a lone virtual host file has none, and gets the modules
            that its directives and URLs need.
        layout: its program's built-in modules are never loaded.

    Returns:
        Identifier (``""`` for LoadFile) and path of each file, in order; and identifiers or paths
        of those whose files are not here.
    """
    needed = list(tree.loads) if not layout.partial else list(_needed(tree, layout))
    found, missing = [], []
    for identifier, path in needed:
        if identifier not in KEPT if identifier else is_foreign(path):
            continue
        place = path if "/" not in path or Path(path).exists() else _elsewhere(path, layout)
        if place is None:
            missing.append(identifier or path)
        else:
            found.append((identifier, place))
    return found, missing


def _needed(tree: Tree, layout: Layout) -> Iterator[tuple[str, str]]:
    needed: dict[str, None] = dict.fromkeys((*_ALWAYS, "proxy_module"))
    for node in tree.walk():
        known = directives.lookup(node.key)
        if known and not any("mpm" in module for module in known.modules):
            needed.setdefault(known.modules[0])
        for word in node.args.lower().replace('"', " ").replace("|", " ").split():
            scheme, colon, _ = word.partition("://")
            for module in _OF_SCHEME.get(scheme, ()) if colon else ():
                needed.setdefault(module)
    if any("mpm" in identifier for identifier in layout.static_modules):
        del needed["mpm_event_module"]
    first = [name for name in _FIRST if name in needed]
    for identifier in dict.fromkeys((*first, *needed)):
        if identifier not in layout.static_modules:
            path = _elsewhere(f"mod_{identifier.removesuffix('_module')}.so", layout)
            if path is not None:
                yield identifier, path


def _elsewhere(path: str, layout: Layout) -> str | None:
    """The module of that file name in the installed httpd's own directory."""
    own = () if layout.module_directory is None else (layout.module_directory,)
    for directory in (*own, f"{layout.server_root}/modules", *_DIRECTORIES):
        candidate = Path(directory, Path(path).name)
        if candidate.is_file():
            return str(candidate)
    return None
