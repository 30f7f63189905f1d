"""The question before anything is written."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from screens.widgets.key_bar import KeyBar


class ConfirmDialogue(ModalScreen[bool]):
    """A question with its consequences; nothing happens unless it is answered with y.

    Args:
        title: the question.
        text: what will happen, line by line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no"),
        Binding("down", "scroll(1)", "More", id="confirm.down",
                tooltip="Scroll down; Page Down scrolls a screen"),
        Binding("up", "scroll(-1)", "Back", id="confirm.up", tooltip="Scroll up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="confirm.page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="confirm.page-up"),
    ]  # fmt: skip
    AUTO_FOCUS = "#no"

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The question; "no" has the focus."""
        with Vertical(classes="dialogue high"):
            yield Label(self._title, classes="title")
            with VerticalScroll():
                yield Static(self._text, markup=False)
            with Horizontal(classes="buttons"):
                yield Button("No (n)", id="no", compact=True)
                yield Button("Yes (y)", id="yes", variant="warning", compact=True)
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is more only where not everything has room."""
        if action in ("scroll", "page"):
            return self.query_one(VerticalScroll).max_scroll_y > 0
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Another size has room for more or less."""
        self.call_after_refresh(self.refresh_bindings)

    def action_scroll(self, rows: int) -> None:
        """Scroll the consequences; "no" keeps the focus."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll a screen of the consequences."""
        text = self.query_one(VerticalScroll)
        text.scroll_relative(y=pages * text.size.height, animate=False)

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
