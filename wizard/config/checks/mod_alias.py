"""What mod_alias's directives refuse.

Source: httpd 2.4, modules/mappers/mod_alias.c (add_alias, add_redirect_internal); server/util.c
(ap_is_url).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wizard.config.checks.allowed_places import FILE_SECTIONS, canonical
from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.checks.expressions.directives import string
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import atoi, split_words

_WITHOUT_PATH = frozenset({"virtualhost", "limit", "limitexcept"})
_IS_URL = re.compile(r"[A-Za-z0-9+.-]+:")
_NAMED = {"permanent": 301, "temp": 302, "seeother": 303, "gone": 410}
_NOT_COMPILED = "Regular expression could not be compiled."


def _has_path(sections: tuple[Node, ...]) -> bool:
    """Whether a line stands in a section of paths, not at the level of a server."""
    return any(section.key not in _WITHOUT_PATH for section in sections)


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400


def _status(word: str, default: int) -> tuple[int, int]:
    """The status, and how httpd takes the first word.

    1: as the status of a redirection, -1: as another status, 0: as none.
    """
    status = _NAMED.get(word.lower())
    if status is None:
        if word[:1] not in tuple("0123456789"):
            return default, 0
        status = atoi(word)
    return status, 1 if _is_redirect(status) else -1


def _redirect(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    first, second, third = ([*split_words(node.args), None, None, None])[:3]
    if first is None:
        return None
    status, taken = _status(first, 301 if node.key == "redirectpermanent" else 302)
    if third is not None and not taken:
        return Refusal("Redirect: invalid first argument (of three)")
    if _has_path(sections):
        if taken > 0 and second is not None and third is None:
            return _expression(checker, "redirect", second)
        if not taken and second is None:
            return _expression(checker, "redirect", first)
        if taken < 0 and second is None:
            return None
    if not taken:
        second, third = first, second
    if node.key == "redirectmatch" and second is not None and refused_by_pcre(second):
        return Refusal(_NOT_COMPILED)
    return _target(status, third, is_regex=node.key == "redirectmatch")


def _target(status: int, url: str | None, *, is_regex: bool) -> Refusal | None:
    if not _is_redirect(status):
        return Refusal("Redirect URL not valid for this status") if url is not None else None
    if url is None:
        return Refusal("URL to redirect to is missing")
    if is_regex or url.startswith("/") or _IS_URL.match(url):
        return None
    return Refusal("Redirect to non-URL", hint="Begin the URL with / or with http:// or https://.")


def _expression(checker: Checker, kind: str, text: str) -> Refusal | None:
    said = string(checker, text)
    return Refusal(f"Cannot parse {kind} expression '{text}': {said}") if said else None


def _alias(name: str) -> Check:
    """With two arguments it belongs to a server, with one to a section of URLs."""

    def check(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args)
        placed = _has_path(sections)
        if len(words) > 1:
            return Refusal(f"{name} cannot occur within directory context") if placed else None
        if not placed:
            return Refusal("Alias must have two arguments when used globally")
        inside = next((s for s in reversed(sections) if s.key in FILE_SECTIONS), None)
        if inside is not None:
            return Refusal(f"{name} cannot occur within <{canonical(inside)}> section")
        return _expression(checker, "alias", words[0]) if words else None

    return check


def _alias_match(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    return Refusal(_NOT_COMPILED) if words and refused_by_pcre(words[0]) else None


ALIAS_CHECKS: Mapping[str, Check] = {
    "redirect": _redirect,
    "redirectmatch": _redirect,
    "redirecttemp": _redirect,
    "redirectpermanent": _redirect,
    "alias": _alias("Alias"),
    "scriptalias": _alias("ScriptAlias"),
    "aliasmatch": _alias_match,
    "scriptaliasmatch": _alias_match,
}
"""Directive of mod_alias in lower case to what its own function checks."""
