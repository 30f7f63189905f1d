"""What both front ends show of an outcome, as sentences that this package makes once: they add
layout and colour (``wizard.cli.layout``, ``screens.texts.pieces``)."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["heading", "text", "note", "caution", "alarm", "quote", "change", "command"]
"""``note``: about the whole, not about what stands before it; ``alarm``: somebody is let in who
should not be; ``quote``: a line as it was found, which its label marks; ``change``: a line of a
file that is added or removed, which its label ``+`` or ``-`` says; ``command``: to be copied, so a
line of its own, neither folded nor decorated."""


class Piece(NamedTuple):
    """A line or a paragraph: what it is, its printable text, and the words that stand before it."""

    role: Role
    text: str
    label: str = ""

    @property
    def whole(self) -> str:
        """Label and text."""
        if self.role in ("quote", "change"):
            return f"{self.label or '|'} {self.text}"
        return f"{self.label}: {self.text}".rstrip() if self.label else self.text
