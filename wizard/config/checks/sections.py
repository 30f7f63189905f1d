"""What the tags of sections refuse, and when: httpd looks at the lines inside in between.

Source: httpd 2.4, server/core.c (urlsection, dirsection, filesection, ifsection), mod_authz_core.c
(add_authz_section); the order was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_WITH_PATTERN = ("locationmatch", "directorymatch", "filesmatch")
_NAMES = {
    "location": "Location",
    "locationmatch": "LocationMatch",
    "directory": "Directory",
    "directorymatch": "DirectoryMatch",
    "files": "Files",
    "filesmatch": "FilesMatch",
    "if": "If",
    "elseif": "ElseIf",
    "requireall": "RequireAll",
    "requireany": "RequireAny",
    "requirenone": "RequireNone",
}


def _words(node: Node) -> list[str]:
    """The words of a tag without the ``~`` before a pattern."""
    words = split_words(node.args)
    tilde = words[:1] == ["~"] and node.key not in _WITH_PATTERN
    return words[1:] if tilde else words


def _pattern(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """Before the lines inside: one path, or ``~`` and a regular expression."""
    if not node.args:
        return Refusal(f"<{_NAMES[node.key]}> directive requires additional arguments")
    words = _words(node)
    is_regex = node.key in _WITH_PATTERN or split_words(node.args)[:1] == ["~"]
    if is_regex and words and refused_by_pcre(words[0]):
        return Refusal("Regex could not be compiled")
    return None


def _one(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    """After the lines inside."""
    if len(_words(node)) <= 1:
        return None
    return Refusal(f"Multiple <{_NAMES[node.key]}> arguments not (yet) supported.")


def _one_condition(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    refusal = _follows(checker, node, sections) if node.key == "elseif" else None
    if refusal is not None or len(split_words(node.args)) <= 1:
        return refusal
    return Refusal(f"Multiple <{_NAMES[node.key]}> arguments not supported.")


def _without_arguments(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    return Refusal("<Else> does not take an argument") if node.args else None


def _follows(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if checker.follows_if(node, sections):
        return None
    return Refusal(
        "<Else> or <ElseIf> section without previous <If> or <ElseIf> section in same scope"
    )


def _requirements(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if not node.args:
        return None
    return Refusal(f"<{_NAMES[node.key]}> directive doesn't take additional arguments")


def _no_requirements(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if node.children:
        return None
    return Refusal(f"<{_NAMES[node.key]}> directive contains no authorization directives")


def _limit(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not words:
        name = "Limit" if node.key == "limit" else "LimitExcept"
        return Refusal(f"<{name}> directive requires additional arguments")
    if node.key == "limit" and "TRACE" in words:
        return Refusal("TRACE cannot be controlled by <Limit>, see TraceEnable")
    return None


_PATTERNS = ("location", "directory", "files", *_WITH_PATTERN)
_REQUIREMENTS = ("requireall", "requireany", "requirenone")

SECTION_CHECKS: Mapping[str, Check] = {
    **{f"<{name}": _pattern for name in _PATTERNS},
    **{f"<{name}": _requirements for name in _REQUIREMENTS},
    "<else": _without_arguments,
    "<limit": _limit,
    "<limitexcept": _limit,
}
"""Section to what httpd checks before the lines inside."""

LATE_SECTION_CHECKS: Mapping[str, Check] = {
    **{f"<{name}": _one for name in _PATTERNS},
    **{f"<{name}": _no_requirements for name in _REQUIREMENTS},
    "<if": _one_condition,
    "<elseif": _one_condition,
    "<else": _follows,
}
"""Section to what httpd checks after them."""
