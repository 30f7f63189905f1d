"""The paths of which a server says something that is no route to a backend.

Source: httpd 2.4, modules/mappers/mod_alias.c (alias_matches: whole segments; Redirect alike),
modules/proxy/mod_proxy.c (ap_proxy_trans_match: a plain prefix), mod_rewrite.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_BY_PATH = frozenset({"alias", "scriptalias", "redirectpermanent", "redirecttemp"})
_BY_EXPRESSION = frozenset({"aliasmatch", "scriptaliasmatch", "redirectmatch"})
_REDIRECT_STATUS = re.compile(r"permanent|temp|seeother|gone|[0-9]{3}", re.IGNORECASE)
_KEYS = _BY_PATH | _BY_EXPRESSION | {"redirect", "proxypass", "rewriterule"}
_ANSWERING = frozenset({"sethandler", "redirect", "alias", "scriptalias"})
"""Directives with which a ``<Location>`` answers itself."""
MOST = 200
"""Expressions of one server that are kept."""


def of(level: ServerLevel) -> tuple[str, ...]:
    """Expressions, each to be searched for in a path.

    Args:
        level: of the server.
    """
    if _KEYS.isdisjoint(level.by_key) and not level.locations:
        return ()
    found = (*_written(level), *_sections(level))
    return found[:MOST]


def _written(level: ServerLevel) -> Iterator[str]:
    for key in _KEYS & level.by_key.keys():
        for node in level.by_key[key]:
            made = _expression(node)
            if made:
                yield made


def _expression(node: Node) -> str:
    words = split_words(node.args)
    if node.key.startswith("redirect") and words and _REDIRECT_STATUS.fullmatch(words[0]):
        words.pop(0)
    if not words:
        return ""
    if node.key == "proxypass":
        return f"^{re.escape(words[0])}" if words[1:2] == ["!"] else ""
    if node.key == "rewriterule":
        return _of_rule(words)
    return words[0] if node.key in _BY_EXPRESSION else _segments(words[0])


def _of_rule(words: list[str]) -> str:
    """A rule that takes the request elsewhere; of one that goes to a backend, nothing."""
    if len(words) < 2 or words[1] == "-" or words[0].startswith("!"):
        return ""
    flags = words[2].strip("[]").lower().split(",") if len(words) > 2 else []
    return "" if {"p", "proxy"} & {one.strip() for one in flags} else words[0]


def _segments(path: str) -> str:
    escaped = f"^{re.escape(path)}"
    return escaped if path.endswith("/") else f"{escaped}(?:/|$)"


def _sections(level: ServerLevel) -> Iterator[str]:
    for section in level.locations:
        for child in section.node.children or ():
            handler = child.key == "sethandler" and "proxy:" not in child.args.lower()
            if handler or child.key in _ANSWERING - {"sethandler"}:
                words = [word for word in split_words(section.node.args) if word != "~"]
                by_expression = section.node.key == "locationmatch" or "~" in section.node.args
                if words:
                    yield words[0] if by_expression else f"^{re.escape(words[0])}"
                break
