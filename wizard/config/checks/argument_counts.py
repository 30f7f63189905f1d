"""How many arguments a directive takes.

Source: httpd 2.4, server/config.c (invoke_cmd); each message was read from httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wizard.config.syntax.words import first_word, split_words
from wizard.reference.directives import DirectiveInfo

_ONE_PLAIN = re.compile(r"[^\s\"'\\]+\Z")
_FLAG_PLAIN = re.compile(r"(?:on|off)(?:\s|\Z)", re.IGNORECASE)

# Kind: least number of words (not empty), most words, and httpd's phrase.
_KINDS = {
    "NO_ARGS": ((0,), "takes no arguments"),
    "TAKE1": ((1,), "takes one argument"),
    "TAKE2": ((2,), "takes two arguments"),
    "TAKE12": ((1, 2), "takes 1-2 arguments"),
    "TAKE3": ((3,), "takes three arguments"),
    "TAKE23": ((2, 3), "takes two or three arguments"),
    "TAKE123": ((1, 2, 3), "takes one, two or three arguments"),
    "TAKE13": ((1, 3), "takes one or three arguments"),
}


def wrong_count(info: DirectiveInfo) -> Callable[[str], str | None] | None:
    """A check of the number of a directive's arguments.

    Args:
        info: the directive.

    Returns:
        A function of the argument text that returns httpd's message or None; None if the
        directive counts its arguments itself.
    """
    name = info.name
    usage = f", {info.message}" if info.message else ""
    if info.kind == "FLAG":
        return lambda args: None if _is_flag(args) else f"{name} must be On or Off"
    if info.kind in ("ITERATE", "ITERATE2"):
        least, number = (1, "one argument") if info.kind == "ITERATE" else (2, "two arguments")
        refusal = f"{name} requires at least {number}{usage}"
        if least == 2:
            return lambda args: None if all(first_word(args)) else refusal
        return lambda args: None if _has_one(args) else refusal
    if info.kind not in _KINDS:
        return None
    counts, phrase = _KINDS[info.kind]
    least, most = counts[0], counts[-1]

    def count(args: str) -> str | None:
        if least == 1 and _ONE_PLAIN.match(args):
            return None
        words = split_words(args)
        while least < len(words) <= most and not words[-1]:
            words.pop()  # an empty optional argument counts as none
        if len(words) in counts and all(words[:least]):
            return None
        return f"{name} {phrase}{usage if most else ''}"

    return count


def _is_flag(args: str) -> bool:
    return bool(_FLAG_PLAIN.match(args)) or (split_words(args) or [""])[0].lower() in ("on", "off")


def _has_one(args: str) -> bool:
    return bool(args) and (args[0] not in "\"'" or bool(first_word(args)[0]))
