"""The five steps in one line, the present one marked: always in view."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from screens.terminal.glyphs import Glyphs
from screens.texts.steps import STEPS, Step


class StepBar(Widget):
    """``1 Load · [2 Probe] · 3 Diagnose …``

    Args:
        current: the step that this screen is.
        glyphs: the signs of this terminal.
    """

    def __init__(self, current: Step, glyphs: Glyphs) -> None:
        super().__init__(id="steps")
        self._current = current
        self._glyphs = glyphs

    def render(self) -> Text:
        """The line; the present step is in brackets too, for a terminal without colour."""
        line = Text(no_wrap=True, overflow="crop")
        for step in STEPS:
            if step is not STEPS[0]:
                line.append(f" {self._glyphs.dot} " if self.size.width >= 70 else " ", "dim")
            label = f"{step.number} {step.title}"
            if step is self._current:
                line.append(f"[{label}]", "bold reverse")
            else:
                line.append(label)
        return line
