"""Patterns as httpd compares them: path prefixes, globs and regular expressions.

httpd uses PCRE; Python's ``re`` reads nearly all of what configurations hold alike. What it cannot
read is reported as such (None), never guessed. Regular expressions come from the configuration
and are matched against short texts made here, and the length of both is bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LONGEST_PATTERN = 2000
_META = re.compile(r"[.^$*+?{}\[\]\\|()]")
_NESTED_QUANTIFIER = re.compile(r"\([^()]*[*+}][^()]*\)[*+{]")
_POSIX_CLASSES = {
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "a-zA-Z0-9",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9A-Fa-f",
}


@lru_cache(maxsize=4096)
def compile_regex(pattern: str, ignore_case: bool = False) -> re.Pattern[str] | None:
    """A PCRE pattern as Python's; None if ``re`` cannot read it or it could run away.

    A group with a quantifier inside and outside (``(a+)+``) may take exponential time; no
    pattern of a hostile configuration is worth that.
    """
    if len(pattern) > _LONGEST_PATTERN or _NESTED_QUANTIFIER.search(pattern):
        return None
    for name, members in _POSIX_CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def refused_by_pcre(pattern: str) -> bool:
    """Whether httpd surely cannot compile a regular expression.

    Only what Python and PCRE both call an error counts: brackets that do not close, and a
    quantifier with nothing before it.
    """
    if len(pattern) > _LONGEST_PATTERN or not _META.search(pattern):
        return False
    for name, members in _POSIX_CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        re.compile(pattern)
    except re.error as error:
        return error.msg.startswith(_COMMON_ERRORS)
    except (OverflowError, RecursionError):
        return False
    return False


_COMMON_ERRORS = (
    "missing ), unterminated subpattern",
    "unterminated character set",
    "unbalanced parenthesis",
    "nothing to repeat",
    "bad escape (end of pattern)",
    "min repeat greater than max repeat",
    "bad character range",
)


@lru_cache(maxsize=4096)
def compile_glob(pattern: str, crosses_slash: bool = True) -> re.Pattern[str] | None:
    """A glob as ``apr_fnmatch`` reads it.

    Args:
        pattern: with ``*``, ``?``, ``[…]`` and backslash escapes.
        crosses_slash: whether ``*`` and ``?`` match ``/`` (``<Proxy>``), or not (``<Location>``).
    """
    if len(pattern) > _LONGEST_PATTERN:
        return None
    any_character = "." if crosses_slash else "[^/]"
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            if not pieces or pieces[-1] != any_character + "*":
                pieces.append(any_character + "*")
        elif char == "?":
            pieces.append(any_character)
        elif char == "[":
            end = pattern.find("]", position + 1)
            if end < 0:
                pieces.append(re.escape(char))
                continue
            members = pattern[position:end].replace("\\", "\\\\").replace("[", "\\[")
            if members.startswith(("!", "^")):
                members = "^" + members[1:]
            pieces.append(f"[{members}]")
            position = end + 1
        elif char == "\\" and position < len(pattern):
            pieces.append(re.escape(pattern[position]))
            position += 1
        else:
            pieces.append(re.escape(char))
    try:
        return re.compile("".join(pieces) + r"\Z", re.DOTALL)
    except re.error:
        return None


def path_covers(prefix: str, path: str) -> bool:
    """Whether the path prefix of a ProxyPass takes this path (mod_proxy.c, alias_match).

    A prefix matches at segment boundaries: ``/a`` takes ``/a`` and ``/a/x`` but not ``/ab``;
    ``/a/`` does not take ``/a``.
    """
    if not prefix.startswith("/") or not path.startswith(prefix):
        return False
    return prefix.endswith("/") or len(path) == len(prefix) or path[len(prefix)] == "/"


def location_covers(prefix: str, path: str) -> bool:
    """Whether ``<Location PREFIX>`` takes this path (request.c, ap_location_walk)."""
    return path_covers(prefix, path) or prefix == path


def literal_prefix(pattern: str) -> str:
    """The text that every match of an anchored regular expression begins with.

    Without ``^`` it is only where a match begins. Escaped characters count as themselves; a
    character under ``?``, ``*`` or ``{`` does not count.
    """
    text = []
    position = 1 if pattern.startswith("^") else 0
    if _top_level_alternation(pattern):
        return ""
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern) and not pattern[position + 1].isalnum():
            char = pattern[position + 1]
            step = 2
        elif _META.match(char):
            break
        else:
            step = 1
        if pattern[position + step : position + step + 1] in ("?", "*", "{"):
            break
        text.append(char)
        position += step
    return "".join(text)


def _top_level_alternation(pattern: str) -> bool:
    depth = 0
    escaped = False
    for char in pattern:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            return True
    return False
