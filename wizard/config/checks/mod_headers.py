"""What ``Header`` and ``RequestHeader`` refuse.

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
    return _line(checker, "RequestHeader", split_words(node.args))


def _header(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if words and words[0].lower() in ("always", "onsuccess"):
        del words[0]
    return _line(checker, "Header", words)


def _line(checker: Checker, name: str, words: list[str]) -> Refusal | None:
    """The arguments behind the condition ``always`` or ``onsuccess``: action, header and more."""
    action = words[0].lower() if words else ""
    rest = words[2:]
    if len(rest) > 3:
        return Refusal(f"{name} has too many arguments")
    if action not in _ACTIONS:
        return Refusal(
            "first argument must be 'add', 'set', 'setifempty', 'append', 'merge', 'unset', "
            "'echo', 'note', 'edit', or 'edit*'."
        )
    if action.startswith("edit"):
        return _edit(checker, rest)
    if len(rest) > 2:
        return Refusal("Too many arguments to directive")
    if action in ("unset", "echo"):
        return _without_value(checker, name, action, words)
    if not rest:
        return Refusal("Header requires three arguments")
    refusal = _clause(checker, rest[1:]) or _format(checker, rest[0])
    is_note = name == "RequestHeader" and action == "note"
    if refusal is None and is_note and checker.knows("check", "RequestHeader-note-is-refused"):
        return Refusal("RequestHeader does not support the 'note' action")
    return refusal


def _without_value(checker: Checker, name: str, action: str, words: list[str]) -> Refusal | None:
    rest = words[2:]
    if len(rest) > 1:
        return Refusal(f"{'h' if action == 'unset' else 'H'}eader {action} takes two arguments")
    if action == "echo" and name != "Header":
        return Refusal("Header echo only valid on Header directives")
    if action == "echo" and refused_by_pcre("".join(words[1:2])):
        return Refusal("Header echo regex could not be compiled")
    return _clause(checker, rest)


def _edit(checker: Checker, rest: list[str]) -> Refusal | None:
    if len(rest) < 2:
        return Refusal("Header edit requires a match and a substitution")
    if refused_by_pcre(rest[0]):
        return Refusal("Header edit regex could not be compiled")
    return _clause(checker, rest[2:]) or _format(checker, rest[1])


def _clause(checker: Checker, words: list[str]) -> Refusal | None:
    if not words or words[0].lower() == "early":
        return None
    kind, value = words[0][:5].lower(), words[0][5:]
    if kind == "expr=":
        said = condition(checker, value)
        return Refusal(f"Can't parse envclause/expression: {said}") if said else None
    if not kind.startswith("env="):
        return Refusal(f"Unknown parameter: {words[0]}")
    if words[0][4:] in ("", "!"):
        return Refusal(
            "error: missing environment variable name. envclause should be in the form env=envar "
        )
    return None


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


HEADER_CHECKS: Mapping[str, Check] = {"requestheader": _request_header, "header": _header}
"""Directive of mod_headers in lower case to what its own function checks."""
