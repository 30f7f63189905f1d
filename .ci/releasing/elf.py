"""What a compiled file asks of the machine that it is to run on."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

_NEEDED = re.compile(r"Name: GLIBC_(\d+)\.(\d+)")
_RELATIVE = "Name: GLIBC_ABI_DT_RELR"
"""Packed relative relocations, which glibc 2.36 was the first to read."""


def is_elf(path: Path) -> bool:
    """Whether a file is a program or a library."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def glibc(paths: Iterable[Path]) -> tuple[int, int]:
    """The oldest glibc that has every symbol the files ask for.

    It is read from the symbols' versions: a file built on a machine with glibc 2.36 may well run
    with an older one.
    """
    least = (2, 0)
    for path in paths:
        done = subprocess.run(
            ["readelf", "--version-info", "--wide", str(path)],
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = [(int(major), int(minor)) for major, minor in _NEEDED.findall(done.stdout)]
        if _RELATIVE in done.stdout:
            found.append((2, 36))
        least = max((least, *found))
    return least


def openssl(data: bytes) -> str | None:
    """The version of the OpenSSL that is linked into a file, if one is."""
    found = re.search(rb"\0OpenSSL (\d+\.\d+\.\d+[a-z]*) \d+ [A-Z][a-z]{2} \d{4}\0", data)
    return found[1].decode("ascii") if found else None
