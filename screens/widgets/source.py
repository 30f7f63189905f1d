"""A configuration file with its relevant lines marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from screens.widgets.sideways import Sideways
from wizard.masking import lines as masking
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.config import SourceFile

_AROUND = 200
"""Lines shown before the first and after the last marked line: files may have 100,000."""


class SourceView(Sideways):
    """Lines of the files that a route's settings come from; marked ones begin with ``>``.

    Args:
        name: its id.
        classes: its CSS classes.
    """

    def __init__(self, name: str, classes: str = "") -> None:
        super().__init__(id=name, classes=classes)
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, files: Mapping[str, SourceFile], marks: Mapping[str, Sequence[int]]) -> None:
        """Show files around their marked lines.

        Args:
            files: contents by path.
            marks: path to line numbers, from 1; the first file comes first.
        """
        text = Text()
        first: int | None = None
        for path, lines in marks.items():
            file = files.get(path)
            if file is None:
                continue
            text.append(f"{printable(path)}\n", "bold underline")
            start = max(0, min(lines) - _AROUND - 1)
            stop = max(lines) + _AROUND
            content = file.data.decode("utf-8", "surrogateescape").split("\n")[start:stop]
            content = masking.configuration(content, whole=start == 0)
            for number, line in enumerate(content, start + 1):
                marked = number in lines
                if marked and first is None:
                    first = text.plain.count("\n")
                text.append(
                    f"{'>' if marked else ' '}{number:>5}  {printable(line.rstrip(chr(13)))}\n",
                    "bold reverse" if marked else "",
                )
        self._text.update(text)
        self.scroll_to(y=max(0, (first or 0) - 4), animate=False)
