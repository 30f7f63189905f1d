"""The directives of some names that count for a request, in the order in which httpd merges them.

Main server, virtual host, ``<Proxy>`` (or ``<Directory>`` and ``<Files>``, for what is proxied by a
handler), ``<Location>``; of each kind the main server's sections first. What an ``<If>`` says is
not decided here.

Source: httpd 2.4, server/request.c (ap_process_request_internal), server/config.c
(ap_merge_per_dir_configs), modules/proxy/mod_proxy.c (proxy_map_location).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from wizard.config.servers.levels import (
    FILE_SECTIONS,
    PER_REQUEST_SECTIONS,
    Section,
    SectionSet,
    ServerLevel,
)
from wizard.config.servers.request_sections import (
    Place,
    RequestSections,
    SectionParts,
    file_sections,
)
from wizard.config.syntax.tree import Node
from wizard.masking import lines as masking
from wizard.record import record


class Said(NamedTuple):
    """A directive and the section that it stands in: a virtual host's own level is its section,
    the main server's None."""

    node: Node
    section: Node | None


@record
class Counting:
    """What counts for a request.

    Args:
        said: in the order of merging.
        undecided: which ``<If>`` may change it, one sentence each.
    """

    said: tuple[Said, ...] = ()
    undecided: tuple[str, ...] = ()


NONE = Counting()
_Level = tuple[tuple[Said, ...], tuple[str, ...], SectionSet | None, SectionSet | None]


class RequestDirectives:
    """The directives of some names in one configuration.

    Args:
        main: the main server.
        keys: the names, in lower case; among them, of sections that are wanted whole.
    """

    def __init__(self, main: ServerLevel, keys: frozenset[str]) -> None:
        self._main = main
        self._keys = keys
        self._levels: dict[ServerLevel, _Level] = {}
        self._files: dict[ServerLevel, SectionParts[Node]] = {}
        self._made: dict[tuple[object, ...], Counting] = {}

    def of(self, level: ServerLevel, url: str, path: str, place: Place | None = None) -> Counting:
        """What counts for a request; equal answers are one object.

        Args:
            level: the server that serves it.
            url: what the request was mapped to, as ``<Proxy>`` sections see it.
            path: of the request, as ``<Location>`` sections see it.
            place: of a request that does not go through ``<Proxy>``.
        """
        servers = [self._main] if level is self._main else [self._main, level]
        found = [self._level(one) for one in servers]
        sections: list[Node] = []
        unknown: list[str] = []
        if place is None:
            sections += _matching((proxies for _, _, proxies, _ in found), url, unknown)
        else:
            sections += self._through_files(level, place)
        sections += _matching((locations for _, _, _, locations in found), path, unknown)
        key = (level, *sections)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._counting(found, sections, unknown)
        return made

    def _counting(
        self, found: Sequence[_Level], sections: Iterable[Node], unknown: Iterable[str]
    ) -> Counting:
        said = [one for own, _, _, _ in found for one in own]
        undecided = [text for _, texts, _, _ in found for text in texts]
        for section in sections:
            own, texts = self._directly(section.children or (), section)
            said += own
            undecided += texts
        undecided += unknown
        return Counting(tuple(said), tuple(undecided)) if said or undecided else NONE

    def _level(self, level: ServerLevel) -> _Level:
        made = self._levels.get(level)
        if made is None:
            own, texts = (
                self._directly(level.nodes, level.node)
                if self._speaks(level.by_key.keys())
                else ([], [])
            )
            made = self._levels[level] = (
                tuple(own),
                tuple(texts),
                self._set(level.proxies, paths=False),
                self._set(level.locations, paths=True),
            )
        return made

    def _speaks(self, keys: Iterable[str]) -> bool:
        return not (self._keys | PER_REQUEST_SECTIONS).isdisjoint(keys)

    def _set(self, sections: Sequence[Section], *, paths: bool) -> SectionSet | None:
        chosen = [s for s in sections if self._speaks(n.key for n in s.node.children or ())]
        return SectionSet(chosen, paths=paths) if chosen else None

    def _directly(
        self, nodes: Iterable[Node], section: Node | None
    ) -> tuple[list[Said], list[str]]:
        said: list[Said] = []
        undecided: list[str] = []
        for node in nodes:
            if node.key in self._keys:
                said.append(Said(node, section))
            elif node.children is not None and node.key in PER_REQUEST_SECTIONS:
                inner = next((one for one in node.walk() if one.key in self._keys), None)
                if inner is not None:
                    opening = f"<{node.name} {node.args}>" if node.args else f"<{node.name}>"
                    undecided.append(f"{opening} at {node.source} decides on {inner.name}")
        return said, undecided

    def _through_files(self, level: ServerLevel, place: Place) -> Iterator[Node]:
        if all(FILE_SECTIONS.isdisjoint(one.by_key) for one in (level, self._main)):
            return
        main = self._parts(self._main) if level is not self._main else None
        sections = RequestSections(main, self._parts(level))
        if sections:
            for stage in sections.passed(place).stages:
                yield from (part.value for part in stage)

    def _parts(self, level: ServerLevel) -> SectionParts[Node]:
        parts = self._files.get(level)
        if parts is None:
            sections = () if FILE_SECTIONS.isdisjoint(level.by_key) else file_sections(level.nodes)
            parts = self._files[level] = SectionParts(
                (each, each[-1])
                for each in sections
                if self._speaks(node.key for node in each[-1].children or ())
            )
        return parts


def _matching(sets: Iterable[SectionSet | None], text: str, unknown: list[str]) -> Iterator[Node]:
    for sections in sets:
        if sections is not None:
            yield from (section.node for section in sections.matching(text))
            if sections.undecided is not None:
                unknown.append(sections.undecided)


def shown(node: Node) -> str:
    """A line as it is written, without the secrets that it may hold."""
    (text,) = masking.configuration([f"{node.name} {node.args}".strip()])
    return text
