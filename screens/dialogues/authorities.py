"""The authorities that lie on this machine, to choose among."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from screens.dialogues.base import Dialogue
from screens.terminal.glyphs import Glyphs
from screens.texts import fix
from screens.widgets.key_bar import KeyBar
from wizard.errors import WizardError
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from wizard.model.plan import Authorities, Candidate

_LOOKING = "Looking for CAs on this machine …"


class AuthoritiesDialogue(Dialogue):
    """Lists what was found, those that signed the backend's chain first; Enter takes one.

    Args:
        search: gives the list; it may block.
        glyphs: the signs of this terminal.
    """

    def __init__(self, search: Callable[[], Authorities], glyphs: Glyphs) -> None:
        super().__init__()
        self._search = search
        self._glyphs = glyphs
        self._found: Sequence[Candidate] = ()

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="dialogue page"):
            yield Label("CAs on this machine", classes="title")
            yield Static(_LOOKING, id="authorities-state", markup=False)
            yield OptionList(id="authorities")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the files in the background."""
        self._read()

    @work(thread=True, group="authorities", description="authorities", exit_on_error=False)
    def _read(self) -> None:
        try:
            found = self._search()
        except (WizardError, OSError) as problem:
            self.app.call_from_thread(self._show, (), describe(problem, wizard=True))
        else:
            self.app.call_from_thread(self._show, found.candidates, fix.authorities(found))

    def _show(self, found: Sequence[Candidate], sentence: str) -> None:
        self._found = found
        self.query_one("#authorities-state", Static).update(sentence)
        options = self.query_one(OptionList)
        options.add_options(Option(fix.authority(candidate, self._glyphs)) for candidate in found)
        options.highlighted = 0 if found else None

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        candidate = self._found[event.option_index]
        if candidate.problem:
            self.notify(f"httpd would go on refusing the backend: {candidate.problem}.")
        else:
            self.dismiss(candidate.file)
