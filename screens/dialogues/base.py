"""The base of the dialogues over a step."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen


class Dialogue(ModalScreen[str | None]):
    """A box over the step; Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="dialogue.cancel")
    ]

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)
