"""What red, green and the other named colours look like on each ground: red is red where there are
16 colours, and each can be read on what the cursor is on, too (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from typing import Final

from rich.terminal_theme import TerminalTheme

ON_DARK: Final = TerminalTheme(
    (18, 18, 18),
    (224, 224, 224),
    [
        (18, 18, 18),
        (255, 110, 110),
        (95, 215, 95),
        (255, 215, 95),
        (120, 180, 255),
        (225, 150, 255),
        (95, 215, 215),
        (224, 224, 224),
    ],
    [
        (150, 150, 150),
        (255, 135, 135),
        (135, 255, 135),
        (255, 255, 135),
        (160, 205, 255),
        (240, 180, 255),
        (135, 255, 255),
        (255, 255, 255),
    ],
)
ON_LIGHT: Final = TerminalTheme(
    (224, 224, 224),
    (31, 31, 31),
    [
        (31, 31, 31),
        (140, 0, 0),
        (0, 72, 0),
        (88, 60, 0),
        (0, 40, 140),
        (105, 0, 105),
        (0, 70, 80),
        (60, 60, 60),
    ],
    [
        (60, 60, 60),
        (140, 0, 0),
        (0, 72, 0),
        (88, 60, 0),
        (0, 40, 140),
        (105, 0, 105),
        (0, 70, 80),
        (31, 31, 31),
    ],
)
