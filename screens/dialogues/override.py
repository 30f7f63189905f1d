"""The question whether a plan is applied although the rehearsal speaks against it."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar


class OverrideDialogue(Dialogue):
    """A refusal, which only its name overrides, typed as ``apply --override`` takes it.

    Args:
        text: what speaks against the plan.
        name: of the refusal.
    """

    AUTO_FOCUS = "#override"

    def __init__(self, text: Text, name: str) -> None:
        super().__init__()
        self._text = text
        self._refusal = name

    def compose(self) -> ComposeResult:
        """The refusal, and the field for its name."""
        with Vertical(classes="dialogue tall refusal"):
            yield Label("This plan is refused", classes="title")
            with VerticalScroll():
                yield Static(self._text, markup=False)
            yield Static(
                f"To apply it all the same type {self._refusal} and press Enter.",
                id="override-state",
                markup=False,
            )
            yield Input(id="override")
        yield KeyBar()

    @on(Input.Submitted, "#override")
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._refusal:
            self.dismiss(self._refusal)
        else:
            self.query_one("#override-state", Static).update(
                f"That is not {self._refusal}: the plan stays refused. Escape leaves."
            )
