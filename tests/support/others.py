"""Other users of the machine: where they may write too, and what they lay there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

NOBODY = 65534


def shared(place: Path) -> Path:
    """A new directory in which everybody may write, as in ``/tmp``."""
    place.mkdir()
    place.chmod(0o1777)
    return place


def give(path: Path) -> None:
    """Give a file, directory or link to somebody else; the test fails if it may not."""
    if os.geteuid() != 0:
        pytest.fail("this test gives files to another user: run it as root")
    os.lchown(path, NOBODY, NOBODY)
