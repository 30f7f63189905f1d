"""A real terminal for the tests, and what stands on it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

SECONDS = 60.0
"""After which something that should be on the screen is not."""


class Tmux:
    """A terminal of 80 by 24 on a socket of its own, as a context manager.

    Args:
        directory: for the socket, and the state of proxy-wizard.
        command: to run in it; after it the screen says ``exit=`` and its code.
    """

    def __init__(self, directory: Path, command: Sequence[str]) -> None:
        program = shutil.which("tmux")
        assert program is not None, "tmux is missing: tests/run installs it"
        self._base = [program, "-S", str(directory / "tmux"), "-f", "/dev/null"]
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TMUX", "NO_COLOR"))},
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "PROXY_WIZARD_STATE": str(directory / "state"),
        }
        shell = f"{shlex.join(command)}; echo exit=$?; exec cat"
        self._do("new-session", "-d", "-x", "80", "-y", "24", shell)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the terminal away, as by closing its window."""
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            [*self._base, *words], env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        self._do("send-keys", *keys)

    def see(self, what: str | Callable[[str], bool]) -> str:
        """Wait until something is on the screen."""
        end = time.monotonic() + SECONDS
        shown = ""
        while time.monotonic() < end:
            shown = self._do("capture-pane", "-p")
            said = " ".join(shown.split())  # a line may break anywhere: paths differ in length
            if what in said if isinstance(what, str) else what(shown):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{what!r} never came:\n{shown}")
