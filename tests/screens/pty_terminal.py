"""A program on a pseudo-terminal of the test's own: its bytes, its modes, and its end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Self

from tests.support.waiting import until

SECONDS = 60.0
"""After which something that should happen has not."""
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])")
_MODE = re.compile(r"\x1b\[\?(\d+)([hl])")
AS_BEFORE = {7: True, 25: True, 1000: False, 1003: False, 1004: False, 1006: False, 1015: False,
             1016: False, 1049: False, 2004: False, 2048: False}  # fmt: skip
"""Private modes (xterm's ctlseqs): line wrap and cursor are on; mouse, focus, alternate screen,
bracketed paste and reports of the size are off."""


class Terminal:
    """A terminal of 80 by 24 and the program that owns it, as a context manager.

    Args:
        words: the command.
        env: its environment.
        ignored: signals that it ignores from the start, as under nohup(1).
    """

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], ignored: Sequence[int] = ()
    ) -> None:
        self._master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.bytes = b""

        def own() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        self.process = subprocess.Popen(
            words, stdin=self.slave, stdout=self.slave, stderr=self.slave, preexec_fn=own,
            env={**env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}, start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self._master >= 0:
                if select.select([self._master], [], [], 0.1)[0]:
                    self.bytes += os.read(self._master, 65536)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.hang_up()

    @property
    def text(self) -> str:
        """All that was written, without the sequences, one line of a screen after the other."""
        return " ".join(_SEQUENCE.sub(" ", self.bytes.decode("utf-8", "replace")).split())

    @property
    def modes(self) -> dict[int, bool]:
        """What is on and off by now of what a program switched."""
        found = _MODE.findall(self.bytes.decode("utf-8", "replace"))
        return {**AS_BEFORE, **{int(number): what == "h" for number, what in found}}

    @property
    def attributes(self) -> list[Any]:
        """Of the terminal's line, as termios has them."""
        return termios.tcgetattr(self.slave)

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self._master, data)

    def see(self, what: str, *, after: int = 0) -> None:
        """Wait until something was written."""
        until(lambda: what in self.text[after:], SECONDS, lambda: f"{what!r}: {self.text[-3000:]}")

    def step(self, keys: str, what: str) -> None:
        """Type, and wait for what is then written."""
        seen = len(self.text)
        self.send(keys.encode())
        self.see(what, after=seen)

    def hang_up(self) -> None:
        """Take the terminal away."""
        master, self._master = self._master, -1
        if master >= 0:
            self._reader.join(5)
            os.close(self.slave)
            os.close(master)

    def ended(self, seconds: float = SECONDS) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(seconds)
        if self._master >= 0:
            until(lambda: not select.select([self._master], [], [], 0)[0])
        return code

    def is_restored(self) -> bool:
        """Whether everything is as the program found it."""
        return self.attributes == self.before and self.modes == AS_BEFORE
