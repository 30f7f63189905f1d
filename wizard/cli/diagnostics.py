"""The one module that writes to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Generic, Self, TypeVar

from wizard.cli.output import Palette
from wizard.text import printable
from wizard.wording.fold import wrap

_COLUMNS = 80
"""Of a terminal that does not say how many it has."""


def error(message: str) -> None:
    """Write one plain line ``proxy-wizard: error: …`` to stderr; on a terminal it is folded between
    words."""
    note(f"error: {message}", prose=True)


def note(message: str, *, red: bool = False, prose: bool = False) -> None:
    """Write one plain line ``proxy-wizard: …`` to stderr.

    Args:
        message: safe to print.
        red: in red where a terminal shows colours.
        prose: it holds no command to copy; on a terminal it is folded between words.
    """
    line = f"proxy-wizard: {message}"
    if prose and sys.stderr is not None and sys.stderr.isatty():
        line = wrap(line, hanging="  ")
    write(f"{Palette(stream=sys.stderr)(line, 'bold', 'red') if red else line}\n")


def at_once(message: str) -> None:
    """Write one plain line ``proxy-wizard: …`` to stderr from a signal handler: Python's stream
    cannot be entered a second time while it is writing."""
    with contextlib.suppress(OSError):
        os.write(2, f"proxy-wizard: {message}\n".encode())


def fault(raised: BaseException) -> None:
    """Report a fault of proxy-wizard itself: where it is, without the values of variables."""
    import traceback

    write_lines("".join(traceback.format_exception(raised)))
    error("this is a fault of proxy-wizard; please report it with the lines above.")


def write_lines(text: str) -> None:
    """Write lines from outside to stderr, each made safe to print."""
    write("".join(f"{printable(line)}\n" for line in text.splitlines()))


def write_all(lines: Iterable[str]) -> None:
    """Write lines, safe to print, to stderr as they are."""
    write("".join(f"{line}\n" for line in lines))


def write(text: str) -> None:
    """Write text, safe to print, to stderr as it is."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return  # stderr is gone: nobody is left to tell


T = TypeVar("T")


class Progress(Generic[T]):
    """One row on stderr that says what a command is at; nothing unless stderr is a terminal.

    It appears after a second of work and is wiped by ``close``, as a context manager in the end.

    Args:
        words: a sentence, safe to print, of what it is called with; ``""``: nothing is shown.
    """

    _PATIENCE = 1.0
    """Seconds until it appears."""
    _INTERVAL = 0.1
    """Seconds between two looks whether it has changed."""
    _END = " (Ctrl-C ends)"

    def __init__(self, words: Callable[[T], str]) -> None:
        self._words = words
        self._active = (
            sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        )
        self._began = time.monotonic()
        self._stop: Callable[[], None] | None = None
        self._at: T

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, at: T) -> None:
        """Show what the command is at now."""
        self._at = at
        if self._active and self._stop is None:
            self._start()

    def close(self) -> None:
        """Wipe the row."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _start(self) -> None:
        import threading  # most commands show nothing

        over = threading.Event()
        # a thread of its own: nothing is heard from a backend that is silent
        thread = threading.Thread(target=self._show, args=(over.wait,), daemon=True)
        thread.start()

        def stop() -> None:
            over.set()
            thread.join()

        self._stop = stop

    def _show(self, over: Callable[[float], bool]) -> None:
        shown = ""
        wait = max(0.0, self._began + self._PATIENCE - time.monotonic())
        while not over(wait):
            wait = self._INTERVAL
            row = self._row()
            if row != shown:
                write(f"\r{row}\x1b[K")
                shown = row
        if shown:
            write("\r\x1b[K")

    def _row(self) -> str:
        """The words, cut to the terminal's width."""
        said = self._words(self._at)
        encoding = sys.stderr.encoding or "ascii"
        said = said.encode(encoding, "backslashreplace").decode(encoding)
        try:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
        except (OSError, ValueError):
            columns = _COLUMNS
        room = columns - 1 - len(self._END)  # in the last column some terminals begin a new row
        return f"{_cut(said, room)}{self._END}" if said and room > 0 else ""


def _cut(text: str, room: int) -> str:
    """Text in so many columns; terminals show a letter of other scripts in one or two."""
    if sum(1 if char.isascii() else 2 for char in text) <= room:
        return text
    left = room - 3
    kept = []
    for char in text:
        left -= 1 if char.isascii() else 2
        if left < 0:
            break
        kept.append(char)
    return "".join(kept) + "..."[: max(0, room)]
