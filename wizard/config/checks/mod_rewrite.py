"""What mod_rewrite's directives refuse.

Source: httpd 2.4, modules/mappers/mod_rewrite.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from wizard.config.checks.checker import Check, Checker, Refusal, word_set
from wizard.config.checks.expressions.directives import condition
from wizard.config.matching.patterns import refused_by_pcre
from wizard.config.routing import rewrite_rules
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word, split_words

_RULE_FLAGS = word_set(
    """
    B BACKREFESCAPING BACKREFERNOPLUS BCTLS BNE BNP C CHAIN CO COOKIE E ENV END F FORBIDDEN G GONE H
    HANDLER L LAST N NEXT NC NOCASE NE NOESCAPE NS NOSUBREQ P PROXY PT PASSTHROUGH QSA QSAPPEND
    QSD QSDISCARD QSL QSLAST R REDIRECT S SKIP T TYPE UNC UNSAFEALLOW3F UNSAFEPREFIXSTAT
    """
)
_CONDITION_FLAGS = frozenset({"NC", "NOCASE", "OR", "ORNEXT", "NV", "NOVARY"})
_TEST = re.compile(r"[<>=].|-(?:[fsdxhLlUF]\Z|(?:lt|le|eq|ge|gt|ne).)", re.DOTALL)
"""What RewriteCond compares without a regular expression."""
_REDIRECTS = frozenset({"R", "REDIRECT"})
_STATUSES = frozenset(
    {*range(100, 104), *range(200, 209), 226, *range(300, 306), 307, 308, *range(400, 418)}
    | {*range(421, 425), 426, 428, 429, 431, 451, *range(500, 509), 510, 511}
)
_STATUS = re.compile(r"[0-9]{1,9}")


def _arguments(
    name: str, node: Node, wrong: Callable[[str, str], Refusal | None]
) -> list[str] | Refusal:
    """The arguments; ``wrong`` says what is wrong with a flag and its value."""
    words = rewrite_rules.arguments(node.args)
    if len(words) < 2:
        return Refusal(f"{name}: bad argument line '{node.args}'")
    if len(words) == 2:
        return words
    flags = words[2]
    if not (flags.startswith("[") and flags.endswith("]") and len(flags) >= 2):
        return Refusal(
            f"{name}: bad flag delimiters", hint="Write flags as one word: [NC,P], without blanks."
        )
    refusals = (wrong(flag, value) for flag, value in rewrite_rules.written_flags(flags))
    return next(filter(None, refusals), None) or words


def _pattern(name: str, pattern: str) -> Refusal | None:
    if refused_by_pcre(pattern):
        return Refusal(f"{name}: cannot compile regular expression '{pattern}'")
    return None


def _rule_flag(checker: Checker, flag: str, value: str) -> Refusal | None:
    key = flag.upper()
    lacking = checker.lack("RewriteRule flag", key)
    known = key in _RULE_FLAGS or key.startswith("D")  # httpd reads only the first letter of [DPI]
    if lacking is not None or not known:
        return Refusal(
            f"RewriteRule: unknown flag '{flag}'", hint=f"[{flag}] {lacking}." if lacking else ""
        )
    if key == "BNE" and not value:
        return Refusal("RewriteRule: flag 'BNE' wants a list of characters (i.e. [BNE=...])")
    status = _STATUS.match(value) if key in _REDIRECTS else None
    if status is not None and (
        int(status[0]) not in _STATUSES or checker.lack("response status", status[0])
    ):
        return Refusal(f"RewriteRule: invalid HTTP response code '{value}' for flag 'R'")
    return None


def _rewrite_rule(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = _arguments("RewriteRule", node, partial(_rule_flag, checker))
    if isinstance(words, Refusal):
        return words
    return _pattern("RewriteRule", words[0].removeprefix("!"))


def _condition_flag(flag: str, _: str) -> Refusal | None:
    if flag.upper() in _CONDITION_FLAGS:
        return None
    return Refusal(f"RewriteCond: unknown flag '{flag}'")


def _rewrite_condition(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = _arguments("RewriteCond", node, _condition_flag)
    if isinstance(words, Refusal):
        return words
    pattern = words[1].removeprefix("!")
    if words[0].lower() == "expr":
        said = condition(checker, pattern)
        return (
            Refusal(f'RewriteCond: cannot compile expression "{pattern}" {said}') if said else None
        )
    return None if _TEST.match(pattern) else _pattern("RewriteCond", pattern)


_OPTIONS = word_set(
    """
    inherit inheritbefore inheritdown inheritdownbefore ignoreinherit allownoslash allowanyuri
    mergebase ignorecontextinfo legacyprefixdocroot unsafeprefixstat
    """
)


def _options(checker: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    for word in split_words(node.args):
        lacking = checker.lack("RewriteOptions option", word)
        known = word.lower() in _OPTIONS or word.lower().startswith("maxredirects=")
        if lacking is not None or not known:
            return Refusal(
                f"RewriteOptions: unknown option '{word}'",
                hint=f"{word} {lacking}." if lacking else "",
            )
    return None


_TYPES_OF_FILES = frozenset({"txt", "rnd", "prg", "dbm"})
_QUERIES = ("dbd:", "fastdbd:")
_ENDS = {"sdbm": ".pag", "ndbm": ".db"}
"""Of the files of a DBM (apr_dbm_get_usednames), where it is more than the name itself."""
_INTERNAL_MAPS = frozenset({"tolower", "toupper", "escape", "unescape"})
_DBM_TYPES = frozenset({"default", "db", "gdbm", "ndbm", "sdbm", "lmdb"})


def _base(_: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
    if all(section.key in ("virtualhost", "limit", "limitexcept") for section in sections):
        return Refusal(
            "RewriteBase: only valid in per-directory config files",
            hint="Move the line into <Directory> or <Location>, or remove it.",
        )
    path = first_word(node.args)[0]
    if not path:
        return Refusal("RewriteBase: empty URL not allowed")
    return None if path.startswith("/") else Refusal("RewriteBase: argument is not a valid URL")


def _map(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    words = split_words(node.args)
    if len(words) < 2:
        return None
    name, target = words[:2]
    if target.lower().startswith("int:"):
        internal = target[4:]
        known = internal in _INTERNAL_MAPS
        return None if known else Refusal(f"RewriteMap: internal map not found:{internal}")
    kind, colon, _path = target.partition(":")
    if kind.lower().startswith("dbm") and not (colon and kind[3:4] in ("", "=")):
        return Refusal(f"RewriteMap: bad map:{target}")
    if colon and kind.lower().startswith("dbm=") and kind[4:].lower() not in _DBM_TYPES:
        return Refusal(f"RewriteMap: dbm type {kind[4:]} is invalid")
    if target.lower().startswith(_QUERIES):
        return _without_dbd(checker)
    full, files = _map_files(checker, target)
    if any(checker.is_there(file) for file in files):
        return None
    return Refusal(f"RewriteMap: file for map {name} not found:{full}")


def _without_dbd(checker: Checker) -> Refusal | None:
    if checker.knows_module("dbd"):
        return None
    return Refusal(
        "RewriteMap types dbd and fastdbd require mod_dbd!", "module-missing", "", ("dbd_module",)
    )


def _map_files(checker: Checker, target: str) -> tuple[str, list[str]]:
    """The path of a map as httpd names it, and those of the files that any will do of."""
    kind, colon, path = target.partition(":")
    kind = kind.lower()
    if not (colon and kind in _TYPES_OF_FILES) and not kind.startswith("dbm="):
        path = target
    if kind == "prg":
        path = next(iter(split_words(path)), path)
    full = checker.resolve(path)
    if kind == "dbm":  # how its files end depends on the library's default
        return full, [f"{full}{end}" for end in ("", *_ENDS.values())]
    return full, [f"{full}{_ENDS.get(kind.removeprefix('dbm='), '')}"]


REWRITE_CHECKS: Mapping[str, Check] = {
    "rewriterule": _rewrite_rule,
    "rewritecond": _rewrite_condition,
    "rewriteoptions": _options,
    "rewritebase": _base,
    "rewritemap": _map,
}
"""Directive of mod_rewrite in lower case to what its own function checks."""
