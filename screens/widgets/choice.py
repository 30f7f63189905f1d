"""One choice of several, whose state can be told without colour."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import RadioButton


class Choice(RadioButton):
    """A radio button that is empty unless it is chosen: ``( )`` and ``(*)``."""

    @property
    def _button(self) -> Content:
        """The sign in its brackets; Textual's own have nearly the colour of their ground."""
        return Content("(*)" if self.value else "( )")
