"""Keeps text legible: without colour red or blue letters turn as dark as their background, and what
is dim must still be read."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.filter import LineFilter

_LEAST = 1.9
"""Contrast below which letters are nearly invisible: red has 1.3; what is dimmed on purpose, below
a dialogue, has 2."""
_READ = 4.5
"""Contrast of text that is to be read (WCAG 2.2, 1.4.3)."""
_DIMMED = 0.66
"""How much of a dim letter's colour is left, where it can be read then."""
_STEPS = 12
"""Shades between that and none of it."""
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


class Dim(LineFilter):
    """Makes a colour of what is marked as dim: as near its background as can still be read.

    Not every terminal knows of dim letters, and on a light ground Textual's are too light.

    Args:
        theme: what the terminal's own colours look like.
    """

    def __init__(self, theme: TerminalTheme) -> None:
        super().__init__()
        self._theme = theme

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line without anything that is marked as dim."""
        return [
            segment
            if segment.control or segment.style is None or not segment.style.dim
            else Segment(segment.text, self._brighter(segment.style, background))
            for segment in segments
        ]

    def _brighter(self, style: Style, background: Color) -> Style:
        color = style.color or RichColor.default()
        letters = _color(color.get_truecolor(self._theme))
        ground = background
        if style.bgcolor is not None and not style.bgcolor.is_default:
            ground = _color(style.bgcolor.get_truecolor(self._theme, foreground=False))
        return style + Style(color=_dimmed(letters, ground).rich_color, dim=False)


def _color(triplet: ColorTriplet) -> Color:
    return Color(*triplet)


@lru_cache(1024)
def _dimmed(letters: Color, ground: Color) -> Color:
    shades = (
        ground.blend(letters, _DIMMED + (1 - _DIMMED) * step / _STEPS) for step in range(_STEPS)
    )
    return next((shade for shade in shades if contrast(shade, ground) >= _READ), letters)


def _is_read(text: str) -> bool:
    """Whether there is anything but space, lines and bars."""
    return any(not char.isspace() and not "\u2500" <= char <= "\u259f" for char in text)


@lru_cache(1024)
def _readable(style: Style, background: Color) -> Style:
    if style.color is None or style.color.triplet is None:
        return style
    letters = Color.from_rich_color(style.color)
    ground = Color.from_rich_color(style.bgcolor) if style.bgcolor is not None else background
    if contrast(letters, ground) >= _LEAST:
        return style
    lighter, darker = (Color.from_rich_color(shade) for shade in (_LIGHT, _DARK))
    better = contrast(lighter, ground) > contrast(darker, ground)
    return style + Style(color=_LIGHT if better else _DARK)


def contrast(one: Color, other: Color) -> float:
    """How well letters of one colour are read on another (WCAG 2.2, "contrast ratio").

    Returns:
        From 1 for the same colour to 21.
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    """WCAG 2.2, "relative luminance"."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
