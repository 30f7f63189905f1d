"""Patterns as httpd compares them: path prefixes, globs and regular expressions.

httpd uses PCRE; Python's ``re`` reads nearly all patterns of configurations the same way. One that
it cannot read gives None, never a guess. Regular expressions come from the configuration and are
matched against short texts made here; the length of both is bounded.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from math import factorial

_LONGEST_PATTERN = 2000
_META = re.compile(r"[.^$*+?{}\[\]\\|()]")
_BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=|\\[gk]")
_DISPUTED = re.compile(r"\{[ \t]*,[\d, \t]*\}|\{(?=[^}]*\d)[\d,]*[ \t][\d, \t]*\}")
"""``{,2}`` and ``{1, 2}``: quantifiers since PCRE2 10.43, text before; for Python those that begin
with a comma are quantifiers, even ``{,}``. Not every httpd says which PCRE2 it loads."""
_PARTS = re.compile(
    r"\\.|\[\^?\]?(?:\[:[a-z^]+:\]|\\.|[^\]\\])*\]"
    r"|(?P<brace>\{[ \t]*(?P<least>\d*)[ \t]*(?:(?P<comma>,)[ \t]*(?P<most>\d*)[ \t]*)?\})",
    re.DOTALL,
)
"""An escaped character, a set, or a brace that may be a quantifier."""
_NAMED = re.compile(
    r"\\.|\[\^?\]?(?:\[:[a-z^]+:\]|\\.|[^\]\\])*\]"
    r"|\(\?(?:<(?P<angled>[A-Za-z_]\w*)>|'(?P<quoted>[A-Za-z_]\w*)')",
    re.DOTALL,
)
"""An escaped character, a set, or the beginning of a named group as Perl writes it (pcre2pattern:
``(?<name>`` and ``(?'name'``; Python knows ``(?P<name>`` alone)."""
_LENIENT = (10, 43)
"""The PCRE2 from which on blanks and a missing minimum are allowed (its ChangeLog, 10.43)."""
Pcre = Callable[[], tuple[int, int] | None]
_PCRE: ContextVar[Pcre] = ContextVar("pcre", default=lambda: None)
_MOST_STEPS = 10_000_000
"""Steps of backtracking, roughly, that a pattern may take on one text."""
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


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, without the warning that sets (``[[x]``) may change their meaning.

    Raises:
        re.error, OverflowError, RecursionError: as ``re.compile``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern, flags)


class Regex:
    """A compiled pattern that is only tried where that is quick.

    Args:
        pattern: as Python compiled it.
        quantifiers: how many of its parts may match any length.
    """

    __slots__ = ("_pattern", "_quantifiers")

    def __init__(self, pattern: re.Pattern[str], quantifiers: int) -> None:
        self._pattern = pattern
        self._quantifiers = quantifiers

    def search(self, text: str) -> re.Match[str] | None:
        """The first match; None too where backtracking could take long."""
        parts = min(self._quantifiers, 20)
        if len(text) ** parts // factorial(parts) > _MOST_STEPS:
            return None
        return self._pattern.search(text)


@contextmanager
def reading_as(pcre: Pcre) -> Iterator[None]:
    """Read patterns as a release of PCRE does.

    Args:
        pcre: gives major and minor version, or None where it is not known; asked only where a
            pattern depends on it.
    """
    token = _PCRE.set(pcre)
    try:
        yield
    finally:
        _PCRE.reset(token)


def _as_python(pattern: str) -> str | None:
    """A pattern that releases read differently, so that Python reads it as httpd's PCRE does.

    None where that is not known.
    """
    version = _PCRE.get()()
    if version is None:
        return None
    lenient = version >= _LENIENT

    def plain(part: re.Match[str]) -> str:
        if part["brace"] is None:
            return part[0]
        least, comma, most = part["least"], part["comma"] or "", part["most"] or ""
        if (least or most) and (lenient or not _DISPUTED.fullmatch(part[0])):
            return f"{{{least or '0'}{comma}{most}}}"
        return "\\" + part[0]  # text

    return _PARTS.sub(plain, pattern)


def compile_regex(pattern: str, ignore_case: bool = False) -> Regex | None:
    """A PCRE pattern as Python's; None if ``re`` cannot read it or it could run away.

    What releases of PCRE2 read differently is read as the one says that httpd loads
    (``reading_as``); None where that is not known.
    """
    if len(pattern) <= _LONGEST_PATTERN and _DISPUTED.search(pattern):
        known = _as_python(pattern)
        return None if known is None else _compiled(known, ignore_case)
    return _compiled(pattern, ignore_case)


def _named_in_python(part: re.Match[str]) -> str:
    """The beginning of a named group as ``re`` takes it."""
    name = part["angled"] or part["quoted"]
    return f"(?P<{name}>" if name else part[0]


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> Regex | None:
    """See ``compile_regex``.

    A group that is repeated and has a repetition or alternatives inside (``(a+)+``, ``(a|aa)*``)
    may take exponential time, which a hostile configuration must not cost.
    """
    if len(pattern) > _LONGEST_PATTERN or _BACKREFERENCE.search(pattern):
        return None
    quantifiers = _quantifiers(pattern)
    if quantifiers is None:
        return None
    if "(?<" in pattern or "(?'" in pattern:
        pattern = _NAMED.sub(_named_in_python, pattern)
    for name, members in _POSIX_CLASSES.items():
        pattern = pattern.replace(name, members)
    head, flag, rest = pattern.partition("(?i)")
    if flag and head and not re.search(r"[()|]", head) and "|" not in rest:
        pattern = f"{head}(?i:{rest})"  # Python applies the flag to the rest in this form only
    try:
        return Regex(compiled(pattern, re.IGNORECASE if ignore_case else 0), quantifiers)
    except (re.error, OverflowError, RecursionError):
        return None


def _quantifiers(pattern: str) -> int | None:
    """How many parts may match any length; None if such parts are nested."""
    count = 0
    open_groups = [False]  # whether a repetition or an alternative was seen in each
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        closes = False
        if char == "\\":
            position += 1
        elif char == "[":
            position = max(pattern.find("]", position + 1) + 1, position)
        elif char == "(":
            open_groups.append(False)
            continue
        elif char == "|":
            open_groups[-1] = True
            continue
        elif char == ")" and len(open_groups) > 1:
            closes = open_groups.pop()
        if pattern[position : position + 1] in ("*", "+", "{"):
            if closes:
                return None
            count += 1
            open_groups[-1] = True
        open_groups[-1] = open_groups[-1] or closes
    return count


def refused_by_pcre(pattern: str) -> bool:
    """Whether it is certain that httpd cannot compile a regular expression.

    Only what Python and every PCRE call an error counts: brackets that do not close, and a
    quantifier with nothing, or another one, before it.
    """
    if len(pattern) > _LONGEST_PATTERN or not _META.search(pattern):
        return False
    if _DISPUTED.search(pattern) or _ONLY_PCRE.search(pattern):
        return False
    pattern = _OF_PCRE.sub(_in_python, pattern)
    for name, members in _POSIX_CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        compiled(pattern)
    except re.error as error:
        return error.msg.startswith(_COMMON_ERRORS)
    except (OverflowError, RecursionError):
        return False
    return False


_ONLY_PCRE = re.compile(r"\(\*[A-Za-z:]|\\Q")
"""``(*UTF)``, ``(*SKIP)``, and a quoted text: Python has no such."""
_OF_PCRE = re.compile(r"\\.|(?P<flags>\(\?[imsx]+\))|\(\?(?P<name><[A-Za-z_]\w*>)", re.DOTALL)


def _in_python(match: re.Match[str]) -> str:
    """Flags amid a pattern and named groups, as ``re`` takes them."""
    if match["flags"]:
        return "(?:)"
    return f"(?P{match['name']}" if match["name"] else match[0]


_COMMON_ERRORS = (
    "missing ), unterminated subpattern",
    "unterminated character set",
    "unbalanced parenthesis",
    "nothing to repeat",
    "multiple repeat",
    "bad escape (end of pattern)",
    "min repeat greater than max repeat",
    "bad character range",
)


def is_glob(path: str) -> bool:
    """Whether the text is a pattern for APR: ``*``, ``?``, or ``[`` with a later ``]``.

    A backslash escapes the next character (apr_fnmatch_test).
    """
    if "*" not in path and "?" not in path and "]" not in path:
        return False
    nesting = False
    position = 0
    while position < len(path):
        char = path[position]
        if char in "*?" or (char == "]" and nesting):
            return True
        if char == "\\":
            position += 1
        elif char == "[":
            nesting = True
        position += 1
    return False


@lru_cache(maxsize=4096)
def compile_glob(pattern: str, crosses_slash: bool = True) -> Regex | None:
    """A glob as ``apr_fnmatch`` reads it.

    Args:
        pattern: with ``*``, ``?``, ``[…]`` and backslash escapes.
        crosses_slash: whether ``*`` and ``?`` match ``/`` (``<Proxy>``), or not (``<Location>``).
    """
    if len(pattern) > _LONGEST_PATTERN:
        return None
    any_character = "." if crosses_slash else "[^/]"
    texts = [""]  # the texts between the stars
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            texts.append("")
        elif char == "?":
            texts[-1] += any_character
        elif char == "[" and (end := pattern.find("]", position + 1)) > 0:
            members = pattern[position:end].replace("\\", "\\\\").replace("[", "\\[")
            if members.startswith(("!", "^")):
                members = "^" + members[1:]
            texts[-1] += f"[{members}]"
            position = end + 1
        elif char == "\\" and position < len(pattern):
            texts[-1] += re.escape(pattern[position])
            position += 1
        else:
            texts[-1] += re.escape(char)
    # The first place of a text is as good as any: no backtracking over stars is needed.
    first, *middle = texts
    last = f"{any_character}*{middle.pop()}" if middle else ""
    stars = "".join(f"(?>{any_character}*?{text})" for text in middle if text)
    try:
        return Regex(compiled(rf"\A{first}{stars}{last}\Z", re.DOTALL), 1)
    except re.error:
        return None


def path_covers(prefix: str, path: str) -> bool:
    """Whether the path prefix of a ProxyPass matches this path (mod_proxy.c, alias_match).

    A prefix matches at segment boundaries: ``/a`` matches ``/a`` and ``/a/x`` but not ``/ab``;
    ``/a/`` does not match ``/a``.
    """
    if not prefix.startswith("/") or not path.startswith(prefix):
        return False
    return prefix.endswith("/") or len(path) == len(prefix) or path[len(prefix)] == "/"


def location_covers(prefix: str, path: str) -> bool:
    """Whether ``<Location PREFIX>`` matches this path (request.c, ap_location_walk)."""
    return path_covers(prefix, path) or prefix == path


def literal_prefix(pattern: str) -> str:
    """The text that every match of an anchored regular expression begins with.

    Without ``^`` a match begins with it, but may begin anywhere. Escaped characters count as
    themselves; a character before ``?``, ``*`` or ``{`` does not count.
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
