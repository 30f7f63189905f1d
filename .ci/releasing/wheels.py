"""Fetches what tests/release install, before they run: tests talk to loopback alone.

``python -m releasing.wheels DIR``; ``tests/run`` calls it.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from releasing import bundle, pins

DIRECTORIES = {"needed": pins.CONSTRAINTS, "tools": pins.TOOLS}
"""Directory to the pins of what it holds: proxy-wizard's needs, and what installs and builds."""
_ONLY = {"needed": (), "tools": ("pip", "setuptools")}


def main(arguments: Sequence[str]) -> None:
    """Fill the directory, unless it holds the same already."""
    (place,) = map(Path, arguments)
    stamp = place / "of"
    wanted = _digest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(place, ignore_errors=True)
    python = [f"{sys.version_info[0]}.{sys.version_info[1]}"]
    for name, requirements in DIRECTORIES.items():
        bundle.download(place / name, requirements, platform.machine(), python, _ONLY[name])
    stamp.write_text(wanted)


def _digest() -> str:
    texts = [path.read_bytes() for path in DIRECTORIES.values()]
    return hashlib.sha256(b"".join((*texts, sys.version.encode()))).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
