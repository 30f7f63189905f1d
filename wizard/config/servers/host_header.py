"""ProxyPreserveHost, ProxyErrorOverride and ``RequestHeader set``: what may differ from request to
request.

Order: server, virtual host, ``<Proxy>``, ``<Location>``, ``<If>``; the main server's sections come
before the virtual host's, the last one counts (request.c, ap_location_walk; mod_proxy.c). What is
proxied by ``SetHandler`` or a rewrite rule in a section goes through ``<Directory>`` and
``<Files>`` instead of ``<Proxy>``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import NamedTuple

from wizard.config.servers.levels import (
    FILE_SECTIONS,
    PER_REQUEST_SECTIONS,
    Section,
    SectionSet,
    ServerLevel,
    by_key,
)
from wizard.config.servers.request_sections import (
    Place,
    RequestSections,
    SectionParts,
    file_sections,
)
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model import answer_rules
from wizard.model.config import Setting
from wizard.record import record
from wizard.text import is_number

_HEADER_ACTIONS = frozenset({"set", "setifempty", "add", "append", "merge", "edit", "edit*"})
_KEYS = (
    frozenset({"proxypreservehost", "proxyerroroverride", "requestheader"}) | PER_REQUEST_SECTIONS
)
_LOGIN = "proxy-authorization"
_OFF: Setting[bool] = Setting(False)
_UNSET: Setting[str | None] = Setting(None)
_NONE_REPLACED: frozenset[int] = frozenset()
"""One for all routes: each that is made takes 216 bytes."""


@record
class HostSettings:
    """The settings that decide the Host header, SNI and the name that is checked.

    Args:
        preserve_host: ProxyPreserveHost.
        header: value of ``RequestHeader set Host``; None with a source: it is unset.
        undecided: what httpd decides per request, one sentence each; the values are then those
            without such a condition.
        login: value of ``RequestHeader set Proxy-Authorization``: httpd sends it to a ProxyRemote.
        login_undecided: as ``undecided``, for the login.
        override: ProxyErrorOverride.
        codes: statuses that its lines name, which add up; empty: all errors.
    """

    preserve_host: Setting[bool] = _OFF
    header: Setting[str | None] = _UNSET
    undecided: tuple[str, ...] = ()
    login: Setting[str | None] = field(default=_UNSET, repr=False)
    login_undecided: tuple[str, ...] = ()
    override: bool = False
    codes: frozenset[int] = frozenset()

    @property
    def replaced(self) -> frozenset[int]:
        """Statuses whose answer ProxyErrorOverride drops."""
        return answer_rules.replaced(self.codes) if self.override else _NONE_REPLACED


class HostResolver:
    """The settings of every request of a configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: ServerLevel) -> None:
        self._main = main
        self._main_settings = _apply(HostSettings(), main.by_key)
        self._levels: dict[
            ServerLevel, tuple[HostSettings, SectionSet | None, SectionSet | None]
        ] = {}
        self._main_proxies = _relevant(main.proxies, paths=False)
        self._main_locations = _relevant(main.locations, paths=True)
        self._files: dict[ServerLevel, SectionParts[Node]] = {}

    def of(
        self, level: ServerLevel, url: str, path: str, place: Place | None = None
    ) -> HostSettings:
        """The settings of a request.

        Args:
            level: the server that serves it.
            url: what the request was mapped to, as ``<Proxy>`` sections see it.
            path: of the request, as ``<Location>`` sections see it.
            place: of a request that does not go through ``<Proxy>``.
        """
        settings, proxies, locations = self._level(level)
        main_proxies: SectionSet | None = self._main_proxies
        if place is not None:
            settings = self._through_files(level, place, settings)
            main_proxies = proxies = None
        for sections, text in (
            (main_proxies, url),
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

    def says(self, level: ServerLevel) -> bool:
        """Whether sections of a virtual host may change the settings of a request."""
        if self._level(level)[0].undecided != self._main_settings.undecided:
            return True
        every = (child for section in level.locations for child in section.node.walk())
        return any(
            child.key in _KEYS and (child.key != "requestheader" or _names_one(child))
            for child in every
            if child.children is None
        )

    def _through_files(
        self, level: ServerLevel, place: Place, settings: HostSettings
    ) -> HostSettings:
        if all(FILE_SECTIONS.isdisjoint(one.by_key) for one in (level, self._main)):
            return settings
        main = self._file_parts(self._main) if level is not self._main else None
        sections = RequestSections(main, self._file_parts(level))
        if not sections:
            return settings
        for stage in sections.passed(place).stages:
            for part in stage:
                settings = _apply(settings, by_key(part.value.children or ()))
        return settings

    def _file_parts(self, level: ServerLevel) -> SectionParts[Node]:
        found = self._files.get(level)
        if found is None:
            sections = () if FILE_SECTIONS.isdisjoint(level.by_key) else file_sections(level.nodes)
            found = self._files[level] = SectionParts(
                (each, each[-1]) for each in sections if _says(each[-1])
            )
        return found

    def _level(
        self, level: ServerLevel
    ) -> tuple[HostSettings, SectionSet | None, SectionSet | None]:
        if level is self._main:
            return self._main_settings, None, None
        found = self._levels.get(level)
        if found is None:
            found = self._levels[level] = (
                _apply(self._main_settings, level.by_key),
                _relevant(level.proxies, paths=False),
                _relevant(level.locations, paths=True),
            )
        return found


def _relevant(sections: Sequence[Section], *, paths: bool) -> SectionSet | None:
    chosen = [section for section in sections if _says(section.node)]
    return SectionSet(chosen, paths=paths) if chosen else None


def _says(section: Node) -> bool:
    """Whether a section says anything about the settings."""
    return any(
        node.key in _KEYS and (node.key != "requestheader" or _names_one(node))
        for node in section.children or ()
    )


def _apply(settings: HostSettings, directives: Mapping[str, list[Node]]) -> HostSettings:
    """Settings with what the directives of one level or section change.

    Args:
        settings: so far.
        directives: by name in lower case.
    """
    if _KEYS.isdisjoint(directives.keys()):
        return settings
    preserve, header, login = settings.preserve_host, settings.header, settings.login
    undecided, login_undecided = list(settings.undecided), list(settings.login_undecided)
    if "proxypreservehost" in directives:
        node = directives["proxypreservehost"][-1]
        preserve = Setting(_on(node), node.source)
    override, codes = _replaced(settings, directives)
    for node in directives.get("requestheader", ()):
        change = _change(node)
        if change is None:
            continue
        if change.name == _LOGIN:
            if change.certain:
                login = Setting(change.value, node.source)
            else:
                login_undecided.append(
                    f"RequestHeader at {node.source} changes Proxy-Authorization conditionally"
                )
        elif change.certain:
            header = Setting(change.value, node.source)
        else:
            undecided.append(f"RequestHeader at {node.source} changes Host conditionally")
    for key in PER_REQUEST_SECTIONS & directives.keys():
        for node in directives[key]:
            undecided += _conditions(node, preserve.value)
            login_undecided += _login_conditions(node)
    return HostSettings(
        preserve, header, tuple(undecided), login, tuple(login_undecided), override, codes
    )


def _replaced(
    settings: HostSettings, directives: Mapping[str, list[Node]]
) -> tuple[bool, frozenset[int]]:
    """ProxyErrorOverride: the nearest counts, the codes of all add up."""
    override, codes = settings.override, settings.codes
    for node in directives.get("proxyerroroverride", ()):
        for word in split_words(node.args):
            if word.lower() in ("on", "off"):
                override = word.lower() == "on"
            elif is_number(word):
                codes |= {int(word[:9])}
    return override, codes


def _on(node: Node) -> bool:
    arguments = split_words(node.args)
    return bool(arguments) and arguments[0].lower() == "on"


class _HeaderChange(NamedTuple):
    """What a RequestHeader line does to one of the two headers; value None: it removes it."""

    name: str
    value: str | None
    certain: bool


def _names_one(node: Node) -> bool:
    text = node.args.lower()
    return "host" in text or _LOGIN in text


def _change(node: Node) -> _HeaderChange | None:
    """The change of one of the two headers; None if the line is about another one."""
    if not _names_one(node):
        return None
    arguments = split_words(node.args)
    if arguments and arguments[-1].lower() == "early":
        arguments.pop()
    name = arguments[1].rstrip(":").lower() if len(arguments) > 1 else ""
    if name not in ("host", _LOGIN):
        return None
    action = arguments[0].lower()
    if action == "unset":
        return _HeaderChange(name, None, len(arguments) == 2)
    if action not in _HEADER_ACTIONS:
        return None
    value = arguments[2] if len(arguments) > 2 else ""
    certain = action == "set" and len(arguments) == 3 and "%{" not in value
    certain = certain and not value.startswith("expr=") and "\r" not in value
    return _HeaderChange(name, value, certain)


def _conditions(node: Node, preserved: bool) -> Iterator[str]:
    """What an ``<If>``, ``<ElseIf>`` or ``<Else>`` may change."""
    for child in node.walk():
        if child.key == "proxypreservehost" and _on(child) != preserved:
            yield f"<{node.name} {node.args}> at {node.source} changes ProxyPreserveHost"
        elif child.key == "requestheader" and _changes(child, "host"):
            yield f"<{node.name} {node.args}> at {node.source} changes the Host header"


def _login_conditions(node: Node) -> Iterator[str]:
    """What they may change of the login for a forward proxy."""
    for child in node.walk():
        if child.key == "requestheader" and _changes(child, _LOGIN):
            yield f"<{node.name} {node.args}> at {node.source} changes Proxy-Authorization"


def _changes(node: Node, name: str) -> bool:
    change = _change(node)
    return change is not None and change.name == name
