"""The TLS policy in force for a request, merged as mod_ssl merges it.

A vhost's settings override the main server's one by one. ``<Proxy>`` sections do not add up: the
last matching one that has any mod_ssl directive counts alone, and what it does not set comes from
the server that it is written in. One in the main server hides the virtual host's settings.

Source: httpd 2.4, modules/ssl/ssl_engine_config.c (ssl_config_perdir_merge,
ssl_config_proxy_merge), modules/proxy/mod_proxy.c (proxy_walk); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wizard.config.servers.levels import Section, SectionSet, ServerLevel, by_key
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, split_words
from wizard.model.config import Setting, Source, TlsPolicy
from wizard.record import record
from wizard.reference.ssl_proxy_directives import SSL_PROXY_DIRECTIVES, VERIFY_MODES

_ROWS = {row.key: row for row in reversed(SSL_PROXY_DIRECTIVES)}
POLICY_KEYS = frozenset(_ROWS)
"""Directives that a TlsPolicy is made of, in lower case."""
_CHECKS = ("check_peer_name", "check_peer_cn", "check_peer_expire")


@record
class Governed:
    """A policy, and the ``<Proxy>`` section that it comes from, if any."""

    policy: TlsPolicy
    section: Source | None = None
    in_main: bool = False
    undecided: str | None = None
    """Why it is not known which section counts; None if it is."""


class Policies:
    """The policies of a configuration; equal ones are one object.

    Args:
        main: the main server.
        hosts: every virtual host, in file order.
        resolve: makes a path of the configuration absolute.
    """

    def __init__(
        self, main: ServerLevel, hosts: Sequence[ServerLevel], resolve: Callable[[str], str]
    ) -> None:
        self._main = main
        self._hosts = hosts
        self._values: dict[tuple[str, str], tuple[str, Any]] = {}
        self._resolve = resolve
        self._main_explicit = self._explicit(main.by_key)
        self._main_policy = Governed(TlsPolicy(**self._main_explicit))
        self._levels: dict[ServerLevel, Governed] = {main: self._main_policy}
        self._sections: dict[Section, Governed] = {}
        self._main_sections = _governing(main)
        self._own_sections: dict[ServerLevel, SectionSet] = {}

    def of(self, level: ServerLevel, url: str, *, late: bool = False) -> Governed:
        """The policy of a request to a server whose mapped URL is ``url``.

        Args:
            level: the server.
            url: the URL.
            late: it is mapped by ``SetHandler`` or a rewrite rule in a section, after the
                ``<Proxy>`` sections have had their turn.
        """
        if late:
            return self._level(level)
        undecided = None
        if level is not self._main and level.proxies:
            governing = self._own_sections.get(level)
            if governing is None:
                governing = self._own_sections[level] = _governing(level)
            undecided = governing.undecided
            own = governing.matching(url)
            if own:
                return self._found(self._section(own[-1], level), undecided)
        if self._main_sections:
            undecided = undecided or self._main_sections.undecided
            mains = self._main_sections.matching(url)
            if mains:
                return self._found(self._section(mains[-1], self._main), undecided)
        return self._found(self._level(level), undecided)

    def initialised(self) -> tuple[TlsPolicy, ...]:
        """Every policy that httpd initialises at start: of the servers and of their sections."""
        found = []
        for level in (self._main, *self._hosts):
            own = self._level(level)
            if level is self._main or own is not self._main_policy:
                found.append(own.policy)
            sections = [s for s in level.proxies if has_tls_directive(s)]
            found += [self._section(section, level).policy for section in sections]
        return tuple(found)

    @staticmethod
    def _found(governed: Governed, undecided: str | None) -> Governed:
        return governed if undecided is None else replace(governed, undecided=undecided)

    def _level(self, level: ServerLevel) -> Governed:
        if level is not self._main and POLICY_KEYS.isdisjoint(level.by_key):
            return self._main_policy
        found = self._levels.get(level)
        if found is None:
            explicit = self._explicit(level.by_key)
            found = Governed(TlsPolicy(**{**self._main_explicit, **explicit}))
            self._levels[level] = found
        return found

    def _section(self, section: Section, level: ServerLevel) -> Governed:
        found = self._sections.get(section)
        if found is None:
            merged = dict(self._main_explicit)
            if level is not self._main:
                merged.update(self._explicit(level.by_key))
            merged.update(self._explicit(by_key(section.directives)))
            in_main = level is self._main
            if in_main:
                self._fill_checks(merged)
            found = Governed(TlsPolicy(**merged), section.node.source, in_main)
            self._sections[section] = found
        return found

    def _fill_checks(self, merged: dict[str, Setting[Any]]) -> None:
        """In a section of the main server the last virtual host that sets a check fills it."""
        missing = [name for name in _CHECKS if name not in merged]
        for level in reversed(self._hosts):
            if not missing:
                return
            if POLICY_KEYS.isdisjoint(level.by_key):
                continue
            explicit = self._explicit(level.by_key)
            for name in [name for name in missing if name in explicit]:
                merged[name] = explicit[name]
                missing.remove(name)

    def _explicit(self, directives: Mapping[str, list[Node]]) -> dict[str, Setting[Any]]:
        """What the directives of one level set; the last of each name counts."""
        found: dict[str, Setting[Any]] = {}
        for key, nodes in directives.items():
            if key not in POLICY_KEYS:
                continue
            if key == "sslproxyciphersuite":
                for node in nodes:
                    name, value = _cipher_suite(split_words(node.args))
                    found[name] = Setting(value, node.source)
                continue
            node = nodes[-1]
            written = (key, node.args)
            if written not in self._values:
                self._values[written] = read(key, split_words(node.args), self._resolve)
            name, value = self._values[written]
            if name:
                found[name] = Setting(value, node.source)
        return found


def read(key: str, arguments: Sequence[str], resolve: Callable[[str], str]) -> tuple[str, Any]:
    """What a directive sets, as httpd reads it.

    Args:
        key: of ``POLICY_KEYS``.
        arguments: as split by httpd's rules.
        resolve: makes a path of the configuration absolute.

    Returns:
        The field of TlsPolicy and its value; an empty field if httpd refuses the line.
    """
    row = _ROWS[key]
    first = arguments[0] if arguments else ""
    value: Any
    match row.kind:
        case "flag":
            valid, value = first.lower() in ("on", "off"), first.lower() == "on"
        case "file" | "directory":
            valid, value = bool(first), resolve(first)
        case "verify":
            valid, value = first.lower() in VERIFY_MODES, VERIFY_MODES.get(first.lower())
        case "depth":
            valid, value = True, atoi(first)
        case "ciphers":
            return _cipher_suite(arguments)
        case "revocation":
            valid, value = True, " ".join(arguments).lower()
        case "protocol":
            valid, value = True, " ".join(arguments)
    return (row.field, value) if valid else ("", None)


def _cipher_suite(arguments: Sequence[str]) -> tuple[str, str]:
    """The TLS 1.3 list and the list for all other versions are two settings."""
    if len(arguments) > 1:
        field = "cipher_suite_tls13" if arguments[0].lower() == "tlsv1.3" else "cipher_suite"
        return field, arguments[1]
    return "cipher_suite", arguments[0] if arguments else ""


def has_tls_directive(section: Section) -> bool:
    """Whether any directive of mod_ssl stands in it."""
    return any(node.key.startswith("ssl") for node in section.directives)


def _governing(level: ServerLevel) -> SectionSet:
    return SectionSet([s for s in level.proxies if has_tls_directive(s)], paths=False)
