"""Arguments split into words, as httpd's ``ap_getword_conf`` does it, and one written.

Source: httpd 2.4, server/util.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BLANKS = " \t\n\v\f\r"
"""The blanks of C's isspace(). NBSP and other Unicode blanks are ordinary bytes."""

_QUOTED = BLANKS + "\\>"
"""Characters for which an argument needs quotes."""

_WORD = re.compile(
    r"""[ \t\n\v\f\r]*+
        (?: "((?:\\[\\"]|[^"])*+)"?
          | '((?:\\[\\']|[^'])*+)'?
          | ([^ \t\n\v\f\r]++)
        )
        [ \t\n\v\f\r]*+""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?)([0-9]+)")
_PLAIN = re.compile(r"[^ \t\n\v\f\r]+")
_ESCAPED = {1: re.compile(r'\\([\\"])'), 2: re.compile(r"\\([\\'])"), 3: re.compile(r"\\(\\)")}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    Args:
        start: where it begins in the text, its quote included.
        stop: where it ends, its quote included.
        value: without quotes and escapes.
        quote: what it is quoted with; empty: it is not.
    """

    start: int
    stop: int
    value: str
    quote: str = ""


def _unescape(match: re.Match[str]) -> str:
    kind = match.lastindex or 1
    word: str = match[kind]
    return _ESCAPED[kind].sub(r"\1", word) if "\\" in word else word


def first_word(text: str) -> tuple[str, str]:
    """The first word and the rest.

    Args:
        text: arguments, already expanded.

    Returns:
        The word without its quotes and escapes (``""`` when nothing is left) and the rest without
        leading blanks.
    """
    match = _WORD.match(text)
    if match is None:
        return "", ""
    return _unescape(match), text[match.end() :]


def split_words(args: str) -> list[str]:
    r"""Every word of an argument text.

    A word that starts with a quote runs to the next same quote (or to the end); inside, ``\\`` and
    ``\`` before that quote lose the backslash. A quote in mid-word is an ordinary character.

    Args:
        args: arguments, already expanded (``Node.args``).

    Returns:
        The words without quotes and escapes; ``""`` in the text gives an empty word.
    """
    if '"' not in args and "'" not in args and "\\" not in args:
        return _PLAIN.findall(args)
    return [word.value for word in words_of(args, 0, len(args))]


def words_of(text: str, start: int, stop: int) -> Iterator[Word]:
    """The words of ``text[start:stop]``, with their places in the whole text."""
    while (match := _WORD.match(text, start, stop)) is not None:
        kind = match.lastindex or 1
        begin, after = match.span(kind)
        if kind == 3:
            yield Word(begin, after, _unescape(match))
        else:
            closed = after < stop and text[after] == text[begin - 1]
            yield Word(begin - 1, after + closed, _unescape(match), text[begin - 1])
        start = match.end()


def atoi(text: str) -> int:
    """A number as C's atoi() reads it: what follows the digits does not count, nothing is 0.

    glibc clamps to a long and keeps its lower 32 bits.
    """
    match = _NUMBER.match(text)
    if match is None:
        return 0
    digits = match[2].lstrip("0")[:20]  # Python refuses to read thousands of digits
    value = min(int(match[1] + (digits or "0")), 2**63 - 1)
    value = max(value, -(2**63)) & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def argument(value: str, quote: str = "") -> str:
    """A value as one argument that httpd reads back as it is.

    Args:
        value: without line feed.
        quote: of the old argument, which is kept; without one, the value is quoted only if needed.
    """
    plain = value and not any(char in _QUOTED for char in value) and value[0] not in "\"'"
    if plain and not quote:
        return value
    mark = quote or '"'
    return mark + value.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def ascii_lower(text: str) -> str:
    """Lower case of the ASCII letters alone, as httpd compares names in the C locale."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
