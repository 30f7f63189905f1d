"""The sections that a request goes through, in the order in which httpd merges them.

``<Directory>`` (the shortest first, patterns last), ``<Files>``, ``<Location>``, ``<If>``; in each
kind the main server's come before the virtual host's, in file order. A request that mod_proxy took
by its path (ProxyPass, a rewrite rule at server level) goes through ``<Proxy>`` in the place of
``<Directory>`` and ``<Files>``; one that is proxied later (``SetHandler``, a rule in a section)
does not.

Source: httpd 2.4, server/request.c (ap_process_request_internal, ap_directory_walk, ap_file_walk,
ap_location_walk, ap_if_walk), server/core.c (ap_core_reorder_directories, merge_core_dir_configs),
modules/proxy/mod_proxy.c (proxy_map_location).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from wizard.config.matching.patterns import (
    Regex,
    compile_glob,
    compile_regex,
    is_glob,
    location_covers,
)
from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.servers.levels import LOCATION_SECTIONS, PER_REQUEST_SECTIONS
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.record import record

T = TypeVar("T")

_DIRECTORIES = frozenset({"directory", "directorymatch"})
_FILES = frozenset({"files", "filesmatch"})
_TRANSPARENT = frozenset({"limit", "limitexcept"})
"""What stands in them counts for the section around."""
_MOST_PATTERNS = 200
"""Sections with a pattern that a request is compared with; of more, the first of the file."""
_MOST_ALIKE = 50
"""Sections of one path that are looked at for one request: the last, which have the say."""
_MOST_IFS = 20
"""``<If>`` sections that are looked at for one request."""
_LAST_DIRECTORY = 1 << 30


@record
class Place:
    """Where a request is.

    Args:
        path: of its URL.
        file: what the path is mapped to; None: it is not known, but surely below ``/``.
        sections: that it surely is in, outermost first.
    """

    path: str
    file: str | None = None
    sections: tuple[Node, ...] = ()


@dataclass(slots=True, eq=False)
class Part(Generic[T]):
    """What one section says.

    Args:
        sections: it and those around it, outermost first.
        value: what it says.
        stage: in which it is merged: 0 Directory, 1 Files, 2 Location, 3 If.
        depth: its place within the stage, before the order of the file.
        number: its place in the file.
    """

    sections: tuple[Node, ...]
    value: T
    stage: int
    depth: int
    number: int


@record
class Passed(Generic[T]):
    """What the sections of one request say.

    Args:
        stages: those that surely count, by the four stages, in the order of merging.
        perhaps: those that count where an ``<If>`` holds.
    """

    stages: tuple[tuple[Part[T], ...], ...]
    perhaps: tuple[Part[T], ...] = ()


class SectionParts(Generic[T]):
    """What the sections of one server say about one subject.

    Args:
        said: each section, those around it included and outermost first, and what it says.
    """

    def __init__(self, said: Iterable[tuple[tuple[Node, ...], T]] = ()) -> None:
        self._inside: dict[Node, list[Part[T]]] = {}
        self._locations: _Outer[T] = _Outer()
        self._directories: _Outer[T] = _Outer()
        self._loose: list[Part[T]] = []
        self._count = 0
        for sections, value in said:
            self._add(tuple(n for n in sections if n.key not in _TRANSPARENT), value)

    def __bool__(self) -> bool:
        return self._count > 0

    def _add(self, sections: tuple[Node, ...], value: T) -> None:
        keys = {node.key for node in sections}
        outer = sections[0]
        depth = 0
        stage = 2
        if keys & PER_REQUEST_SECTIONS:
            stage = 3
        elif keys & _FILES:
            stage = 1
        elif outer.key in _DIRECTORIES:
            stage, depth = 0, _depth(outer)
        part = Part(sections, value, stage, depth, self._count)
        self._count += 1
        self._inside.setdefault(sections[-1], []).append(part)
        if outer.key in LOCATION_SECTIONS:
            self._locations.add(outer, part)
        elif outer.key in _DIRECTORIES:
            self._directories.add(outer, part)
        else:
            self._loose.append(part)

    def of(self, place: Place) -> Iterator[tuple[Part[T], bool]]:
        """The parts that count for a request, and whether they surely do."""
        known = set(place.sections)
        found: dict[Part[T], bool] = {}
        for node in place.sections:
            for part in self._inside.get(node, ()):
                found[part] = True
        for part in self._locations.of(place.path):
            found.setdefault(part, _surely(part, place, known))
        for part in self._directories.of(place.file or "/"):
            found.setdefault(part, _surely(part, place, known))
        for part in self._loose[:_MOST_PATTERNS]:
            found.setdefault(part, _surely(part, place, known))
        for part, surely in found.items():
            if surely or (part.stage == 3 and _in_files(part, place, known)):
                yield part, surely


class RequestSections(Generic[T]):
    """What the sections of a server and of the main server say about one subject.

    Args:
        main: of the main server; None: it is the server itself.
        own: of the server.
    """

    def __init__(self, main: SectionParts[T] | None, own: SectionParts[T]) -> None:
        self._levels = [own] if main is None else [main, own]

    def __bool__(self) -> bool:
        return any(self._levels)

    def passed(self, place: Place) -> Passed[T]:
        """What the sections of a request say, in the order in which httpd merges them."""
        stages: list[list[tuple[int, int, int, Part[T]]]] = [[], [], [], []]
        perhaps: list[Part[T]] = []
        for rank, level in enumerate(self._levels):
            for part, surely in level.of(place) if level else ():
                if surely:
                    stages[part.stage].append((part.depth, rank, part.number, part))
                else:
                    perhaps.append(part)
        for stage in stages:
            stage.sort(key=lambda entry: entry[:3])
        return Passed(
            tuple(tuple(entry[3] for entry in stage) for stage in stages),
            tuple(perhaps[:_MOST_IFS]),
        )


def file_sections(nodes: Iterable[Node]) -> Iterator[tuple[Node, ...]]:
    """The ``<Directory>`` and ``<Files>`` sections of a server, each with those around it."""
    for node in nodes:
        if node.key in _DIRECTORIES | _FILES and node.children is not None:
            yield (node,)
            for inner in node.children:
                if inner.key in _FILES and inner.children is not None:
                    yield node, inner


@dataclass(slots=True)
class _Outer(Generic[T]):
    """The outermost sections of one kind, to be looked up by a path."""

    prefixes: PrefixIndex[tuple[str, list[Part[T]]]] = field(default_factory=PrefixIndex)
    same: dict[str, list[Part[T]]] = field(default_factory=dict)
    """The sections of each path."""
    patterns: list[tuple[Node, Part[T]]] = field(default_factory=list)

    def add(self, node: Node, part: Part[T]) -> None:
        words = split_words(node.args)
        path = words[0] if words else ""
        if node.key in _DIRECTORIES:
            path = path.rstrip("/") or "/"
        if node.key.endswith("match") or path == "~" or is_glob(path):
            self.patterns.append((node, part))
        else:
            known = self.same.get(path)
            if known is None:
                known = self.same[path] = []
                self.prefixes.add(path, (path, known))
            known.append(part)

    def of(self, path: str) -> Iterator[Part[T]]:
        for _, (prefix, parts) in self.prefixes.of(path):
            if location_covers(prefix, path):
                yield from parts[-_MOST_ALIKE:]
        for node, part in self.patterns[:_MOST_PATTERNS]:
            if _matches(node, path):
                yield part


def _matches(node: Node, path: str) -> bool:
    """Whether a section with a pattern takes a path; a ``<Directory>`` also takes what is below."""
    words = split_words(node.args)
    if node.key.endswith("match") or words[:1] == ["~"]:
        regex: Regex | None = compile_regex(words[-1]) if words else None
        return regex is not None and regex.search(path) is not None
    glob = compile_glob(words[0].rstrip("/") or "/", crosses_slash=False)
    if glob is None or node.key not in _DIRECTORIES:
        glob = compile_glob(words[0], crosses_slash=False)
        return glob is not None and glob.search(path) is not None
    parts = path.split("/")
    wanted = words[0].rstrip("/").count("/") + 1
    return glob.search("/".join(parts[:wanted])) is not None


def _surely(part: Part[T], place: Place, known: set[Node]) -> bool:
    if part.stage == 3 and not all(
        node in known for node in part.sections if node.key in PER_REQUEST_SECTIONS
    ):
        return False
    return _in_files(part, place, known)


def _in_files(part: Part[T], place: Place, known: set[Node]) -> bool:
    """Whether a request is in the ``<Files>`` of a part, where there is one."""
    name = (place.file or place.path).rpartition("/")[2]
    return all(
        node in known or _names_file(node, name) for node in part.sections if node.key in _FILES
    )


def _names_file(node: Node, name: str) -> bool:
    words = split_words(node.args)
    if not words:
        return False
    if node.key == "filesmatch" or words[0] == "~":
        regex = compile_regex(words[-1])
        return regex is not None and regex.search(name) is not None
    glob = compile_glob(words[0])
    return glob is not None and glob.search(name) is not None


def _depth(node: Node) -> int:
    words = split_words(node.args)
    if node.key == "directorymatch" or words[:1] == ["~"] or not words:
        return _LAST_DIRECTORY
    return words[0].rstrip("/").count("/")
