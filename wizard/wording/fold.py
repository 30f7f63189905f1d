"""Prose folded to the terminal's width."""

from __future__ import annotations

import contextlib
import os


def columns() -> int:
    """Columns of the terminal; 80 when there is none.

    As ``shutil.get_terminal_size``, without the compressions that shutil imports.
    """
    asked = os.environ.get("COLUMNS", "")[:9]
    found = int(asked) if asked.isdecimal() else 0
    if not found:
        with contextlib.suppress(OSError):
            found = os.get_terminal_size(1).columns
    return found or 80


def width() -> int:
    """Columns to wrap prose at: the terminal's, between 60 and 100; 80 when there is none."""
    return max(60, min(100, columns()))


def wrap(text: str, indent: str = "", hanging: str | None = None, columns: int = 0) -> str:
    """Prose folded, at blanks only.

    Args:
        text: one paragraph.
        indent: before the first row, and before the others unless ``hanging`` is given.
        hanging: before all rows but the first.
        columns: of a row; 0: ``width()``.
    """
    import textwrap

    return textwrap.fill(
        text,
        width=columns or width(),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
