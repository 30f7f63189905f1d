"""Terminals of any size, and those that change it while something is shown."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.pty_terminal import Terminal

PROGRAM = Path(sys.executable).with_name("proxy-wizard")
ESCAPE = "\x1b"
KEYS = ("0", "w", "a", ESCAPE, "1", "x", "o", ESCAPE, "2", "h", ESCAPE, "3", "e", ESCAPE, "m",
        ESCAPE, "4", "v", "v", "f", ESCAPE, "5", "s", ESCAPE, "?",
        ESCAPE, "\x10", ESCAPE)  # fmt: skip


@pytest.fixture
def terminal(tmp_path: Path, one_route: Path) -> Iterator[Terminal]:
    env = {**os.environ, "PROXY_WIZARD_STATE": str(tmp_path / "state")}
    with Terminal([str(PROGRAM), str(one_route)], env) as found:
        found.see("The browser gets 503.")
        yield found


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def leave(terminal: Terminal) -> None:
    """It is whole: at a usual size it draws the step, and answers."""
    resize(terminal, 80, 24)
    for _ in range(3):
        time.sleep(0.5)
        terminal.send(ESCAPE.encode())
    time.sleep(0.5)
    terminal.step("2", "[2 Probe")
    terminal.send(b"q")
    assert terminal.ended() == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 24), (5, 1), (80, 2), (400, 200)])
def test_every_step_and_dialogue(terminal: Terminal, size: tuple[int, int]) -> None:
    """At two columns Textual fails where a text has no column left."""
    resize(terminal, *size)
    for key in KEYS:
        terminal.send(key.encode())
        time.sleep(0.25)  # a key that came together with Escape would be one with Alt
        assert terminal.process.poll() is None, terminal.text[-2000:]
    leave(terminal)


def test_the_size_changes_all_the_time(terminal: Terminal) -> None:
    for number, key in enumerate(KEYS * 2):
        terminal.send(key.encode())
        for _ in range(3):
            resize(terminal, *((1, 1), (80, 24), (3, 7), (200, 60))[number % 4])
            time.sleep(0.05)
        assert terminal.process.poll() is None, terminal.text[-2000:]
    leave(terminal)
