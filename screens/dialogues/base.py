"""The base of the dialogues over a step."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen


class Dialogue(ModalScreen[str | None]):
    """A box over the step; Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="dialogue.cancel",
                tooltip="Close this without an answer; nothing changes"),
        Binding("f1,question_mark", "keys", "Keys", show=False, id="dialogue.keys",
                tooltip="The keys of this dialogue, then all others; in a field F1"),
    ]  # fmt: skip

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)

    def action_keys(self) -> None:
        """The keys."""
        from screens.dialogues.help import HelpDialogue

        self.app.push_screen(HelpDialogue())
