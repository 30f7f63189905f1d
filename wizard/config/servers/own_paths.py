"""The paths of which a server says something that is no route to a backend.

Source: httpd 2.4, modules/mappers/mod_alias.c (alias_matches: whole segments; Redirect alike),
modules/proxy/mod_proxy.c (alias_match), mod_rewrite.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.config.servers.levels import Section, ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.own_path import OwnPath

_BY_PATH = frozenset({"alias", "scriptalias", "redirectpermanent", "redirecttemp"})
_BY_EXPRESSION = frozenset({"aliasmatch", "scriptaliasmatch", "redirectmatch"})
_REDIRECT_STATUS = re.compile(r"permanent|temp|seeother|gone|[0-9]{3}", re.IGNORECASE)
_PROXYING = frozenset({"proxypass", "proxypassmatch"})
_KEYS = _BY_PATH | _BY_EXPRESSION | _PROXYING | {"redirect", "rewriterule"}
_ANSWERING = _PROXYING | {"redirect", "alias", "scriptalias", "sethandler"}
"""Directives with which a ``<Location>`` says who answers."""
MOST = 200
"""Paths of one server that are kept."""


def of(level: ServerLevel) -> tuple[OwnPath, ...]:
    """The paths of a server itself, without those that it inherits.

    Args:
        level: of the server.
    """
    if _KEYS.isdisjoint(level.by_key) and not level.locations:
        return ()
    found = (*_written(level), *_sections(level))
    return found[:MOST]


def _written(level: ServerLevel) -> Iterator[OwnPath]:
    for key in sorted(_KEYS & level.by_key.keys()):
        for node in level.by_key[key]:
            made = _of(node)
            if made is not None:
                yield made


def _of(node: Node) -> OwnPath | None:
    words = split_words(node.args)
    if node.key.startswith("redirect") and words and _REDIRECT_STATUS.fullmatch(words[0]):
        words.pop(0)
    if not words:
        return None
    text = f"{node.name} {node.args}"
    if node.key in _PROXYING:
        if words[1:2] != ["!"]:
            return None
        own = _segments(words[0]) if node.key == "proxypass" else words[0]
        return OwnPath(own, words[0], text, node.source, excludes=True)
    if node.key == "rewriterule":
        return OwnPath(words[0], "", text, node.source) if _answers(words) else None
    if node.key in _BY_EXPRESSION:
        return OwnPath(words[0], "", text, node.source)
    return OwnPath(_segments(words[0]), words[0], text, node.source)


def _answers(words: list[str]) -> bool:
    """Whether a rule takes the request elsewhere, and to no backend."""
    if len(words) < 2 or words[1] == "-" or words[0].startswith("!"):
        return False
    flags = words[2].strip("[]").lower().split(",") if len(words) > 2 else []
    return not {"p", "proxy"} & {one.strip() for one in flags}


def _segments(path: str) -> str:
    escaped = f"^{re.escape(path)}"
    return escaped if path.endswith("/") else f"{escaped}(?:/|$)"


def _sections(level: ServerLevel) -> Iterator[OwnPath]:
    for section in level.locations:
        made = _of_section(section)
        if made is not None:
            yield made


def _of_section(section: Section) -> OwnPath | None:
    node = section.node
    for child in node.children or ():
        excludes = child.key in _PROXYING
        proxies = child.args.strip() != "!" if excludes else "proxy:" in child.args.lower()
        if child.key not in _ANSWERING or proxies:
            continue
        words = [word for word in split_words(node.args) if word != "~"]
        text = f"<{node.name} {node.args}> {child.name} {child.args}"
        if not words:
            return None
        if section.matching != "prefix":
            own = words[0] if section.matching == "regex" else "."
            return OwnPath(own, "", text, child.source, excludes=excludes)
        expression = _segments(words[0])
        wins = child.key == "redirect"
        return OwnPath(expression, words[0], text, child.source, excludes=excludes, wins=wins)
    return None
