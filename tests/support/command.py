"""The product's command in a process of its own, and what an operator does with its patch."""

from __future__ import annotations

import subprocess
import sys

WIZARD = (sys.executable, "-m", "wizard")


def patch(text: bytes, *options: str) -> None:
    """Apply a patch whose paths begin at the root, exactly where it says so."""
    done = subprocess.run(
        ["patch", "-p1", "-d", "/", "-F0", "--no-backup-if-mismatch", *options],
        input=text,
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == 0, (done.stdout, text)
