"""Which directive takes every request of another away.

Only certain cases count: a line that takes some of the requests does not shadow.
"""

from __future__ import annotations

from functools import lru_cache

from wizard.config.matching.patterns import literal_prefix, path_covers
from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.routing.proxy_pass import PathMapping
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.syntax.tree import Node

_ALL_BELOW = frozenset({"", ".*", "(.*)", ".*$", "(.*)$", "(.*?)", "(.*?)$", "(?:.*)", "(?:.*)$"})
_Taker = tuple[int, Node]
"""A directive that takes requests, with its place in the order."""
_AT_BOUNDARY = frozenset({"(/.*)?$", "(?:/.*)?$", "(/|$)", "(?:/|$)", "(/.*|$)", "($|/.*)"})


@lru_cache(maxsize=4096)
def _covered(pattern: str) -> tuple[str, bool] | None:
    """What a regular expression surely matches: all that begins with a text, and whether only at
    segment boundaries."""
    if pattern in _ALL_BELOW or pattern in ("^", "/", "^/"):
        return "/", False
    if not pattern.startswith("^"):
        return None
    literal = literal_prefix(pattern)
    rest = pattern[1:].replace("\\", "")
    if not literal or not rest.startswith(literal):
        return None
    tail = rest[len(literal) :]
    if tail in _ALL_BELOW:
        return literal, False
    return (literal, True) if tail in _AT_BOUNDARY else None


@lru_cache(maxsize=4096)
def _begins(pattern: str) -> str:
    """The text that every path a regular expression matches begins with."""
    if not pattern.startswith("^"):
        return "/"
    literal = literal_prefix(pattern)
    return literal if literal.startswith("/") else "/"


class Shadowing:
    """Directives that take requests, in the order in which httpd tries them."""

    def __init__(self) -> None:
        self._boundary: PrefixIndex[tuple[str, list[_Taker]]] = PrefixIndex()
        self._below: PrefixIndex[tuple[str, list[_Taker]]] = PrefixIndex()
        self._takers: dict[tuple[str, bool], list[_Taker]] = {}
        self._same: dict[str, tuple[int, Node]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add_mapping(self, mapping: PathMapping) -> int:
        """Add a ProxyPass; returns its place in the order."""
        if mapping.dead is not None:
            self._count += 1
            return self._count - 1
        return self._add(mapping.path, mapping.regex, mapping.node)

    def add_rule(self, rule: RewriteRule) -> int:
        """Add a rewrite rule; one with conditions takes nothing for certain."""
        if rule.unconditional and rule.ends and not rule.ignores_case:
            return self._add(rule.pattern, True, rule.node)
        self._count += 1
        return self._count - 1

    def _add(self, path: str, regex: bool, node: Node) -> int:
        order = self._count
        self._count += 1
        if not regex:
            self._take(path, (order, node), at_boundary=True)
            return order
        self._same.setdefault(path, (order, node))
        covered = _covered(path)
        if covered is not None:
            self._take(covered[0], (order, node), at_boundary=covered[1])
        return order

    def _take(self, prefix: str, taker: _Taker, *, at_boundary: bool) -> None:
        """Of those that take the same, only the first and the last are ever asked for."""
        takers = self._takers.get((prefix, at_boundary))
        if takers is not None:
            takers[1:] = [taker]
            return
        takers = self._takers[prefix, at_boundary] = [taker]
        (self._boundary if at_boundary else self._below).add(prefix, (prefix, takers))

    def first(self, path: str, regex: bool, before: int | None = None) -> Node | None:
        """The first directive that takes every request of a path; None if none surely does.

        Args:
            path: prefix or regular expression.
            regex: which of the two.
            before: only those before that place in the order.
        """
        found = self._all(path, regex)
        if before is not None:
            found = [entry for entry in found if entry[0] < before]
        return min(found, key=lambda entry: entry[0])[1] if found else None

    def last(self, path: str, regex: bool, after: int) -> Node | None:
        """The last directive after a place in the order that takes every request of a path."""
        found = [entry for entry in self._all(path, regex) if entry[0] > after]
        return max(found, key=lambda entry: entry[0])[1] if found else None

    def _all(self, path: str, regex: bool) -> list[tuple[int, Node]]:
        if not self._count:
            return []
        begin = _begins(path) if regex else path
        if not begin.startswith("/"):
            return []
        found = [taker for _, (_, takers) in self._below.of(begin) for taker in takers]
        for _, (prefix, takers) in self._boundary.of(begin):
            if _within(prefix, begin) if regex else path_covers(prefix, begin):
                found += takers
        if regex and path in self._same:
            found.append(self._same[path])
        return found


def _within(prefix: str, begin: str) -> bool:
    """Whether a prefix matches every path that begins with a text."""
    return prefix.endswith("/") or begin[len(prefix) : len(prefix) + 1] == "/"
