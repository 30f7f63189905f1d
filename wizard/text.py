"""Text from outside: made safe to show, and whether it is a number."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from wizard.masking.free_text import masked

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Me", "Zl", "Zp", "Zs"}  # Zs: blanks but the space
_UNSEEN = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x115F, 0x1160),  # fillers of Hangul
        (0x17B4, 0x17B5),  # vowels that Khmer does not write
        (0x180B, 0x180F),  # Mongolian variation selectors
        (0x2800, 0x2800),  # a Braille pattern without dots
        (0x2E3A, 0x2E3B),  # dashes as wide as two and three letters M, in one cell
        (0x3164, 0x3164),
        (0xFDFA, 0xFDFD),  # one letter, drawn over many cells
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFFA0, 0xFFA0),
        (0x1F1E6, 0x1F1FF),  # flags: two of them are one sign in some terminals
        (0x1F3FB, 0x1F3FF),  # colours of skin, which join the sign before them
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
"""Visible by their category, and yet nothing is seen, or terminals differ in its width: what is
``Default_Ignorable_Code_Point`` in the Unicode character database, and what joins its neighbour."""
MARKS = 5
"""Combining marks after one letter that are shown as they are. Of all names in CLDR (NFC) none has
more than 4; the Burmese word for "secret" has 5."""


def is_number(text: str) -> bool:
    """Whether a text is digits alone, those of ASCII: ``str.isdigit`` takes ``²`` as well, of which
    ``int`` makes nothing."""
    return text.isascii() and text.isdigit()


def printable(text: str, limit: int = 2000) -> str:
    """Text without secrets, and with everything escaped that could mislead a reader.

    Args:
        text: anything, hostile included.
        limit: longest result in characters; more is cut and marked with ``…``.

    Returns:
        What ``escaped`` makes of the text that ``wizard.masking.free_text.masked`` returns.
    """
    return escaped(masked(text), limit)


def escaped(text: str, limit: int = 2000) -> str:
    """Text with everything escaped that could control a terminal or move other cells.

    Args:
        text: anything, hostile included: control characters, escape sequences, bidi marks, marks
            piled on a letter, lone surrogates from ``surrogateescape``.
        limit: longest result in characters; more is cut and marked with ``…``.

    Returns:
        One line of visible characters; others become ``\\xNN`` or ``\\uNNNN``.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    shown = []
    length = 0
    for char, harmless in harmlessness(text[: limit + 1]):
        piece = char if harmless else _escape(char)
        length += len(piece)
        if length > limit:
            shown.append("…")
            break
        shown.append(piece)
    return "".join(shown)


def harmlessness(text: str) -> Iterator[tuple[str, bool]]:
    """Each character of a text, and whether it stands in cells of its own and is seen there, or is
    one of the marks that its letter may have."""
    room = 0  # for marks on the letter before
    for char in text:
        if char.isascii():
            harmless = char.isprintable()
            room = MARKS if char.isalnum() else 0
        elif _is_mark(char):
            harmless = room > 0 and not _is_hidden(char)
            room -= 1
        else:
            harmless = not _is_hidden(char)
            room = MARKS if char.isalnum() else 0
        yield char, harmless


def _is_mark(char: str) -> bool:
    """Whether a character stands in the cell of the one before it: a combining mark, or the vowel
    or end of a Hangul syllable."""
    jamo = "\u1160" < char <= "\u11ff" or "\ud7b0" <= char <= "\ud7fb"
    return jamo or unicodedata.category(char)[0] == "M"


def _is_hidden(char: str) -> bool:
    return char in _UNSEEN or unicodedata.category(char) in _HIDDEN


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # the latter: a byte that was not UTF-8
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def fingerprint(sha256: str) -> str:
    """A SHA-256 as ``openssl x509 -fingerprint`` writes it: upper case with colons."""
    digits = sha256.upper()
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
