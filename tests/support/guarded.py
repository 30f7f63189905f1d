"""A directory that nobody but root can write, with all that leads to it: CAs are found only there.

pytest's own lies in ``/tmp``, into which anybody may lay something.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def tree() -> Iterator[Path]:
    """A new one; the test fails if it may not be made."""
    if os.geteuid() != 0:
        pytest.fail("a CA that is found counts in root's own directories only: run it as root")
    with tempfile.TemporaryDirectory(prefix="proxy-wizard-test-", dir="/var/lib") as made:
        path = Path(made)
        path.chmod(0o755)
        yield path
