"""A whole configuration: read, its routes resolved, its faults named."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Mapping

from wizard.config.hostnames import unresolvable
from wizard.config.layout import Layout, locate
from wizard.config.problems import problems
from wizard.config.reader import read
from wizard.config.resolve import Builder
from wizard.config.tree import Tree
from wizard.model.config import Configuration, HttpdInfo


def load(
    path: str | None,
    defines: tuple[str, ...],
    host: str | None,
    overlay: Mapping[str, bytes] | None,
) -> Configuration:
    """See `wizard.config.load`."""
    layout = locate(path)
    contents = {os.path.realpath(name): data for name, data in (overlay or {}).items()}
    with _no_collection():
        tree = read(layout, defines, overlay=contents)
        return configuration(tree, layout, host, frozenset(contents))


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles meanwhile: a big site makes a million objects, and all are kept."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def configuration(
    tree: Tree,
    layout: Layout,
    host: str | None = None,
    created: frozenset[str] = frozenset(),
) -> Configuration:
    """Resolve a tree that is already read.

    Args:
        tree: from `wizard.config.reader`.
        layout: that it was read with.
        host: Host header of the imagined client; None: each virtual host's own name.
        created: real paths that count as existing, besides those on disk.
    """
    builder = Builder(tree, layout, host, unresolvable)
    routes = tuple(builder.routes())
    return Configuration(
        root=layout.main_file,
        server_root=tree.server_root,
        layout=layout.kind,
        httpd=HttpdInfo(layout.version, layout.binary, tree.modules),
        virtual_hosts=(builder.hosts.main, *builder.hosts.virtual),
        routes=routes,
        problems=tree.problems + builder.hosts.problems + problems(tree, layout, created),
        files=tree.files,
        partial=layout.partial,
        policies=builder.policies(),
    )
