"""Make text from outside safe to show."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def printable(text: str, limit: int = 2000) -> str:
    """Text with everything escaped that could steer a terminal or deceive the eye.

    Args:
        text: anything, hostile included: control characters, escape sequences, bidi marks,
            lone surrogates from ``surrogateescape``.
        limit: longest result in characters; more is cut and marked with ``…``.

    Returns:
        One line of visible characters; each other one as ``\\xNN`` or ``\\uNNNN``.
    """
    shown = []
    length = 0
    for char in text[: limit + 1]:
        if char.isascii():
            piece = char if char.isprintable() else f"\\x{ord(char):02x}"
        elif 0xDC80 <= ord(char) <= 0xDCFF:  # a byte that was not UTF-8
            piece = f"\\x{ord(char) - 0xDC00:02x}"
        elif unicodedata.category(char) in _HIDDEN:
            piece = f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
        else:
            piece = char
        length += len(piece)
        if length > limit:
            shown.append("…")
            break
        shown.append(piece)
    return "".join(shown)
