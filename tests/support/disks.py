"""A small disk for tests of what happens when one is full or read-only."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small(place: Path, *options: str) -> Iterator[Path]:
    """64 KiB of tmpfs on an existing directory; the test fails with the reason if it may not."""
    chosen = ",".join(("size=64k", "mode=755", *options))
    _mount("-t", "tmpfs", "-o", chosen, "tmpfs", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextlib.contextmanager
def overlay(place: Path, lower: Path) -> Iterator[Path]:
    """A container's file system on an existing directory: what lies in another one is seen there,
    and changes are kept apart, on another device."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        (Path(name) / "upper").mkdir()
        (Path(name) / "work").mkdir()
        layers = f"lowerdir={lower},upperdir={name}/upper,workdir={name}/work,xino=off"
        _mount("-t", "overlay", "-o", layers, "overlay", str(place))
        try:
            yield place
        finally:
            subprocess.run(["umount", str(place)], check=True)


def read_only(place: Path) -> None:
    """Make a disk from ``small`` read-only."""
    _mount("-o", "remount,ro", str(place))


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(
            "this test mounts a file system: run it as root, in a container with CAP_SYS_ADMIN. "
            f"mount says: {done.stderr.strip()}"
        )
