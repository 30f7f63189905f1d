"""What the wizard remembers of its user from one start to the next: the name of the theme."""

from __future__ import annotations

import json
from typing import Final

from wizard.engine import state

_FILE: Final = "wizard.json"
_MOST: Final = 4096
"""Bytes of the file; one that is larger is not ours."""
_LONGEST: Final = 64
"""Characters of a theme's name."""


def load() -> str | None:
    """The theme that was kept.

    Returns:
        Its name, which may be of a theme that there is no more; None: none was kept, or the file
        may be somebody else's.
    """
    try:
        kept = json.loads(state.read(_FILE, _MOST))
    except (ValueError, RecursionError):
        return None
    theme = kept.get("theme") if isinstance(kept, dict) else None
    is_name = isinstance(theme, str) and theme.isprintable() and 0 < len(theme) <= _LONGEST
    return theme if is_name else None


def keep(theme: str) -> None:
    """Keep a theme for the next start, as far as there is a place for it.

    Args:
        theme: its name.
    """
    state.keep(_FILE, json.dumps({"theme": theme}).encode() + b"\n")
