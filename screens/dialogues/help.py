"""The keys, and hints."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar

_HELP = (
    ("1 … 5", "go to a step; n and b go on and back. Nothing you entered is lost."),
    ("d", "dark or light colours. NO_COLOR=1 in the environment: none."),
    ("ctrl+p", "every action by name"),
    ("y", "copy what the step shows: it is sent to your terminal (OSC 52). tmux passes it on with "
     "`set -s set-clipboard on`; some terminals ignore it."),
    ("s", "save what the step shows to a file: works everywhere"),
    ("Tab", "to the next part of the screen; arrows move inside it, Enter chooses. In a path it "
     "completes the name first, as a shell does."),
    ("Escape", "closes a dialogue, ends a probe, leaves a field; it never changes anything"),
    ("q", "quit. Nothing is written to the server unless you confirmed it in step 5; a change that "
     "is being written is finished first."),
    ("mouse", "to select text, hold Shift (in iTerm: Option) while you drag"),
)  # fmt: skip


class HelpDialogue(Dialogue):
    """Keys and hints; the keys of the present step come from its own bindings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "leave", "Close", id="help.close",
                key_display="esc")
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        """The general keys and those of the step below."""
        table = Table.grid(padding=(0, 1))
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        for key, what in _HELP:
            table.add_row(key, what)
        table.add_row("", "")
        for key, what in self._keys_of_the_step():
            table.add_row(key, what)
        with Vertical(classes="dialogue page"):
            yield Label("Help", classes="title")
            with VerticalScroll():
                yield Static(table)
        yield KeyBar()

    def _keys_of_the_step(self) -> list[tuple[str, str]]:
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else self
        seen: dict[str, str] = {}
        for active in below.active_bindings.values():
            binding = active.binding
            if binding.id and binding.description and active.node is below:
                seen.setdefault(self.app.get_key_display(binding), binding.tooltip)
        return list(seen.items())
