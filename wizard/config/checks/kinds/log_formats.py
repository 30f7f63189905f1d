"""Formats of logs.

Source: httpd 2.4, modules/loggers/mod_log_config.c (parse_log_item), server/core.c
(parse_errorlog_string); each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import re

from wizard.config.checks.checker import Checker, word_set
from wizard.config.checks.expressions.directives import condition
from wizard.config.checks.kinds.kind import has_module, only_httpds_own

_OWN = frozenset("aAbBCDefhHiIklLmnopPqrRstTuUvVX") - {"I"}
_OF_MODULES = {"logio_module": frozenset("IOS"), "ssl_module": frozenset("cx")}
_LONG = {"log_config_module": word_set("^ti ^to"), "logio_module": word_set("^FB")}
_PREFIX = re.compile(r"(?:[!<>,0-9]|\{[^}]*+\}?)*+")
_CUT_SHORT = "Ran off end of LogFormat parsing args to some directive"


def access_log(checker: Checker, text: str) -> str | None:
    """A format of the access log, or the name of one: a word without ``%`` passes.

    The names of formats that modules of others add are not known: with one of them, every letter
    passes.
    """
    sure = only_httpds_own(checker)
    at = text.find("%")
    while at >= 0:
        at += 1
        if text.startswith("%", at):
            at = text.find("%", at + 1)
            continue
        prefix = _PREFIX.match(text, at)
        at = prefix.end() if prefix is not None else at
        if at >= len(text):
            return _CUT_SHORT
        known = _length(checker, text, at)
        if not known and sure:
            return f"Unrecognized LogFormat directive %{text[at]}"
        at = text.find("%", at + (known or 1))
    return None


def _length(checker: Checker, text: str, at: int) -> int:
    """Of the name of a format at a place; 0: httpd knows none there."""
    if text[at] in _OWN:
        return 1
    for module, letters in _OF_MODULES.items():
        if text[at] in letters and has_module(checker, module):
            return 1
    for module, names in _LONG.items():
        if text[at : at + 3] in names and has_module(checker, module):
            return 3
    return 0


def custom_log(checker: Checker, words: list[str]) -> str | None:
    """Format and condition of ``CustomLog`` and ``GlobalLog``."""
    clause = words[2] if len(words) > 2 else None
    if clause is not None:
        key, equals, rest = clause.partition("=")
        if key.lower() == "env" and equals:
            if rest in ("", "!"):
                return "missing environment variable name"
        elif key.lower() == "expr" and equals:
            if not rest:
                return "missing condition"
            if (said := condition(checker, rest)) is not None:
                return said
        else:
            return "error in condition clause"
    return access_log(checker, words[1]) if len(words) > 1 else None
