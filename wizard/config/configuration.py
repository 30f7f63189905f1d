"""A whole configuration: read, its routes resolved, its faults named."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wizard.config.checks import front_files, startup, startup_files
from wizard.config.checks.checker import Checker
from wizard.config.checks.walk import problems
from wizard.config.installation import fips, program, service
from wizard.config.installation.filesystem import read_file
from wizard.config.installation.layout import Layout, locate
from wizard.config.matching.patterns import reading_as
from wizard.config.preprocess.reader import read
from wizard.config.routing import htaccess, refused_lines
from wizard.config.routing.routes import RouteBuilder
from wizard.config.servers.served_places import served_places
from wizard.config.servers.vhost_name_lookup import look_up
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import first_word
from wizard.errors import ConfigError
from wizard.model.config import Configuration, Problem, Route
from wizard.model.imagined import NOBODY, Imagined
from wizard.model.scope import HttpdChoice

AtReload = Callable[[Layout, Tree], Sequence[Problem] | None]
"""What ends the server that runs with a configuration when it reads it again, beyond what no start
survives; None: no server is known to run with it."""


def load(
    path: str | None,
    defines: tuple[str, ...],
    host: str | None,
    overlay: Mapping[str, bytes] | None,
    seen: Callable[[Route], None] | None = None,
    httpd: HttpdChoice | None = None,
    at_reload: AtReload | None = None,
    imagined: Imagined = NOBODY,
) -> Configuration:
    """See `wizard.config.load`."""
    layout = locate(path, httpd=httpd)
    contents = {os.path.realpath(name): data for name, data in (overlay or {}).items()}

    def pcre() -> tuple[int, int] | None:
        asked = program.ask(layout.binary) if layout.binary is not None else None
        return asked.pcre if asked is not None else None

    with _no_collection(), _saying_binary(), reading_as(pcre):
        tree = read(layout, defines, overlay=contents)
        if not layout.partial and _loads_nothing(tree, layout):
            layout = replace(layout, kind="file", partial=True)
            tree = read(layout, defines, overlay=contents)
        return configuration(tree, layout, host, frozenset(contents), seen, at_reload, imagined)


def _loads_nothing(tree: Tree, layout: Layout) -> bool:
    """Whether a file that sets up ports loads no module: then it is only a part of a configuration,
    like upstream's extra/httpd-ssl.conf, since httpd needs an MPM."""
    return frozenset(tree.modules) == frozenset(layout.static_modules) and not any(
        name.startswith("mpm_") for name in tree.modules
    )


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Without garbage collection: a big site makes a million objects, and all of them stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _saying_binary() -> Iterator[None]:
    """For a binary file, say that it is one, instead of what httpd says of its first line."""
    try:
        yield
    except ConfigError as error:
        if error.line and _is_binary(error.file):
            message = "this is a binary file, not a configuration."
            raise ConfigError(message, file=error.file) from error
        raise


def _is_binary(path: str) -> bool:
    """Whether a file has a NUL near its beginning, as no text does."""
    try:
        return b"\0" in read_file(path)[:1024]
    except ConfigError:  # it has gone
        return False


def configuration(
    tree: Tree,
    layout: Layout,
    host: str | None = None,
    created: frozenset[str] = frozenset(),
    seen: Callable[[Route], None] | None = None,
    at_reload: AtReload | None = None,
    imagined: Imagined = NOBODY,
) -> Configuration:
    """Resolve a tree that has been read.

    Args:
        tree: from `wizard.config.preprocess.reader`.
        layout: that it was read with.
        host: Host header of the imagined client; None: each virtual host's own name.
        created: real paths that count as existing, besides those on disk.
        seen: called with each route as it is found.
        at_reload, imagined: see `wizard.config.load`.
    """
    fatal = None
    if at_reload is not None and not layout.partial and layout.copy_of is None:
        fatal = at_reload(layout, tree)
    builder = RouteBuilder(tree, layout, host, look_up, imagined)
    routes = tuple(builder.routes() if seen is None else _shown(builder.routes(), seen))
    faults = tuple(_faults(tree, layout, builder, created, running=fatal is not None))
    if not routes and any(fault.phase == "config" for fault in (*tree.problems, *faults)):
        there = builder.main, builder.levels, builder.hosts
        routes = tuple(refused_lines.routes(*there, builder.policy))
    main = (builder.hosts.main,) if _is_shown(builder, routes) else ()
    return Configuration(
        root=layout.main_file,
        server_root=tree.server_root,
        layout=layout.kind,
        httpd=replace(
            layout.httpd(tree.modules),
            service=replace(
                service.of(layout),
                user=_word(builder.main.last("user")),
                group=_word(builder.main.last("group")),
            ),
        ),
        virtual_hosts=(*main, *builder.hosts.virtual),
        routes=routes,
        asked=builder.asked,
        problems=(
            *tree.problems,
            *builder.hosts.problems,
            *_per_request(builder, layout),
            *faults,
            *(fatal or ()),
        ),
        files=tree.files,
        partial=layout.partial,
        served=served_places(tree),
        listed=tree.listed,
        policies=builder.policies(),
        running=fatal is not None,
    )


def _per_request(builder: RouteBuilder, layout: Layout) -> Iterable[Problem]:
    """What proxies in files that httpd reads per request; elsewhere they are other files."""
    if layout.partial or layout.copy_of is not None:
        return ()
    return htaccess.warnings(builder.main, builder.levels, builder.resolve)


def _word(node: Node | None) -> str | None:
    return first_word(node.args)[0] if node is not None else None


def _shown(routes: Iterable[Route], seen: Callable[[Route], None]) -> Iterator[Route]:
    for route in routes:
        seen(route)
        yield route


def _is_shown(builder: RouteBuilder, routes: tuple[Route, ...]) -> bool:
    """Whether the main server counts as a host: it proxies, or there is no other."""
    return not builder.levels or any(route.vhost is builder.hosts.main for route in routes)


def _faults(
    tree: Tree, layout: Layout, builder: RouteBuilder, created: frozenset[str], *, running: bool
) -> Iterator[Problem]:
    """What httpd refuses, in its own order."""
    checker = Checker(tree, layout, created, layout.release, running=running)
    if not layout.partial:
        yield from startup_files.objects(checker)
        yield from startup.without_mpm(
            layout.main_file, tree.modules, known=layout.binary is not None
        )
    yield from problems(tree, layout, created)
    if not layout.partial:
        yield from startup_files.problems(checker, builder.main, builder.levels)
        yield from front_files.problems(checker, layout, builder.main, builder.levels)
        yield from startup.problems(
            layout.main_file,
            tree.modules,
            builder.main,
            builder.levels,
            builder.balancers,
            fips_provider=fips.may_have_provider(layout),
            running=running,
        )
