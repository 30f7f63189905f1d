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
                words = _words(entry)
                environment = (entry / "environ").read_bytes().split(b"\0")
                if wanted in environment or str(place) in words:
                    found[int(entry.name)] = words
    return found


def end(processes: dict[int, str], number: signal.Signals) -> None:
    """Send each a signal, but to what has become another program since: by then httpd has children,
    which outlive it."""
    for process, words in processes.items():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if _words(Path("/proc", str(process))) == words:
                os.kill(process, number)


def _words(entry: Path) -> str:
    return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
