"""Keeps text legible without colour: red or blue letters turn as dark as their background."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_LEAST = 1.9
"""Contrast below which letters are nearly invisible: red has 1.3; what is dimmed on purpose, below
a dialogue, has 2."""
_LIGHT, _DARK = RichColor.from_rgb(224, 224, 224), RichColor.from_rgb(24, 24, 24)


class Contrast(LineFilter):
    """Recolours letters whose grey is nearly that of their background."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line with all its words readable."""
        return [
            segment
            if segment.control or segment.style is None or not _is_read(segment.text)
            else Segment(segment.text, _readable(segment.style, background))
            for segment in segments
        ]


def _is_read(text: str) -> bool:
    """Whether there is anything but space, lines and bars."""
    return any(not char.isspace() and not "\u2500" <= char <= "\u259f" for char in text)


@lru_cache(1024)
def _readable(style: Style, background: Color) -> Style:
    if style.color is None or style.color.triplet is None:
        return style
    letters = Color.from_rich_color(style.color)
    ground = Color.from_rich_color(style.bgcolor) if style.bgcolor is not None else background
    if _contrast(letters, ground) >= _LEAST:
        return style
    lighter, darker = (Color.from_rich_color(shade) for shade in (_LIGHT, _DARK))
    better = _contrast(lighter, ground) > _contrast(darker, ground)
    return style + Style(color=_LIGHT if better else _DARK)


def _contrast(one: Color, other: Color) -> float:
    """Of two colours (WCAG 2.2, "contrast ratio"): from 1 for the same to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    """WCAG 2.2, "relative luminance"."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
