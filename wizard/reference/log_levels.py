"""The levels of LogLevel, from the most to the least severe."""

from __future__ import annotations

from typing import Final, Literal, get_args

Level = Literal[
    "emerg",
    "alert",
    "crit",
    "error",
    "warn",
    "notice",
    "info",
    "debug",
    "trace1",
    "trace2",
    "trace3",
    "trace4",
    "trace5",
    "trace6",
    "trace7",
    "trace8",
]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""LogLevel X shows X and everything before it."""


def telling(default: str = "warn") -> str:
    """The directive that lets httpd log why a request to a backend fails, and little more.

    Args:
        default: level of all other modules; httpd's own default unless one is configured.
    """
    return f"LogLevel {default} ssl:info proxy:info"
