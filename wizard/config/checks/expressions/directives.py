"""What directives say of the expressions in them."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.checks.expressions.grammar import refused
from wizard.config.checks.expressions.names import Names
from wizard.config.checks.kinds.authorization import require
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words


def condition(checker: Checker, text: str) -> str | None:
    """What httpd says of a condition that it does not take; None: it takes it."""
    return refused(text, Names(checker).look_up)


def string(checker: Checker, text: str) -> str | None:
    """What httpd says of a string with variables that it does not take; None: it takes it."""
    if "%{" not in text and "\\" not in text and "\n" not in text:
        return None
    return refused(text, Names(checker).look_up, string=True)


def _section(name: str) -> Check:
    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args)
        if not words:
            return Refusal(f"<{name}> directive requires additional arguments")
        said = condition(checker, words[0])
        return Refusal(f"Cannot parse condition clause: {said}") if said is not None else None

    return check


def _set_env_if(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if not words:
        return Refusal("Missing expression for SetEnvIfExpr")
    said = condition(checker, words[0])
    if said is not None:
        return Refusal(f'Could not parse expression "{words[0]}": {said}')
    return Refusal("Missing envariable expression for SetEnvIfExpr") if len(words) < 2 else None


def _require(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    return _required_expression(checker, node) or require(checker, node, sections)


def _required_expression(checker: Checker, node: Node) -> Refusal | None:
    word, rest = first_word(node.args)
    if word.lower() == "not":
        word, rest = first_word(rest)
    if word.lower() != "expr" or not checker.knows_module("authz_core"):
        return None
    text = rest.strip()
    if text[:1] in ("'", '"') and len(split_words(text)) == 1:
        text = split_words(text)[0]
    said = condition(checker, text)
    return Refusal(f"Cannot parse expression in require line: {said}") if said else None


def _handler(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    text = first_word(node.args)[0]
    said = string(checker, text) if "%{" in text else None
    return Refusal(f"Can't parse expression : {said}") if said else None


def _error_document(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    said = string(checker, words[1]) if len(words) == 2 else None
    return Refusal(f"Cannot parse expression in ErrorDocument: {said}") if said else None


EXPRESSION_CHECKS: Mapping[str, Check] = {
    "<if": _section("If"),
    "<elseif": _section("ElseIf"),
    "setenvifexpr": _set_env_if,
    "require": _require,
    "sethandler": _handler,
    "errordocument": _error_document,
}
"""Directive in lower case (a section with its ``<``) to what is said of its expression."""
