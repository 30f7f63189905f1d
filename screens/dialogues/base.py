"""Small questions and answers over a step: open, save, confirm, help."""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, DirectoryTree, Input, Label, Static

from screens.widgets.key_bar import KeyBar
from screens.widgets.path import PathField, meant
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.change import Change


class Tree(DirectoryTree):
    """A directory tree that draws with letters: not every terminal has pictures of folders."""

    ICON_NODE = "+ "
    ICON_NODE_EXPANDED = "- "
    ICON_FILE = "  "


class Dialogue(ModalScreen[str | None]):
    """A box over the step; Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="dialogue.cancel")
    ]

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)


class OpenDialogue(Dialogue):
    """Asks for a file or directory, by name (with completion) or in a tree.

    Args:
        title: what is asked for.
        hint: a sentence below it.
        path: to begin with.
        directories: whether a directory is an answer, and nothing at all; else a directory is
            opened in the tree.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "take", "Open directory", id="open.take",
                tooltip="Open the directory that the cursor of the list is on"),
    ]  # fmt: skip

    def __init__(self, title: str, hint: str, path: str, *, directories: bool = False) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._path = path
        self._directories = directories

    def compose(self) -> ComposeResult:
        """The path and the tree."""
        start = _directory(self._path or "/etc") or Path("/")
        with Vertical(classes="dialogue tall"):
            yield Label(self._title, classes="title")
            yield Static(printable(self._hint), markup=False)
            yield PathField(self._path, "path", "path", onward=self._go_to_tree)
            yield Tree(start, id="tree")
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only in the list is there a directory to take, where one is asked for."""
        if action == "take":
            return self._directories and isinstance(self.focused, Tree)
        return super().check_action(action, parameters)

    @on(Input.Submitted, "#path")
    async def _typed(self, event: Input.Submitted) -> None:
        path = _path(event.value)
        if not event.value.strip():
            if self._directories:
                self.dismiss("")
        elif self._directories or not await asyncio.to_thread(path.is_dir):
            self.dismiss(str(path))
        else:
            self._go_to_tree()

    @work(exclusive=True, group="tree", exit_on_error=False)
    async def _go_to_tree(self) -> None:
        """Go to the list, and there to the directory that the field names."""
        tree = self.query_one(Tree)
        directory = await asyncio.to_thread(_directory, self.query_one(PathField).value)
        if directory is not None and directory != Path(tree.path):
            tree.path = directory
        tree.focus()

    def action_take(self) -> None:
        """Answer with the directory under the cursor."""
        node = self.query_one(Tree).cursor_node
        if node is not None and node.data is not None:
            path = node.data.path
            self.dismiss(str(path if node.allow_expand else path.parent))

    @on(DirectoryTree.FileSelected)
    def _picked(self, event: DirectoryTree.FileSelected) -> None:
        self.dismiss(str(event.path))


def _path(text: str) -> Path:
    """What was typed, as a path."""
    path = Path(meant(text.strip()))
    try:
        return path.expanduser()
    except RuntimeError:  # no such user's home
        return path


def _directory(text: str) -> Path | None:
    """The directory that a path names, or the one that it lies in; none for an empty field."""
    path = _path(text)
    try:
        return next((place for place in (path, path.parent) if text and place.is_dir()), None)
    except OSError:
        return None


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


def _free(path: str) -> str:
    """The path, or the next one like it, that nothing has yet: what exists is not overwritten."""
    stem, suffix = os.path.splitext(path)  # noqa: PTH122  # names may hold anything
    others = (f"{stem}-{number}{suffix}" for number in itertools.count(2))
    return next(each for each in itertools.chain([path], others) if not os.path.lexists(each))


class SaveDialogue(Dialogue):
    """Asks where to and saves.

    Args:
        name: of the file, to begin with.
        data: its bytes.
    """

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__()
        self._file_name = name
        self._data = data

    def compose(self) -> ComposeResult:
        """The path."""
        with Vertical(classes="dialogue"):
            yield Label("Save as", classes="title")
            yield PathField(_free(str(Path.cwd() / self._file_name)), "path")
            yield Static("Enter saves; a file that exists is not overwritten.", id="save-state",
                         markup=False)  # fmt: skip
        yield KeyBar()

    @on(Input.Submitted, "#path")
    def _save(self, event: Input.Submitted) -> None:
        path = _path(event.value)
        try:
            with path.open("xb") as file:
                file.write(self._data)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            self.query_one("#save-state", Static).update(printable(f"Not saved: {reason}."))
            return
        self.notify(printable(f"Saved: {path}"), markup=False)
        self.dismiss(str(path))


class ConfirmDialogue(ModalScreen[bool]):
    """A question with its consequences; nothing happens unless it is answered with y.

    Args:
        title: the question.
        text: what will happen, line by line.
        yes: label of the consenting button.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no"),
    ]
    AUTO_FOCUS = "#no"

    def __init__(self, title: str, text: Text, yes: str = "Yes (y)") -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question; the harmless answer has the focus."""
        with Vertical(classes="dialogue tall"):
            yield Label(self._title, classes="title")
            with VerticalScroll():
                yield Static(self._text, markup=False)
            with Horizontal(classes="buttons"):
                yield Button("No (n)", id="no")
                yield Button(self._yes, id="yes", variant="warning")
        yield KeyBar()

    def action_answer(self, answer: bool) -> None:
        """Answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class InterruptedDialogue(Dialogue):
    """A change was begun and not ended, by a crash or a full disk: what now?

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
        with Vertical(classes="dialogue tall"):
            yield Label("A change was interrupted", classes="title")
            yield Static(
                f"{self._change.id}, begun {self._change.created}, was not finished. u brings "
                "every file back to what it was; f finishes the change: writes the rest, tests, "
                "reloads. Until then nothing else can be changed.\n\n"
                "These files may be new or old:",
                markup=False,
            )
            with VerticalScroll():
                yield Static(files, markup=False)
        yield KeyBar()

    def action_answer(self, way: str) -> None:
        """The operator decided."""
        self.dismiss(way)


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
    ("q", "quit. Nothing is written to the server unless you confirmed it in step 5."),
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
