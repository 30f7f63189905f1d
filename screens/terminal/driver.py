"""Textual's driver, for a terminal that sends any bytes and may be gone at any moment."""

from __future__ import annotations

import contextlib
import os
import re
import select
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO, cast

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from screens.terminal.parser import Parser

SMALLEST = (24, 6)
"""Columns and lines that are drawn at least."""
_TICK = 0.1
"""Seconds after which a lone Escape is one; Textual's own."""
_PACE = 0.005
"""Seconds between two looks whether the application has come as far as the terminal."""
_MOST = 4096
"""Bytes that are read at once; Textual's own."""
_SEQUENCES = re.compile("(?=\x1b)")
"""Where one begins that the parser may fail at."""


class TerminalGone(Message):
    """Nobody reads or writes at the terminal any more."""


class Output:
    """What Textual's thread writes to. Once nobody reads it, it takes all and writes nothing: that
    thread must not end, as the application waits for it.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False
        self.fileno = stream.fileno

    def write(self, text: str) -> None:
        """Write, as far as there is a terminal."""
        self._do(lambda: self._stream.write(text))

    def flush(self) -> None:
        """Flush, as far as there is a terminal."""
        self._do(self._stream.flush)

    def _do(self, what: Callable[[], object]) -> None:
        if not self._gone:
            try:
                what()
            except (OSError, ValueError):
                self._gone = True


class Input:
    """Textual's parser of what a terminal sends, for any bytes at all."""

    def __init__(self) -> None:
        # a terminal of another encoding sends bytes that are no UTF-8
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._parser = Parser()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The events that bytes mean; a sequence that the parser fails at means none."""
        for piece in _SEQUENCES.split(self._decode(data)):
            if piece:  # for the parser nothing is the end
                yield from self._parsed(self._parser.feed(piece))

    def tick(self) -> Iterator[Message]:
        """The events of a sequence that does not go on."""
        yield from self._parsed(self._parser.tick())

    def _parsed(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            # only an answer to what is not asked here says the size: it may be of any
            yield from (one for one in messages if not isinstance(one, events.Resize))
        except Exception:  # noqa: BLE001  # a number that is no character, too large, …
            self._parser = Parser()
        self._parser.mouse_pixels = False


class Driver(LinuxDriver):
    """Textual's driver, whose own reader ends at the first byte that is not UTF-8."""

    _is_suspended = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._size = self._size or self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Of the terminal, but no smaller than the wizard is drawn: the rest is cut off there.

        Textual fails where a text has no column left for it.
        """
        width, height = super()._get_terminal_size()
        return max(width, SMALLEST[0]), max(height, SMALLEST[1])

    def start_application_mode(self) -> None:
        """Take the terminal."""
        if not isinstance(self._file, Output):
            self._file = cast("Any", Output(cast("TextIO", self._file)))
        self._is_suspended = False
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own

    def suspend_application_mode(self) -> None:
        """Give the terminal back for now."""
        self._is_suspended = True
        super().suspend_application_mode()

    def _query_in_band_window_resize(self) -> None:
        """Not asked: SIGWINCH tells as well, and cannot be pasted."""

    def _sigtstp_application(self, *_: object) -> None:
        self._in_turn(super()._sigtstp_application)

    def _sigcont_application(self, *_: object) -> None:
        self._in_turn(self._go_on)

    def _in_turn(self, do: Callable[[], None]) -> None:
        """Not from a signal's handler, which could interrupt what it then waits for."""
        with contextlib.suppress(RuntimeError):  # the application is gone
            self._loop.call_soon_threadsafe(do)

    def _go_on(self) -> None:
        """Take the terminal again, also after SIGSTOP, which nobody is told of."""
        if self._auto_restart:
            if not self._is_suspended:
                self.suspend_application_mode()
            self.resume_application_mode()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001  # its report is the application's
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read until the application or the terminal is gone."""
        source = Input()
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _TICK)[0]:
                try:
                    data = os.read(self.fileno, _MOST)
                except OSError:
                    data = b""
                if not data:
                    self.process_message(TerminalGone())
                    return
                for event in source.feed(data):
                    self.process_message(event)
                self._keep_pace()
            for event in source.tick():
                self.process_message(event)

    def _keep_pace(self) -> None:
        """Read no more until the application has come this far: the rest stays with the kernel."""
        arrived = threading.Event()
        with contextlib.suppress(RuntimeError):  # the application is gone
            self._loop.call_soon_threadsafe(arrived.set)
        while not arrived.wait(_TICK) or getattr(self._app, "is_behind", False):
            if self.exit_event.wait(_PACE):
                return
