"""From the start of the process to the first painted screen, against a bare Textual application.

Each is started in a pseudo-terminal of its own, in turns, and timed until it has painted: the last
row is there and nothing more comes for a moment. ``python -m tests.benchmarks.bench_first_paint``
prints the medians and their ratio; the target is 1.3.
"""

from __future__ import annotations

import argparse
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from fcntl import ioctl
from pathlib import Path

from tests.benchmarks import programs

COLUMNS, ROWS = 80, 24
_LAST_ROW = f"\x1b[{ROWS};".encode()
_SECONDS = 30.0
_BARE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Input, Static

class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Static("bare")
        yield Input()
        yield DataTable()
        yield Footer()

Bare().run()
"""
_SITE = """<VirtualHost *:8080>
    ServerName app.example.com
    SSLProxyEngine on
    ProxyPass / https://backend.internal:8443/
</VirtualHost>
"""


def first_paint(command: Sequence[str]) -> float:
    """Seconds until a program has painted the last row of its first screen.

    Raises:
        TimeoutError: it never did.
    """
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        own = programs.environment(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execve(command[0], list(command), own)  # our own interpreter
    try:
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        seen = b""
        while time.perf_counter() - began < _SECONDS:
            if select.select([terminal], [], [], 0.5)[0]:
                seen += os.read(terminal, 65536)
                if _LAST_ROW in seen:
                    return time.perf_counter() - began
        raise TimeoutError(seen[-500:])
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="starts of each")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        bare, site = Path(directory, "bare.py"), Path(directory, "site.conf")
        bare.write_text(_BARE)
        site.write_text(_SITE)
        commands = {
            "bare Textual application": [sys.executable, str(bare)],
            "proxy-wizard CONFIG": [sys.executable, "-m", "wizard.cli.main", str(site)],
        }
        for command in commands.values():
            first_paint(command)  # caches of bytecode and files
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(first_paint(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = medians["bare Textual application"]
    print(f"| to the first paint, {COLUMNS}x{ROWS} | median of {rounds} | fastest | ratio |")
    print("|---|---|---|---|")
    for name, median in medians.items():
        print(
            f"| {name} | {median * 1000:.0f} ms | {min(times[name]) * 1000:.0f} ms "
            f"| {median / base:.2f} |"
        )


if __name__ == "__main__":
    main()
