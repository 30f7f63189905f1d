"""A question for lines of text: a pasted log."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar
from wizard.text import printable


class TextDialogue(Dialogue):
    """Asks for one line of text.

    Args:
        title: what is asked for.
        hint: a sentence below it.
        text: to begin with.
    """

    def __init__(self, title: str, hint: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._text = text

    def compose(self) -> ComposeResult:
        """The line."""
        with Vertical(classes="dialogue"):
            yield Label(self._title, classes="title")
            yield Static(printable(self._hint), markup=False)
            yield Input(printable(self._text), id="text")
        yield KeyBar()

    @on(Input.Submitted, "#text")
    def _typed(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
