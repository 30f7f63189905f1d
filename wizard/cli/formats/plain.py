"""What the JSON documents of several commands hold, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wizard.masking.free_text import masked
from wizard.model.remedy import Remedy


def remedies(found: Iterable[Remedy]) -> list[dict[str, Any]]:
    """What can be done, one after the other."""
    return [
        {"where": remedy.where, "text": remedy.text, "command": remedy.command} for remedy in found
    ]


def unicode(text: str) -> str:
    r"""A text from outside as valid Unicode, without passwords.

    A byte that was not UTF-8 becomes ``\xNN``: lone surrogates would be legal JSON escapes that
    many parsers refuse (RFC 8259, 8.2).
    """
    shown = masked(text)
    if shown.isascii():
        return shown
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
