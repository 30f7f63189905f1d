"""ProxyPreserveHost and ``RequestHeader set Host``: what may differ from request to request.

Order: server, virtual host, ``<Proxy>``, ``<Location>``, ``<If>``; the main server's sections come
before the virtual host's, the last one counts (request.c, ap_location_walk; mod_proxy.c).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wizard.config.sections import PER_REQUEST_SECTIONS, Level, Section, SectionSet
from wizard.config.tree import Node
from wizard.config.words import split_words
from wizard.model.config import Setting

_HEADER_ACTIONS = frozenset({"set", "setifempty", "add", "append", "merge", "edit", "edit*"})
_KEYS = frozenset({"proxypreservehost", "requestheader"}) | PER_REQUEST_SECTIONS
_OFF: Setting[bool] = Setting(False)
_UNSET: Setting[str | None] = Setting(None)


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What decides the Host header, SNI and the name that is checked.

    Args:
        preserve_host: ProxyPreserveHost.
        header: value of ``RequestHeader set Host``; None with a source: it is unset.
        undecided: what httpd decides per request, one sentence each: then the values are those
            that count where no such condition holds.
    """

    preserve_host: Setting[bool] = _OFF
    header: Setting[str | None] = _UNSET
    undecided: tuple[str, ...] = ()


class HostResolver:
    """The settings of every request of a configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: Level) -> None:
        self._main = main
        self._main_settings = _apply(HostSettings(), main.nodes, main.by_key.keys())
        self._levels: dict[int, tuple[HostSettings, SectionSet, SectionSet]] = {}
        self._main_proxies = _relevant(main.proxies, paths=False)
        self._main_locations = _relevant(main.locations, paths=True)

    def of(self, level: Level, url: str, path: str) -> HostSettings:
        """The settings of a request.

        Args:
            level: the server that serves it.
            url: what the request was mapped to, as ``<Proxy>`` sections see it.
            path: of the request, as ``<Location>`` sections see it.
        """
        settings, proxies, locations = self._level(level)
        for sections, text in (
            (self._main_proxies, url),
            (proxies, url),
            (self._main_locations, path),
            (locations, path),
        ):
            if sections:
                for section in sections.matching(text):
                    children = section.node.children or []
                    settings = _apply(settings, children, {node.key for node in children})
        return settings

    def _level(self, level: Level) -> tuple[HostSettings, SectionSet, SectionSet]:
        if level is self._main:
            return self._main_settings, _NO_SECTIONS, _NO_SECTIONS
        found = self._levels.get(id(level))
        if found is None:
            found = self._levels[id(level)] = (
                _apply(self._main_settings, level.nodes, level.by_key.keys()),
                _relevant(level.proxies, paths=False),
                _relevant(level.locations, paths=True),
            )
        return found


_NO_SECTIONS = SectionSet((), paths=False)


def _relevant(sections: Sequence[Section], *, paths: bool) -> SectionSet:
    chosen = [s for s in sections if any(n.key in _KEYS for n in s.node.children or ())]
    return SectionSet(chosen, paths=paths) if chosen else _NO_SECTIONS


def _apply(settings: HostSettings, nodes: Iterable[Node], keys: Iterable[str]) -> HostSettings:
    if _KEYS.isdisjoint(keys):
        return settings
    preserve, header = settings.preserve_host, settings.header
    undecided = list(settings.undecided)
    for node in nodes:
        if node.key not in _KEYS:
            continue
        if node.key == "proxypreservehost":
            preserve = Setting(_on(node), node.source)
        elif node.key == "requestheader":
            change = _host_change(node)
            if change is None:
                continue
            value, certain = change
            if certain:
                header = Setting(value, node.source)
            else:
                undecided.append(f"RequestHeader at {node.source} changes Host conditionally")
        else:
            undecided += _conditions(node, preserve.value)
    return HostSettings(preserve, header, tuple(undecided))


def _on(node: Node) -> bool:
    arguments = split_words(node.args)
    return bool(arguments) and arguments[0].lower() == "on"


def _host_change(node: Node) -> tuple[str | None, bool] | None:
    """New value of Host and whether it is certain; None if the line is about another header."""
    arguments = split_words(node.args)
    if arguments and arguments[-1].lower() == "early":
        arguments.pop()
    if len(arguments) < 2 or arguments[1].rstrip(":").lower() != "host":
        return None
    action = arguments[0].lower()
    if action == "unset":
        return None, len(arguments) == 2
    if action not in _HEADER_ACTIONS:
        return None
    value = arguments[2] if len(arguments) > 2 else ""
    certain = action == "set" and len(arguments) == 3 and "%{" not in value
    certain = certain and not value.startswith("expr=")
    return value, certain


def _conditions(node: Node, preserved: bool) -> Iterator[str]:
    """What an ``<If>``, ``<ElseIf>`` or ``<Else>`` may change."""
    for child in node.walk():
        if child.key == "proxypreservehost" and _on(child) != preserved:
            yield f"<{node.name} {node.args}> at {node.source} changes ProxyPreserveHost"
        elif child.key == "requestheader" and _host_change(child) is not None:
            yield f"<{node.name} {node.args}> at {node.source} changes the Host header"
