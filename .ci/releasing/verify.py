"""Holds artefacts against their bills of materials, and against what they say of themselves."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from releasing import bundle, elf, pins

_ELF_MACHINE = {"x86_64": 62, "aarch64": 183}
"""e_machine, System V ABI."""


def offline(archive: Path) -> str:
    """A bundle: its wheels are those of its bill, for its machine, and complete.

    Returns:
        One line of what was found.

    Raises:
        ValueError: they are not.
    """
    bill = _bill(archive)
    with tempfile.TemporaryDirectory() as place:
        top = _unpacked(archive, Path(place))
        machine = (top / "machine").read_text().strip()
        held = [*top.glob("wheels/*.whl"), *top.glob("installer/*.whl")]
        foreign = [path for path in held if not path.name.startswith("proxy_wizard-")]
        told = {c["hashes"][0]["content"]: c["version"] for c in bill["components"]}
        _same(told, {bundle.sha256(p): p.name.split("-")[1] for p in foreign}, "the bill's wheels")
        for pin in pins.parse((top / "requirements.txt").read_text()):
            files = [p for p in held if pins.normal(p.name.split("-")[0]) == pin.name]
            stray = [p.name for p in files if bundle.sha256(p) not in pin.hashes]
            _same(stray, [], f"{pin.name}'s hashes")
            _same(_served(files), set(pins.PYTHONS), f"{pin.name}'s Pythons")
        compiled = 0
        for wheel in held:
            for name, data in _members(wheel):
                if data[:4] == b"\x7fELF":
                    compiled += 1
                    _same(data[18], _ELF_MACHINE[machine], f"{wheel.name}: {name}'s machine")
    return f"{archive.name}: {len(held)} wheels, {compiled} compiled files, all for {machine}"


def executable(archive: Path, said: str) -> str:
    """An executable in its directory form: its files are those of the bill, its glibc as said.

    Args:
        archive: the directory form; what is in it is what is in the one file.
        said: what ``--version`` says.

    Returns:
        One line of what was found.

    Raises:
        ValueError: they are not.
    """
    bill, one_file = _bill(archive), _bill(archive.with_name(archive.name.removesuffix(".tar.gz")))
    _same(one_file["components"], bill["components"], "the two forms' bills")
    with tempfile.TemporaryDirectory() as place:
        inside = _unpacked(archive, Path(place)) / "bin/_internal"
        files = [path for path in inside.rglob("*") if path.is_file() and elf.is_elf(path)]
        told = {c["name"]: c["hashes"][0]["content"] for c in _kind(bill, "file")}
        found = {str(path.relative_to(inside)): bundle.sha256(path) for path in files}
        _same(told, found, "the bill's compiled files")
        listed = {f"{pins.normal(c['name'])}-{c['version']}" for c in _kind(bill, "library")}
        metadata = [p.name.removesuffix(".dist-info") for p in inside.glob("*.dist-info")]
        names = {
            "-".join((pins.normal(n.rpartition("-")[0]), n.rpartition("-")[2])) for n in metadata
        }
        _same({n for n in listed if not n.startswith("pyinstaller-")}, names, "the distributions")
        pinned = {f"{p.name}-{p.version}" for p in pins.parse(pins.CONSTRAINTS.read_text())}
        _same(names - pinned, {n for n in names if n.startswith("proxy-wizard-")}, "the pins")
        floor = elf.glibc([*files, inside.parent / "proxy-wizard"])
    if f"glibc {floor[0]}.{floor[1]} or later)" not in said:
        raise ValueError(f"{said}: but its files ask for glibc {floor[0]}.{floor[1]}")
    return f"{archive.name}: {len(files)} compiled files, {len(names)} distributions, as billed"


def _served(files: list[Path]) -> set[str]:
    """The Pythons that a distribution's wheels are for."""
    served = set()
    for file in files:
        tags = file.name.removesuffix(".whl").split("-")[2:]
        if tags[1] == "none" or tags[1] == "abi3":  # any Python 3 from 3.11 on
            served |= set(pins.PYTHONS)
        else:
            served |= {f"3.{minor}" for minor in re.findall(r"cp3(\d+)", tags[0])}
    return served


def _bill(artefact: Path) -> dict[str, Any]:
    bill: dict[str, Any] = json.loads(artefact.with_name(f"{artefact.name}.cdx.json").read_text())
    own = bill["metadata"]["component"]["hashes"][0]["content"]
    _same(own, hashlib.sha256(artefact.read_bytes()).hexdigest(), f"{artefact.name}'s hash")
    return bill


def _kind(bill: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [component for component in bill["components"] if component["type"] == kind]


def _unpacked(archive: Path, place: Path) -> Path:
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(place)], check=True)
    (top,) = place.iterdir()
    return top


def _members(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def _same(one: object, other: object, what: str) -> None:
    if one != other:
        raise ValueError(f"{what}: {one} is not {other}")
