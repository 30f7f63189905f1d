"""Redirect at server level: it answers before a handler or a rule in a section has its turn.

ProxyPass and rewrite rules at server level come before it (mod_proxy and mod_rewrite translate
first); the virtual host's lines are tried before the main server's.

Source: httpd 2.4, modules/mappers/mod_alias.c (merge_alias_config, translate_alias_redir).
"""

from __future__ import annotations

from wizard.config.matching.patterns import path_covers
from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

REDIRECTS = frozenset({"redirect", "redirectpermanent", "redirecttemp"})
"""The directives, in lower case."""


class Redirects:
    """Of one server.

    Args:
        level: its directives.
    """

    def __init__(self, level: ServerLevel) -> None:
        self._prefixes: PrefixIndex[tuple[str, Node]] = PrefixIndex()
        for node in level.nodes:
            if node.key in REDIRECTS and node.children is None:
                path = next((w for w in split_words(node.args) if w.startswith("/")), None)
                if path is not None:
                    self._prefixes.add(path, (path, node))

    def first(self, path: str) -> Node | None:
        """The first line that takes every request below a path."""
        found = [entry for entry in self._prefixes.of(path) if path_covers(entry[1][0], path)]
        return min(found, key=lambda entry: entry[0])[1][1] if found else None


def redirects_of(level: ServerLevel) -> Redirects | None:
    """Those of a server; None: it has none."""
    return None if REDIRECTS.isdisjoint(level.by_key) else Redirects(level)
