"""A unified diff: coloured, and side by side where there is room."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Static

from screens.widgets.sideways import Sideways
from wizard.masking import lines as masking
from wizard.text import printable

_SIDE_BY_SIDE = 90
"""Columns from which two halves of a line can still be read."""
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


class DiffView(Sideways):
    """Shows a diff, or a sentence instead."""

    def __init__(self) -> None:
        super().__init__(id="diff", classes="sideways")
        self._above = Static("", classes="prose", id="before-diff", markup=False)
        self._static = Static("", id="diff-lines", markup=False)
        self._lines: list[str] = []
        self.sentence = ""

    def compose(self) -> ComposeResult:
        """What is to be known first, and the lines."""
        yield self._above
        yield self._static

    def say(self, sentence: str) -> None:
        """Show a sentence, safe to print."""
        self._lines = []
        self.sentence = sentence
        self._above.display = False
        self._static.set_class(True, "prose")
        self._static.update(sentence)

    def show(self, diff: bytes, sources: Mapping[str, bytes], above: Text) -> None:
        """Show a unified diff, without what is secret in it.

        Args:
            diff: of configuration files.
            sources: what they hold before it, by path.
            above: what is to be known first; it may be empty.
        """
        self.sentence = ""
        text = masking.diff(diff.decode("utf-8", "surrogateescape").split("\n"), sources)
        self._lines = [printable(line.rstrip("\r"), 500) for line in text]
        self._above.display = bool(above)
        self._above.update(above)
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Another width may have room for two sides."""
        if self._lines:
            self._draw(event.size.width)

    def _draw(self, width: int | None = None) -> None:
        wide = (self.size.width if width is None else width) >= _SIDE_BY_SIDE
        self._static.set_class(wide, "prose")
        self._static.update(_two_sides(self._lines) if wide else _unified(self._lines))


def _is_head(line: str) -> bool:
    return line.startswith(("--- ", "+++ ", "diff ", "new file", "index "))


def _unified(lines: list[str]) -> Text:
    text = Text()
    for line in lines:
        style = "bold" if _is_head(line) else _STYLES.get(line[:1], "")
        text.append(f"{line}\n", style)
    return text


def _two_sides(lines: list[str]) -> Table:
    """Removed lines on the left, added ones beside them on the right."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(ratio=1, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    removed: list[str] = []
    added: list[str] = []

    def flush() -> None:
        for row in range(max(len(removed), len(added))):
            table.add_row(
                Text(removed[row] if row < len(removed) else "", "red"),
                Text(added[row] if row < len(added) else "", "green"),
            )
        removed.clear()
        added.clear()

    for line in lines:
        if not _is_head(line) and line.startswith("-"):
            removed.append(line)
        elif not _is_head(line) and line.startswith("+"):
            added.append(line)
        else:
            flush()
            style = "bold" if _is_head(line) else _STYLES.get(line[:1], "")
            both = "" if _is_head(line) or line.startswith("@") else line
            table.add_row(Text(line, style), Text(both, style))
    flush()
    return table
