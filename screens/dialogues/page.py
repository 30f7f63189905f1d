"""A page to read; a module of its own, as Markdown is large and seldom needed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Markdown

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar
from wizard.text import printable


class PageDialogue(Dialogue):
    """A page in Markdown, its lines as long as there is room.

    Args:
        title: of the page.
        text: of ours, safe to show.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="page.close"),
        Binding("c", "copy", "Copy", id="page.copy", tooltip="Copy the whole page"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The page."""
        with Vertical(classes="dialogue page"):
            yield Label(printable(self._title), classes="title", markup=False)
            with VerticalScroll():
                yield Markdown(self._text, open_links=False)
        yield KeyBar()

    def action_copy(self) -> None:
        """Hand the page to the terminal's clipboard."""
        self.app.copy_to_clipboard(self._text)
        self.notify("Sent to the terminal's clipboard. If it does not arrive, save step 3 with s.")
