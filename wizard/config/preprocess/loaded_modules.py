"""Modules: their identifiers (``ssl_module``) and source file names (``mod_ssl.c``)."""

from __future__ import annotations

from collections.abc import Iterable

from wizard.reference import directives
from wizard.reference.release import NEWEST, Release


class Modules:
    """The modules that are in the server at one point of reading.

    Args:
        built_in: identifiers of those compiled in.
        release: of httpd.
    """

    def __init__(self, built_in: Iterable[str], release: Release = NEWEST) -> None:
        self._release = release
        self._loaded: dict[str, None] = {}
        self._sources: set[str] = set()
        self.built_in = frozenset(built_in)
        for identifier in built_in:
            self.add(identifier)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._loaded

    def add(self, identifier: str) -> None:
        """Load one more."""
        self._loaded[identifier] = None
        self._sources.add(directives.source_name(identifier))

    def is_loaded(self, name: str) -> bool:
        """What ``<IfModule name>`` asks: identifier or source file name, case-sensitive."""
        return name in self._loaded or name in self._sources

    def knows(self, directive: str) -> bool:
        """Whether a loaded module has the directive; sections are named with their ``<``."""
        info = directives.lookup(directive)
        return (
            info is not None
            and info.section == directive.startswith("<")
            and directives.lacking(info, self._release) is None
            and any(module in self._loaded for module in info.modules)
        )

    def identifiers(self) -> tuple[str, ...]:
        """In the order of loading."""
        return tuple(self._loaded)
