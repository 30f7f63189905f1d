"""The question where to save, with a name that is free."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label, Static

from screens.dialogues.base import Dialogue
from screens.widgets.key_bar import KeyBar
from screens.widgets.path import PathField, typed_path
from wizard.text import printable

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def _free(path: str) -> str:
    """The path, or the next one like it, that nothing has yet: what exists is not overwritten."""
    stem, suffix = os.path.splitext(path)  # noqa: PTH122  # names may hold anything
    others = (f"{stem}-{number}{suffix}" for number in itertools.count(2))
    return next(each for each in itertools.chain([path], others) if not os.path.lexists(each))


def _here(name: str) -> str:
    """A file in the working directory, if there still is one."""
    try:
        return str(Path.cwd() / name)
    except FileNotFoundError:
        return name


class SaveDialogue(Dialogue):
    """Asks where to and saves.

    Args:
        name: of the file, to begin with.
        data: its bytes.
        private: for this user alone.
    """

    def __init__(self, name: str, data: bytes, *, private: bool) -> None:
        super().__init__()
        self._mode = 0o600 if private else 0o666
        self._file_name = name
        self._data = data

    def compose(self) -> ComposeResult:
        """The path."""
        with Vertical(classes="dialogue"):
            yield Label("Save as", classes="title")
            yield PathField(_free(_here(self._file_name)), "path")
            yield Static("Enter saves; a file that exists is not overwritten.", id="save-state",
                         markup=False)  # fmt: skip
        yield KeyBar()

    @on(Input.Submitted, "#path")
    def _save(self, event: Input.Submitted) -> None:
        path = typed_path(event.value)
        try:
            with os.fdopen(os.open(path, _NEW, self._mode), "wb") as file:
                file.write(self._data)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            self.query_one("#save-state", Static).update(printable(f"Not saved: {reason}."))
            return
        self.notify(printable(f"Saved: {path}"), markup=False)
        self.dismiss(str(path))
