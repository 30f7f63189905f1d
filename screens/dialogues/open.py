"""The question for a configuration, a log or a CA file: a path, or the tree of files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DirectoryTree, Input, Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar
from screens.widgets.path import PathField, typed_path
from wizard.text import printable


class Tree(DirectoryTree):
    """A directory tree that draws with letters: not every terminal has pictures of folders."""

    ICON_NODE = "+ "
    ICON_NODE_EXPANDED = "- "
    ICON_FILE = "  "


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
        path = typed_path(event.value)
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


def _directory(text: str) -> Path | None:
    """The directory that a path names, or the one that it lies in; none for an empty field."""
    path = typed_path(text)
    try:
        return next((place for place in (path, path.parent) if text and place.is_dir()), None)
    except OSError:
        return None
