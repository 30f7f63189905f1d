"""The offline bundle: every wheel for every Python, their hashes, and what installs them."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from releasing import pins

_TEMPLATES = Path(__file__).with_name("offline")


def sha256(path: Path) -> str:
    """The hash of a file, in lower-case hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def download(
    directory: Path,
    requirements: Path,
    machine: str,
    pythons: Sequence[str] = pins.PYTHONS,
    only: Sequence[str] = (),
) -> list[Path]:
    """Have pip download the wheels of pinned requirements, and check their hashes.

    Args:
        directory: for the wheels, and a ``requirements.txt`` of what was asked for.
        requirements: pins with hashes.
        machine: kind of machine, as ``uname -m`` says it.
        pythons: versions of CPython.
        only: names of those to take; empty: all.

    Returns:
        The wheels in the order of their names.
    """
    directory.mkdir(parents=True, exist_ok=True)
    wanted = [p for p in pins.parse(requirements.read_text()) if not only or p.name in only]
    for python in pythons[1:]:  # what has one hash is one file for all
        _download(directory, [pin for pin in wanted if len(pin.hashes) > 1], machine, python)
    _download(directory, wanted, machine, pythons[0])
    return sorted(directory.glob("*.whl"))


def _download(directory: Path, wanted: Sequence[pins.Pin], machine: str, python: str) -> None:
    chosen = directory / "requirements.txt"
    chosen.write_text("".join(f"{pin.line()}\n" for pin in wanted))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
               "--only-binary=:all:", "--python-version", python, *pins.platforms(machine),
               "--dest", str(directory), "--requirement", str(chosen)]  # fmt: skip
    subprocess.run(command, check=True)


def assemble(
    product: Path, wheels: Sequence[Path], installer: Path, machine: str, out: Path, when: int
) -> Path:
    """Write the bundle.

    Args:
        product: the wheel of proxy-wizard.
        wheels: of all that it needs.
        installer: pip's wheel, which runs from it.
        machine: kind of machine that the wheels are for.
        out: directory for the bundle.
        when: time of everything in it, seconds since 1970.

    Returns:
        The archive.
    """
    version = product.name.split("-")[1]
    name = f"proxy-wizard-{version}-offline-{machine}"
    held = [product, *wheels]
    requirements = pins.CONSTRAINTS.read_text() + (
        f"proxy-wizard=={version} --hash=sha256:{sha256(product)}\n"
    )
    members: dict[str, tuple[bytes, int]] = {
        "LICENSE": ((pins.ROOT / "LICENSE").read_bytes(), 0o644),
        "machine": (f"{machine}\n".encode(), 0o644),
        "requirements.txt": (requirements.encode(), 0o644),
        "install": ((_TEMPLATES / "install").read_bytes(), 0o755),
        "install.py": ((_TEMPLATES / "install.py").read_bytes(), 0o644),
        f"installer/{installer.name}": (installer.read_bytes(), 0o644),
        **{f"wheels/{wheel.name}": (wheel.read_bytes(), 0o644) for wheel in held},
    }
    sums = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {path}\n"
        for path, (data, _) in sorted(members.items())
    )
    members["SHA256SUMS"] = sums.encode(), 0o644
    archive = out / f"{name}.tar.gz"
    write_tar(archive, name, members, when)
    return archive


def write_tar(archive: Path, name: str, members: dict[str, tuple[bytes, int]], when: int) -> None:
    """An archive that is the same whenever and by whomever it is made.

    Args:
        archive: file to write.
        name: of the one directory in it.
        members: path below that directory → content and mode.
        when: time of everything in it, seconds since 1970.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, (data, mode) in sorted(members.items()):
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size, member.mode, member.mtime = len(data), mode, when
            member.uname = member.gname = "root"
            tar.addfile(member, io.BytesIO(data))
    packed = shutil.which("gzip")
    if packed is None:
        raise SystemExit("gzip is missing")
    done = subprocess.run(
        [packed, "-n", "-9"], input=plain.getvalue(), stdout=subprocess.PIPE, check=True
    )
    archive.write_bytes(done.stdout)
