"""The question whether a plan is applied although the rehearsal speaks against it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from screens.dialogues.scrolling import SCROLL, Asked, Scrolling
from screens.widgets.key_bar import KeyBar


class OverrideDialogue(Scrolling[str | None]):
    """A refusal, which only its name overrides, typed as ``apply --override`` takes it.

    Args:
        text: what speaks against the plan.
        name: of the refusal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="override.cancel"),
        *SCROLL,
    ]
    AUTO_FOCUS = "#override"
    SLACK = 8
    DEFAULT_CSS = """
    OverrideDialogue .box { max-width: 100; }
    OverrideDialogue #override-state { padding: 0 1; }
    OverrideDialogue Input { height: 3; }
    """

    def __init__(self, text: Text, name: str) -> None:
        super().__init__()
        self._text = text
        self._refusal = name

    def compose(self) -> ComposeResult:
        """The refusal, and the field for its name."""
        with Vertical(classes="box refusal") as box:
            box.border_title = Content("This plan is refused")
            with Asked(can_focus=False):
                yield Static(self._text, markup=False)
            yield Static(
                f"To apply it all the same type {self._refusal} and press Enter.",
                id="override-state",
                markup=False,
            )
            yield Input(id="override")
        yield KeyBar()

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)

    @on(Input.Submitted, "#override")
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._refusal:
            self.dismiss(self._refusal)
        else:
            self.query_one("#override-state", Static).update(
                f"That is not {self._refusal}: the plan stays refused. Escape leaves."
            )
