"""The changed lines of a plan in a frame, or a sentence instead of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from screens.texts import changed
from screens.widgets.folded import Folded
from wizard.wording.excerpt import CONTEXT

if TYPE_CHECKING:
    from wizard.model.plan import Repair

_FRAME = 6
"""Columns of the frame that its title does not get."""


class ChangedLines(VerticalScroll):
    """A frame with the file in its title; long lines are folded, so that every word is in view.

    Args:
        label: what stands before the file in the title.
        id: of the widget.
    """

    DEFAULT_CSS = """
    ChangedLines { height: auto; border: round $surface-lighten-2; padding: 0 1; }
    ChangedLines:focus { border: round $accent; }
    """

    def __init__(self, label: str = "Change", *, id: str | None = "changed") -> None:  # noqa: A002  # Textual's own
        super().__init__(id=id, classes="frame")
        self._label = label
        self._plan: tuple[Repair, bytes] | None = None
        self._lines = Folded(lambda _: Text(), id="changed-lines")
        self.border_title = label

    def compose(self) -> ComposeResult:
        """The lines."""
        yield self._lines

    def show(self, repair: Repair, patch: bytes, *, context: int = CONTEXT) -> None:
        """Show what a plan changes.

        Args:
            repair: holds the plan.
            patch: the plan as a patch.
            context: unchanged lines before and after.
        """
        self._plan = (repair, patch)
        self._lines.show(lambda width: changed.lines(repair, patch, width, context=context))
        self._set_title()

    def say(self, text: Text | str) -> None:
        """Show a sentence, safe to print."""
        self._plan = None
        told = Text(text) if isinstance(text, str) else text
        self._lines.show(lambda width: changed.paragraph(told, "", width))
        self._set_title()

    def on_resize(self) -> None:
        """Another width may have room for the whole path."""
        self._set_title()

    def _set_title(self) -> None:
        where = ""
        if self._plan is not None:
            where = changed.title(*self._plan, self.size.width - len(self._label) - _FRAME)
        self.border_title = Content(f"{self._label} · {where}" if where else self._label)
