"""ProxyPreserveHost and ``RequestHeader set Host``: what may differ from request to request.

Order: server, virtual host, ``<Proxy>``, ``<Location>``, ``<If>``; the main server's sections come
before the virtual host's, the last one counts (request.c, ap_location_walk; mod_proxy.c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from wizard.config.sections import PER_REQUEST_SECTIONS, Level, Section, SectionSet, by_key
from wizard.config.tree import Node
from wizard.config.words import split_words
from wizard.model.config import Setting
from wizard.model.record import record

_HEADER_ACTIONS = frozenset({"set", "setifempty", "add", "append", "merge", "edit", "edit*"})
_KEYS = frozenset({"proxypreservehost", "requestheader"}) | PER_REQUEST_SECTIONS
_OFF: Setting[bool] = Setting(False)
_UNSET: Setting[str | None] = Setting(None)


@record
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
        self._main_settings = _apply(HostSettings(), main.by_key)
        self._levels: dict[int, tuple[HostSettings, SectionSet | None, SectionSet | None]] = {}
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
            if sections is not None:
                for section in sections.matching(text):
                    settings = _apply(settings, by_key(section.node.children or ()))
                if sections.undecided is not None:
                    undecided = (*settings.undecided, sections.undecided)
                    settings = replace(settings, undecided=undecided)
        return settings

    def _level(self, level: Level) -> tuple[HostSettings, SectionSet | None, SectionSet | None]:
        if level is self._main:
            return self._main_settings, None, None
        found = self._levels.get(id(level))
        if found is None:
            found = self._levels[id(level)] = (
                _apply(self._main_settings, level.by_key),
                _relevant(level.proxies, paths=False),
                _relevant(level.locations, paths=True),
            )
        return found


def _relevant(sections: Sequence[Section], *, paths: bool) -> SectionSet | None:
    chosen = []
    for section in sections:
        for node in section.node.children or ():
            if node.key in _KEYS and (node.key != "requestheader" or "host" in node.args.lower()):
                chosen.append(section)
                break
    return SectionSet(chosen, paths=paths) if chosen else None


def _apply(settings: HostSettings, directives: Mapping[str, list[Node]]) -> HostSettings:
    """Settings with what the directives of one level or section change.

    Args:
        settings: so far.
        directives: by name in lower case.
    """
    if _KEYS.isdisjoint(directives.keys()):
        return settings
    preserve, header = settings.preserve_host, settings.header
    undecided = list(settings.undecided)
    if "proxypreservehost" in directives:
        node = directives["proxypreservehost"][-1]
        preserve = Setting(_on(node), node.source)
    for node in directives.get("requestheader", ()):
        change = _host_change(node)
        if change is not None and change[1]:
            header = Setting(change[0], node.source)
        elif change is not None:
            undecided.append(f"RequestHeader at {node.source} changes Host conditionally")
    for key in PER_REQUEST_SECTIONS & directives.keys():
        for node in directives[key]:
            undecided += _conditions(node, preserve.value)
    return HostSettings(preserve, header, tuple(undecided))


def _on(node: Node) -> bool:
    arguments = split_words(node.args)
    return bool(arguments) and arguments[0].lower() == "on"


def _host_change(node: Node) -> tuple[str | None, bool] | None:
    """New value of Host and whether it is certain; None if the line is about another header."""
    if "host" not in node.args.lower():
        return None
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
