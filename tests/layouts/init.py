"""Process 1 of a machine of tests.layouts: it covers the host's directories and buries the dead.

Called as ``init.py DIRECTORY``. A line on its standard input is a command that it becomes (a
container's server is process 1); at the end of the input it ends, and every process of the machine
with it.
"""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import subprocess
import sys
from pathlib import Path

COVERED = ("/etc", "/usr", "/var", "/srv")
"""Shown as the host has them; what is written there stays in the machine."""
EMPTY = ("/run",)


def cover(store: Path) -> None:
    """Mount a layer of memory over the host's directories."""
    _mount("-t", "tmpfs", "tmpfs", str(store))
    for name in COVERED:
        upper, work = store / f"{name[1:]}.upper", store / f"{name[1:]}.work"
        upper.mkdir()
        work.mkdir()
        layers = f"lowerdir={name},upperdir={upper},workdir={work}"
        _mount("-t", "overlay", "-o", layers, "overlay", name)
    for name in EMPTY:
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", name)


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"mount {words[-1]}: {done.stderr.strip()}")


def main() -> None:
    """Serve until the input ends."""
    store = Path(sys.argv[1])
    cover(store)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        readable, _, _ = select.select([sys.stdin], [], [], 0.05)
        if not readable:
            continue
        line = sys.stdin.readline()
        if not line:
            return
        words = shlex.split(line)
        os.execvp(words[0], words)  # a test's own command


if __name__ == "__main__":
    main()
