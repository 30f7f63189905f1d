"""Rows whose folded lines stand below their beginning, not below their sign."""

from __future__ import annotations

import io
from functools import cache

from rich.console import Console
from rich.text import Text


@cache
def _console() -> Console:
    """Text folds itself only for a console; nothing is written to it."""
    return Console(file=io.StringIO(), width=80)


def hanging(head: Text | str, body: Text, width: int, tail: str = "") -> Text:
    """A row that begins with a sign or a label, and ends with a short note at the right edge.

    Args:
        head: stands before the first line.
        body: is folded; its own line breaks stay.
        width: columns of the whole.
        tail: at the right end of the first line, dim.
    """
    first = Text(head) if isinstance(head, str) else head
    room = max(10, width - first.cell_len - (len(tail) + 1 if tail else 0))
    lines = body.wrap(_console(), room, overflow="fold")
    text = Text().append_text(first)  # its style is not that of what follows
    for number, line in enumerate(lines):
        if number:
            text.append("\n" + " " * first.cell_len)
        text.append_text(line)
        if tail and not number:
            gap = max(1, width - text.cell_len - len(tail))
            text.append(f"{' ' * gap}{tail}", "dim")
    return text


def beginning(text: Text, width: int, rows: int, ellipsis: str) -> Text:
    """So many rows of a text, folded; the last one ends in an ellipsis where there is more.

    Args:
        text: safe to print.
        width: columns.
        rows: at least 1.
        ellipsis: stands for the rest.
    """
    lines = list(text.wrap(_console(), max(2, width), overflow="fold"))
    shown = lines[:rows]
    if len(lines) > rows:
        last = shown[-1]
        last.rstrip()
        last.truncate(max(2, width) - len(ellipsis) - 1)
        last.append(f" {ellipsis}")
    return Text("\n").join(shown)
