"""A field for a path, completed as a shell does."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from screens.newest import Newest

_MOST = 20_000
"""Entries of a directory that are looked at."""


def meant(value: str) -> str:
    """A path typed behind another (``/etc/apache2//srv/a.conf``) is meant alone, as in Emacs."""
    return value[max(value.rfind("//") + 1, value.rfind("/~/") + 1, 0) :]


def candidates(value: str) -> list[str]:
    """The completions of a path: each entry of its directory that begins with its last part.

    A directory ends with a slash. Names that begin with a dot come only if that was typed, and
    none that cannot be shown: those are in the tree.
    """
    value = meant(value)
    directory, name = os.path.split(value)
    prefix = value.removesuffix(name)
    try:
        with os.scandir(Path(directory or ".").expanduser()) as entries:
            return sorted(
                f"{prefix}{entry.name}{'/' if _is_directory(entry) else ''}"
                for entry in itertools.islice(entries, _MOST)
                if entry.name.startswith(name)
                and entry.name.isprintable()
                and (name or not entry.name.startswith("."))
            )
    except (OSError, ValueError, RuntimeError):  # RuntimeError: no such user's home
        return []


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to where this user may not look
        return False


def _ends(path: str) -> bool:
    """Whether a path is complete: it names a file, or one that is to be made."""
    try:
        return not path.endswith("/") and not Path(path).expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):  # RuntimeError: no such user's home
        return False


def completed(value: str) -> str:
    """A path extended by what all its candidates have in common."""
    found = candidates(value)
    return os.path.commonprefix(found) if found else value  # noqa: RUF071  # letter by letter


class PathSuggester(Suggester):
    """Suggests the first candidate for a path that was begun."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._newest = Newest()

    async def get_suggestion(self, value: str) -> str | None:
        """The first candidate, once a name was begun."""
        if not os.path.basename(value):  # noqa: PTH119  # a Path forgets a slash at the end
            return None
        async with self._newest.turn() as is_newest:
            found = await asyncio.to_thread(candidates, value) if is_newest else []
        return next(iter(found), None)


class PathField(Input):
    """Tab completes; where there is nothing to complete it moves on. Right takes the suggestion.

    Args:
        path: to begin with.
        name: its id.
        placeholder: what stands in it while it is empty.
        compact: without a frame.
        onward: goes to the list below; None: there is none, and Tab moves on as it does elsewhere.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", id="path.complete",
                tooltip="Complete a path as a shell does; if it is complete, go on"),
        Binding("down", "onward", "List", id="path.onward",
                tooltip="From the field into the list"),
    ]  # fmt: skip

    def __init__(
        self,
        path: str,
        name: str,
        placeholder: str = "",
        *,
        compact: bool = False,
        onward: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            path,
            placeholder,
            suggester=PathSuggester(),
            select_on_focus=False,  # what is typed goes on from there
            id=name,
            compact=compact,
        )
        self._onward = onward
        self._ended = ""

    def on_mount(self) -> None:
        """Check in the background whether the path names a file."""
        if self.value:
            self._check_end(self.value)

    @work(group="check-end", exit_on_error=False)
    async def _check_end(self, path: str) -> None:
        if await asyncio.to_thread(_ends, path):
            self._ended = path

    def on_key(self, event: events.Key) -> None:
        """A slash behind what stands there whole, a file or a directory, begins another path."""
        at_end = self.cursor_position == len(self.value)
        is_whole = self.value == self._ended or self.value.endswith("/")
        if event.character in ("/", "~") and at_end and self.value and is_whole:
            self.value = ""

    def on_paste(self, event: events.Paste) -> None:
        """A whole path takes the place of the one that stands there, before the base puts it in."""
        if event.text.lstrip().startswith(("/", "~")):
            self.value = ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Down leads somewhere only if there is a list."""
        if action == "onward":
            return self._onward is not None
        return super().check_action(action, parameters)

    def action_onward(self) -> None:
        """Go on, complete or not."""
        if self._onward is not None:
            self._onward()

    @work(exclusive=True, group="complete", exit_on_error=False)
    async def action_complete(self) -> None:
        """Complete, or go on; a directory that does not answer blocks nothing."""
        before = self.value
        after = await asyncio.to_thread(completed, before) if before else before
        if self.value != before:
            return  # typed meanwhile
        if after != before:
            self.value = after
            self.cursor_position = len(after)
        elif self._onward is not None:
            self._onward()
        else:
            self.screen.focus_next()


def typed_path(text: str) -> Path:
    """What was typed, as a path; ``~`` is a home directory where there is one."""
    path = Path(meant(text.strip()))
    try:
        return path.expanduser()
    except RuntimeError:  # no such user's home
        return path
