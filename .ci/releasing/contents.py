"""What an executable holds, read from the executable itself; runs where PyInstaller is.

usage: contents.py EXECUTABLE – prints a JSON object.
"""

from __future__ import annotations

import email
import hashlib
import json
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PyInstaller import __version__ as bootloader
from PyInstaller.archive.readers import CArchiveReader

from releasing import elf, sbom


def read(executable: str) -> dict[str, object]:
    """Its Python, the distributions whose metadata it holds, and its compiled files."""
    archive = CArchiveReader(executable)
    distributions = [("pyinstaller", bootloader, "GPL-2.0-or-later WITH Bootloader-exception")]
    binaries = []
    for name, (*_, kind) in sorted(archive.toc.items()):
        if kind == "b":
            data = archive.extract(name)
            binaries.append({"name": name, "sha256": hashlib.sha256(data).hexdigest(),
                             "openssl": elf.openssl(data)})  # fmt: skip
        elif name.endswith(".dist-info/METADATA"):
            said = email.message_from_bytes(archive.extract(name))
            distributions.append((said["Name"], said["Version"], sbom.licence(said)))
    return {
        "python": platform.python_version(),
        "distributions": distributions,
        "binaries": binaries,
        "modules": sorted(archive.open_embedded_archive("PYZ.pyz").toc),
    }


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1])))
