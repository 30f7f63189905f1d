"""What mod_rewrite's directives refuse.

Source: httpd 2.4, modules/mappers/mod_rewrite.c.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config import rewrite
from wizard.config.checks import Check, Checker, Refusal, words_of
from wizard.config.paths import exists
from wizard.config.patterns import refused_by_pcre
from wizard.config.tree import Node
from wizard.config.words import split_words

_RULE_FLAGS = words_of(
    """
    B BACKREFNOPLUS BCTLS BNE BNP C CHAIN CO COOKIE DPI DISCARDPATH E ENV END F FORBIDDEN G GONE H
    HANDLER L LAST N NEXT NC NOCASE NE NOESCAPE NS NOSUBREQ P PROXY PT PASSTHROUGH QSA QSAPPEND
    QSD QSDISCARD QSL QSLAST R REDIRECT S SKIP T TYPE UNSAFEALLOW3F UNSAFEPREFIXSTAT UNC
    UNSAFEPREFIXSTATUNC
    """
)
_CONDITION_FLAGS = frozenset({"NC", "NOCASE", "OR", "ORNEXT", "NV", "NOVARY"})


def _bad_flags(name: str, text: str, known: frozenset[str]) -> Refusal | None:
    if not (text.startswith("[") and text.endswith("]") and len(text) >= 2):
        return Refusal(
            f"{name}: bad flag delimiters",
            hint="Write flags as one word: [NC,P], without blanks.",
        )
    for flag in rewrite.written_flags(text):
        if flag.upper() not in known:
            return Refusal(f"{name}: unknown flag '{flag}'")
    return None


def _rewrite_rule(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = rewrite.arguments(node.args)
    if len(words) < 2:
        return Refusal(f"RewriteRule: bad argument line '{node.args}'")
    if len(words) > 2 and (wrong := _bad_flags("RewriteRule", words[2], _RULE_FLAGS)):
        return wrong
    pattern = words[0].removeprefix("!")
    if refused_by_pcre(pattern):
        return Refusal(f"RewriteRule: cannot compile regular expression '{pattern}'")
    return None


def _rewrite_condition(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = rewrite.arguments(node.args)
    if len(words) < 2:
        return Refusal(f"RewriteCond: bad argument line '{node.args}'")
    if len(words) > 2 and (wrong := _bad_flags("RewriteCond", words[2], _CONDITION_FLAGS)):
        return wrong
    pattern = words[1].removeprefix("!")
    if words[0].lower() == "expr" or pattern.startswith(("-", "=", "<", ">")):
        return None
    if refused_by_pcre(pattern):
        return Refusal(f"RewriteCond: cannot compile regular expression '{pattern}'")
    return None


_OPTIONS = words_of(
    """
    inherit inheritbefore inheritdown inheritdownbefore ignoreinherit allownoslash allowanyuri
    mergebase ignorecontextinfo legacyprefixdocroot unsafeallow3f unsafeprefixstat
    """
)


def _options(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        if word.lower() not in _OPTIONS and not word.lower().startswith("maxredirects="):
            return Refusal(f"RewriteOptions: unknown option '{word}'")
    return None


_MAPS_OF_TEXT = ("txt:", "rnd:", "prg:")
_OTHER_MAPS = ("int:", "dbm:", "dbm=", "dbd:", "fastdbd:", "nocase:", "unc:")


def _map(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) < 2:
        return None
    name, target = words[:2]
    if target.lower().startswith(_OTHER_MAPS):
        return None
    path = target[4:] if target.lower().startswith(_MAPS_OF_TEXT) else target
    full = checker.resolve(path)
    if checker.state(full) != "missing" or exists(full):
        return None
    return Refusal(f"RewriteMap: file for map {name} not found:{full}")


REWRITE_CHECKS: Mapping[str, Check] = {
    "rewriterule": _rewrite_rule,
    "rewritecond": _rewrite_condition,
    "rewriteoptions": _options,
    "rewritemap": _map,
}
"""Directive of mod_rewrite in lower case to what its own function checks."""
