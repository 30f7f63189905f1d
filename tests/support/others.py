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


def let_write_by_default(directory: Path) -> None:
    """Let somebody else read and write whatever is made in a directory, as ``setfacl -d -m``."""
    os.setxattr(directory, "system.posix_acl_default", acl((2, 7, NOBODY), mask=7))


def acl(*named: tuple[int, int, int], owner: int = 7, group: int = 0, mask: int) -> bytes:
    """An ACL as an extended attribute holds it (linux/posix_acl_xattr.h).

    Args:
        named: tag (2: a user, 8: a group), permissions and number of each entry.
        owner: permissions of the owner.
        group: of the owning group.
        mask: the most that the group and the named ones get.
    """
    nobody = 0xFFFFFFFF
    rest = [(1, owner, nobody), (4, group, nobody), (0x10, mask, nobody), (0x20, 0, nobody)]
    entries = sorted([*rest, *named], key=lambda entry: entry[0])
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def may(path: Path, way: int) -> bool:
    """Whether somebody else can open a file so (``os.O_RDONLY``, ``os.O_WRONLY``); tried."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.close(os.open(path, way))
            os._exit(0)
        except PermissionError:
            os._exit(1)
        finally:
            os._exit(2)
    return {0: True, 1: False}[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]
