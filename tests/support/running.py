"""Processes of this machine, by what they were started with."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def with_temporary(place: Path) -> dict[int, str]:
    """Those whose files for the moment lie in a directory (``TMPDIR``): number and command line."""
    wanted = f"TMPDIR={place}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                environment = (entry / "environ").read_bytes().split(b"\0")
                if wanted in environment or str(place).encode() in words:
                    found[int(entry.name)] = words.decode("utf-8", "replace")
    return found


def end(processes: dict[int, str], number: signal.Signals) -> None:
    """Send each a signal."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
