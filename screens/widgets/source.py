"""A configuration file with its relevant lines marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.widgets import Static

from screens.terminal import glyphs
from screens.texts import in_force
from screens.widgets.sideways import Sideways

if TYPE_CHECKING:
    from screens.host import Host
    from wizard.model.config import SourceFile


class SourceView(Sideways):
    """Lines of the files that a route's settings come from.

    Args:
        name: its id.
        classes: its CSS classes.
    """

    def __init__(self, name: str, classes: str = "") -> None:
        super().__init__(id=name, classes=classes)
        self._text = Static("", markup=False)
        self._shown: tuple[Mapping[str, SourceFile], Mapping[str, Sequence[int]]] | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, files: Mapping[str, SourceFile], marks: Mapping[str, Sequence[int]]) -> None:
        """Show files around their marked lines; what is shown already stays where it was scrolled.

        Args:
            files: contents by path.
            marks: path to line numbers, from 1; the first file comes first.
        """
        if self._shown is not None and self._shown[0] is files and self._shown[1] == marks:
            return
        self._shown = files, marks
        text, first = in_force.lines(files, marks, edge(cast("Host", self.app).glyphs))
        self._text.update(text)
        self.scroll_to(y=max(0, first - 4), animate=False)


def edge(signs: glyphs.Glyphs) -> str:
    """What stands before a marked line."""
    return signs.mark if signs is glyphs.ASCII else "▌"
