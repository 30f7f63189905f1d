"""Where a request is that a directive in a section, or a handler, proxies.

Source: httpd 2.4, modules/mappers/mod_alias.c (merge_alias_config: the virtual host's aliases come
before the main server's), server/core.c (DocumentRoot).
"""

from __future__ import annotations

from wizard.config.matching.patterns import is_glob, path_covers
from wizard.config.servers.levels import FILE_SECTIONS, ServerLevel
from wizard.config.servers.request_sections import Place
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_ALIASES = ("alias", "scriptalias")
_MOST_ALIASES = 200


def place_of(
    level: ServerLevel, main: ServerLevel | None, sections: tuple[Node, ...], path: str
) -> Place:
    """Where a request is that a directive takes.

    Args:
        level: the server that serves it.
        main: the main server, where that is another one.
        sections: that the directive stands in, outermost first.
        path: of the request that is imagined for it.
    """
    outer = sections[0] if sections else None
    words = split_words(outer.args) if outer is not None else []
    if outer is not None and words and not is_glob(words[0]) and words[0] != "~":
        if outer.key == "location":
            path = words[0]  # so that a narrower section does not count for the whole of it
        elif outer.key == "directory":
            return Place(path, words[0].rstrip("/") or "/", sections)
    return Place(path, _file(level, main, path), sections)


def _file(level: ServerLevel, main: ServerLevel | None, path: str) -> str | None:
    """What a path is mapped to; None without a DocumentRoot, and where no section asks."""
    servers = (level,) if main is None else (level, main)
    if all(FILE_SECTIONS.isdisjoint(one.by_key) for one in servers):
        return None
    for server in servers:
        for key in _ALIASES:
            for node in server.all(key)[:_MOST_ALIASES]:
                words = split_words(node.args)
                if len(words) == 2 and path_covers(words[0], path):
                    return words[1] + path[len(words[0]) :]
    for server in servers:
        root = server.last("documentroot")
        words = split_words(root.args) if root is not None else []
        if words:
            return words[0].rstrip("/") + path
    return None
