"""The one module that writes to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Mapping

from wizard.cli.output import Palette
from wizard.masking import lines as masking
from wizard.text import printable
from wizard.wording.fold import wrap


def error(message: str) -> None:
    """Write one plain line ``proxy-wizard: error: …`` to stderr."""
    write(f"proxy-wizard: error: {message}\n")


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


def write_diff(text: str, sources: Mapping[str, bytes] = masking.NONE) -> None:
    """Write a diff of configuration files to stderr, without what is secret in it.

    Args:
        text: the diff.
        sources: as for ``wizard.masking.lines.diff``.
    """
    lines = masking.diff(text.removesuffix("\n").split("\n"), sources)
    write("".join(f"{printable(line.rstrip(chr(13)))}\n" for line in lines))


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


class Progress:
    """A single line on stderr that counts up; silent unless stderr is a terminal.

    As a context manager it wipes the line in the end.

    Args:
        label: what is being counted, a plural noun phrase.
    """

    _INTERVAL = 0.1  # seconds between two redraws: often enough to look alive

    def __init__(self, label: str) -> None:
        self._label = label
        self._active = sys.stderr is not None and sys.stderr.isatty()
        self._last = 0.0
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are finished."""
        now = time.monotonic()
        if not self._active or (done < total and now - self._last < self._INTERVAL):
            return
        self._last = now
        self._shown = True
        write(f"\r{self._label} {done}/{total} (Ctrl-C ends)\x1b[K")

    def close(self) -> None:
        """Wipe the line."""
        if self._shown:
            write("\r\x1b[K")
            self._shown = False
