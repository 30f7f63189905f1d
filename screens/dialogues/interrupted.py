"""The question about a change that was interrupted: finish it or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar
from wizard.text import printable
from wizard.wording.moment import moment

if TYPE_CHECKING:
    from wizard.model.change import Change


class InterruptedDialogue(Dialogue):
    """A change was interrupted, by a crash or a full disk: what now?

    Args:
        change: as its journal has it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "answer('undo')", "Undo it", id="interrupted.undo"),
        Binding("f", "answer('finish')", "Finish it", id="interrupted.finish"),
        Binding("escape", "leave", "Later", id="interrupted.later"),
    ]

    def __init__(self, change: Change) -> None:
        super().__init__()
        self._change = change

    def compose(self) -> ComposeResult:
        """What is half done."""
        files = "\n".join(printable(file.path) for file in self._change.files)
        begun = moment(self._change.created)
        with Vertical(classes="dialogue"):
            yield Label("A change was interrupted", classes="title")
            yield Static(
                f"{self._change.id}, begun {begun}, was not finished. u brings "
                "every file back to what it was; f finishes the change: writes the rest, tests, "
                "reloads. Until then nothing else can be changed.\n\n"
                "These files may be new or old:",
                markup=False,
            )
            with VerticalScroll():
                yield Static(files, markup=False)
        yield KeyBar()

    def action_answer(self, answer: str) -> None:
        """The operator decided."""
        self.dismiss(answer)
