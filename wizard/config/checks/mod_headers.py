"""What ``RequestHeader`` refuses.

Source: httpd 2.4, modules/metadata/mod_headers.c (header_inout_cmd, parse_format_string).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal, word_set
from wizard.config.checks.expressions.directives import condition, string
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

_ACTIONS = word_set("add set setifempty append merge unset echo note edit edit*")
_TAG = re.compile(r"%(?:\{[^}]*\})?(.?)", re.DOTALL)


def _request_header(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    action = words[0].lower() if words else ""
    rest = words[2:]
    if len(words) > 5:
        return Refusal("RequestHeader has too many arguments")
    early = bool(rest) and rest[-1].lower() == "early"
    if len(words) > 4 and not action.startswith("edit") and not early:
        return Refusal("Too many arguments to directive")
    if action not in _ACTIONS:
        return Refusal(
            "first argument must be 'add', 'set', 'setifempty', 'append', 'merge', 'unset', "
            "'echo', 'note', 'edit', or 'edit*'."
        )
    if early:
        rest = rest[:-1]
    if action == "echo":
        return Refusal("Header echo only valid on Header directives")
    if action == "note" and checker.knows("check", "RequestHeader-note-is-refused"):
        return Refusal("RequestHeader does not support the 'note' action")
    if action.startswith("edit"):
        return _edit(checker, rest)
    if action == "unset":
        return _clause(checker, rest)
    if not rest:
        return Refusal("Header requires three arguments")
    return _clause(checker, rest[1:]) or _format(checker, rest[0])


def _edit(checker: Checker, rest: list[str]) -> Refusal | None:
    if len(rest) < 2:
        return Refusal("Header edit requires a match and a substitution")
    if refused_by_pcre(rest[0]):
        return Refusal("Header edit regex could not be compiled")
    return _clause(checker, rest[2:])


def _clause(checker: Checker, words: list[str]) -> Refusal | None:
    if not words or words[0].lower().startswith("env="):
        return None
    if words[0].lower().startswith("expr="):
        said = condition(checker, words[0][5:])
        return Refusal(f"Can't parse envclause/expression: {said}") if said else None
    return Refusal(f"Unknown parameter: {words[0]}")


def _format(checker: Checker, value: str) -> Refusal | None:
    if value.startswith("expr="):
        said = string(checker, value[5:])
        return Refusal(f"Can't parse value expression : {said}") if said else None
    position = 0
    last = value.rfind("}")
    while (position := value.find("%", position)) >= 0:
        if position == len(value) - 1:
            return None
        match = _TAG.match(value, position)
        tag = match[1] if match else ""
        if value[position + 1 : position + 2] == "{" and last < position:
            tag = ""
        if tag not in tuple("%tDebils"):
            return Refusal(f"Unrecognized header format %{tag}")
        position = match.end() if match else position + 1
    return None


def _header(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    """The expressions of ``Header``."""
    words = split_words(node.args)
    if words[:1] and words[0].lower() in ("always", "onsuccess"):
        del words[0]
    action = words[0].lower() if words else ""
    rest = words[2:]
    if action == "unset":
        return _expression_clause(checker, rest)
    if action.startswith("edit"):
        return _expression_clause(checker, rest[2:])
    if action in ("add", "append", "merge", "set", "setifempty") and rest:
        value = _format(checker, rest[0]) if rest[0].startswith("expr=") else None
        return _expression_clause(checker, rest[1:]) or value
    return None


def _expression_clause(checker: Checker, words: list[str]) -> Refusal | None:
    return _clause(checker, words) if words and words[0].lower().startswith("expr=") else None


HEADER_CHECKS: Mapping[str, Check] = {"requestheader": _request_header, "header": _header}
"""Directive of mod_headers in lower case to what its own function checks."""
