"""Which of the servers that run read given files, whatever configuration they were started with."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from wizard.config.installation import identity, processes
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import locate
from wizard.config.installation.processes import RunningHttpd
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Tree
from wizard.config.syntax.words import split_words
from wizard.errors import ConfigError
from wizard.httpd import running
from wizard.model.scope import HttpdChoice
from wizard.record import record


@record
class Readers:
    """The servers that run, as they stand to some files.

    Args:
        mains: main file of each that reads one of them, by its number.
        unknown: numbers of those of which it is not known.
    """

    mains: Mapping[int, str]
    unknown: tuple[int, ...]


def reading(paths: Sequence[str], choice: HttpdChoice, beside: Collection[int] = ()) -> Readers:
    """Look which servers read files.

    Args:
        paths: real paths of the files.
        choice: whether programs may be asked; which one is meant is said of another configuration.
        beside: numbers of servers that are not meant.
    """
    mains: dict[int, str] = {}
    unknown: list[int] = []
    for server in processes.look():
        if server.pid in beside:
            continue
        try:
            main = _main_file(server)
            tree = _tree(server, main, choice)
            if any(file.real_path in paths for file in tree.files.values()) or any(
                _is_included(path, server, main) for path in paths
            ):
                mains[server.pid] = main
        except ConfigError:
            if processes.runs(server):
                unknown.append(server.pid)
    return Readers(mains, tuple(unknown))


def others(
    known: Collection[str], overlay: Mapping[str, bytes], choice: HttpdChoice
) -> Iterator[Tree]:
    """The configurations of the servers that run, as far as they can be read.

    Args:
        known: main files of those that are not meant.
        overlay: contents of files, by real path, in place of those on disk.
        choice: as for ``reading``.
    """
    for server in processes.look():
        with contextlib.suppress(ConfigError):
            main = _main_file(server)
            if main not in known:
                yield _tree(server, main, choice, overlay)


def _main_file(server: RunningHttpd) -> str:
    """The main file of a server.

    Raises:
        ConfigError: it is not known, or not to be read: anybody may start an httpd with any.
    """
    main = identity.main_file(server) if server.trusted else None
    if main is None or not processes.sees(server, main):
        raise ConfigError("not known")
    return main


def _tree(
    server: RunningHttpd, main: str, choice: HttpdChoice, overlay: Mapping[str, bytes] | None = None
) -> Tree:
    layout = locate(main, httpd=HttpdChoice(ask=choice.ask))
    return reader.read(layout, running.defines(server), overlay=overlay)


def _is_included(path: str, server: RunningHttpd, main: str) -> bool:
    """Whether the command line includes a file (``-C``, ``-c``)."""
    root = processes.options(server.arguments)[0] or os.path.dirname(main)  # noqa: PTH120
    for text in processes.directives(server.arguments):
        name, *words = split_words(text)
        for word in words if name.lower() in ("include", "includeoptional") else ():
            pattern = merge_path(root, word).rstrip("/")
            if fnmatchcase(path, pattern) or path.startswith(f"{pattern}/"):
                return True
    return False
