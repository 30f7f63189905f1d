"""Splitting of arguments into words, as httpd's ``ap_getword_conf`` does it, and writing of one.

Source: httpd 2.4, server/util.c; each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re

BLANKS = " \t\n\v\f\r"
"""What C's isspace() takes for a blank. NBSP and other Unicode blanks are ordinary bytes."""

_QUOTED = BLANKS.encode() + b"\\>"
"""Bytes that an argument may only hold in quotes."""

_WORD = re.compile(
    r"""[ \t\n\v\f\r]*+
        (?: "((?:\\[\\"]|[^"])*+)"?
          | '((?:\\[\\']|[^'])*+)'?
          | ([^ \t\n\v\f\r]++)
        )
        [ \t\n\v\f\r]*+""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^ \t\n\v\f\r]+")
_ESCAPED = {
    1: re.compile(r'\\([\\"])'),
    2: re.compile(r"\\([\\'])"),
    3: re.compile(r"\\(\\)"),
}


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
    words = []
    position = 0
    while (match := _WORD.match(args, position)) is not None:
        words.append(_unescape(match))
        position = match.end()
    return words


def argument(value: str | bytes, quote: bytes = b"") -> bytes:
    """A value as one argument that httpd reads back as it is.

    Args:
        value: text (``surrogateescape``) or bytes without line feed.
        quote: the quote that the old argument had; kept. Else quoted only if needed.
    """
    raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    plain = raw and not any(byte in _QUOTED for byte in raw) and raw[:1] not in (b'"', b"'")
    if plain and not quote:
        return raw
    mark = quote or b'"'
    return mark + raw.replace(b"\\", b"\\\\").replace(mark, b"\\" + mark) + mark


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def ascii_lower(text: str) -> str:
    """Lower case of the ASCII letters alone, as httpd compares names in the C locale."""
    return text.lower() if text.isascii() else text.translate(_LOWER)
