"""One choice of several, whose state can be told without colour."""

from __future__ import annotations

from textual.widgets import RadioButton


class Choice(RadioButton):
    """A radio button that is empty unless it is chosen: ``( )`` and ``(*)``."""

    BUTTON_LEFT = "("
    BUTTON_RIGHT = ")"

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802  # Textual's name for it
        """The sign between the brackets."""
        return "*" if self.value else " "
