"""The changed lines of a plan in a frame, or a sentence instead of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content

from screens.texts import changed
from screens.widgets.block import Block
from screens.widgets.folded import Folded

if TYPE_CHECKING:
    from wizard.model.plan import Repair

_FRAME = 6
"""Columns of the frame that its title does not get."""
_WITH_CONTEXT = (22, 32)
"""Rows of the screen from which one line of context is shown, and two."""
_READABLE = 100
"""Columns of the lines as a text that is saved or copied."""


class ChangedLines(Block, can_focus=True):
    """A frame with the file in its title; long lines are folded, so that every word is in view.

    Args:
        name: its id.
    """

    def __init__(self, name: str = "changed") -> None:
        super().__init__(name)
        self._plan: tuple[Repair, bytes] | None = None
        self._label = ""
        self._drawn_with = 0
        self._lines = Folded(lambda _: Text(), id=f"{name}-lines")

    def compose(self) -> ComposeResult:
        """A text, or the lines."""
        yield from super().compose()
        yield self._lines

    def show(self, repair: Repair, patch: bytes, label: str = "Change") -> None:
        """Show what a plan changes.

        Args:
            repair: holds the plan.
            patch: the plan as a patch.
            label: what stands before the file in the title.
        """
        self._plan = (repair, patch)
        self._label = label
        self.text = changed.lines(repair, patch, _READABLE)
        self._show_lines()
        self._choose()
        self.display = True
        self.border_subtitle = None
        self._set_title()

    def put(self, title: str, text: Text, hint: str = "") -> None:
        """Show a text instead, as a block does."""
        self._plan = None
        self._choose()
        super().put(title, text, hint)

    def _choose(self) -> None:
        self._text.display = self._plan is None
        self._lines.display = self._plan is not None

    def on_resize(self) -> None:
        """Another size may have room for the whole path, or for more context."""
        if self._plan is not None:
            self._set_title()
            if self._room_for != self._drawn_with:
                self._show_lines()

    @property
    def _room_for(self) -> int:
        """Lines of context: with the changed lines they should be in view."""
        return sum(self.app.size.height >= rows for rows in _WITH_CONTEXT)

    def _show_lines(self) -> None:
        if self._plan is not None:
            repair, patch = self._plan
            context = self._drawn_with = self._room_for
            self._lines.show(lambda width: changed.lines(repair, patch, width, context=context))

    def _set_title(self) -> None:
        if self._plan is not None:
            where = changed.title(*self._plan, self.size.width - len(self._label) - _FRAME)
            self.border_title = Content(f"{self._label} · {where}" if where else self._label)
