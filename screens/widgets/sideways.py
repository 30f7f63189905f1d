"""A text whose lines are not folded: what is cut off is scrolled to, with a key that is named."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Sideways(VerticalScroll):
    """Scrolls both ways; the key for the rest of a line is shown where a line has one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "scroll_right", "Right", id="sideways.right",
                tooltip="See the rest of lines that are too long"),
    ]  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only where something lies to the right."""
        if action == "scroll_right":
            return self.max_scroll_x > 0
        return super().check_action(action, parameters)
