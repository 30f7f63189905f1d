"""Other users of the machine: where they may write too, and what they lay there."""

from __future__ import annotations

import os
import struct
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


def let_write(path: Path, *, group: bool = False) -> None:
    """Let somebody else, or their group, write by an ACL, as ``setfacl -m`` does."""
    nobody = 0xFFFFFFFF
    read = 5 if path.is_dir() or os.access(path, os.X_OK) else 4
    named = (8, 7, NOBODY) if group else (2, 7, NOBODY)
    rest = [(1, 7, nobody), (4, read, nobody), (0x10, 7, nobody), (0x20, read, nobody)]
    entries = sorted([*rest, named], key=lambda entry: entry[0])
    raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(path, "system.posix_acl_access", raw)
