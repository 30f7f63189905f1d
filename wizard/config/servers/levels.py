"""The server levels of a configuration: the main server and each ``<VirtualHost>``.

A level keeps its own directives by name and its ``<Proxy>`` and ``<Location>`` sections, in file
order. Nothing is inherited here: the caller merges two levels, because httpd's modules do not all
merge alike (https://httpd.apache.org/docs/2.4/sections.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from wizard.config.matching.patterns import (
    Regex,
    compile_glob,
    compile_regex,
    is_glob,
    location_covers,
)
from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.syntax import words
from wizard.config.syntax.tree import Node

Matching = Literal["prefix", "glob", "regex"]

LOCATION_SECTIONS = frozenset({"location", "locationmatch"})
PROXY_SECTIONS = frozenset({"proxy", "proxymatch"})
FILE_SECTIONS = frozenset({"directory", "directorymatch", "files", "filesmatch"})
PER_REQUEST_SECTIONS = frozenset({"if", "elseif", "else"})


@dataclass(slots=True, eq=False)
class Section:
    """A ``<Proxy>`` or ``<Location>`` section (or its ``…Match`` form).

    Args:
        node: the section.
        matching: how ``pattern`` is compared.
        pattern: URL, path, glob or regular expression.
        words: arguments after the pattern.
    """

    node: Node
    matching: Matching
    pattern: str
    words: tuple[str, ...] = ()

    @property
    def directives(self) -> Iterator[Node]:
        """The directives that stand directly in it."""
        return (node for node in self.node.children or () if node.children is None)

    def last(self, key: str) -> Node | None:
        """The last directive of that name directly in it."""
        found = None
        for node in self.directives:
            if node.key == key:
                found = node
        return found


class SectionSet:
    """Sections of one server, to be looked up by the text that they match.

    Args:
        sections: in file order.
        paths: they are ``<Location>`` (compared at segment boundaries), not ``<Proxy>``.
    """

    def __init__(self, sections: Sequence[Section], *, paths: bool) -> None:
        self._paths = paths
        self._prefixes: PrefixIndex[Section] = PrefixIndex()
        self._patterns: list[tuple[int, Section]] = []
        for order, section in enumerate(sections):
            if section.matching == "prefix":
                self._prefixes.add(section.pattern, section, order)
            else:
                self._patterns.append((order, section))

    def __bool__(self) -> bool:
        return bool(self._prefixes or self._patterns)

    def matching(self, text: str) -> list[Section]:
        """The sections that match a URL or path, in file order.

        A pattern that Python cannot read matches nothing; see ``undecided``.
        """
        found = [
            entry
            for entry in self._prefixes.of(text)
            if not self._paths or location_covers(entry[1].pattern, text)
        ]
        for entry in self._patterns:
            pattern = self._compiled(entry[1])
            if pattern is not None and pattern.search(text):
                found.append(entry)
        found.sort(key=lambda entry: entry[0])
        return [section for _, section in found]

    @property
    def undecided(self) -> str | None:
        """Why it is not known what one of them matches; None if it is."""
        for _, section in self._patterns:
            if self._compiled(section) is None:
                node = section.node
                return (
                    f"only httpd can say what the pattern of <{node.name} {node.args}> at "
                    f"{node.source} matches"
                )
        return None

    def _compiled(self, section: Section) -> Regex | None:
        if section.matching == "regex":
            return compile_regex(section.pattern)
        return compile_glob(section.pattern, crosses_slash=not self._paths)


def by_key(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """Directives and sections by name in lower case, each list in file order."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        key = node.key
        if key in found:
            found[key].append(node)
        else:
            found[key] = [node]
    return found


class ServerLevel:
    """One server: the main server or a virtual host.

    Args:
        node: the ``<VirtualHost>``; None for the main server.
        nodes: its directives and sections, in file order.
        number: its place in the order of reading; 0 for the main server.
    """

    def __init__(self, node: Node | None, nodes: list[Node], number: int = 0) -> None:
        self.node = node
        self.number = number
        self.nodes = nodes
        self.by_key = by_key(nodes)
        self.proxies = self._sections(PROXY_SECTIONS, proxy_section)
        """``<Proxy>`` and ``<ProxyMatch>`` sections, in file order."""
        self.locations = self._sections(LOCATION_SECTIONS, location_section)
        """``<Location>`` and ``<LocationMatch>`` sections, in file order."""

    def _sections(self, keys: frozenset[str], read: Callable[[Node], Section]) -> list[Section]:
        if keys.isdisjoint(self.by_key):
            return []
        return [read(node) for node in self.nodes if node.key in keys and node.children is not None]

    def last(self, key: str) -> Node | None:
        """The last directive of that name, which for most directives is the one in force."""
        found = self.by_key.get(key)
        return found[-1] if found else None

    def all(self, key: str) -> list[Node]:
        """Every directive of that name, in file order."""
        return self.by_key.get(key, [])


def levels(nodes: Iterable[Node]) -> tuple[ServerLevel, list[ServerLevel]]:
    """Sort a tree into the main server and its virtual hosts.

    Args:
        nodes: the top level of the tree.

    Returns:
        The main server's level and one level per ``<VirtualHost>``, in file order.
    """
    main: list[Node] = []
    hosts: list[ServerLevel] = []
    for node in nodes:
        if node.key == "virtualhost" and node.children is not None:
            hosts.append(ServerLevel(node, node.children, len(hosts) + 1))
        else:
            main.append(node)
    return ServerLevel(None, main), hosts


def proxy_section(node: Node) -> Section:
    """Read the opening tag of ``<Proxy>``: prefix, or glob if it has ``*``, ``?`` or ``[``.

    ``<Proxy *>`` means every URL: an empty prefix (mod_proxy.c, proxysection).
    """
    arguments = words.split_words(node.args)
    if node.key == "proxymatch":
        return _section(node, "regex", arguments)
    if arguments[:1] == ["~"]:
        return _section(node, "regex", arguments[1:])
    if arguments[:1] == ["*"]:
        return Section(node, "prefix", "", tuple(arguments[1:]))
    return _section(node, "glob" if is_glob("".join(arguments[:1])) else "prefix", arguments)


def location_section(node: Node) -> Section:
    """Read the opening tag of ``<Location>`` (core.c, urlsection)."""
    arguments = words.split_words(node.args)
    if node.key == "locationmatch":
        return _section(node, "regex", arguments)
    if arguments[:1] == ["~"]:
        return _section(node, "regex", arguments[1:])
    return _section(node, "glob" if is_glob("".join(arguments[:1])) else "prefix", arguments)


def _section(node: Node, matching: Matching, arguments: list[str]) -> Section:
    return Section(node, matching, arguments[0] if arguments else "", tuple(arguments[1:]))
