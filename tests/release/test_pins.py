"""The pinned versions fit what pyproject.toml asks for, and one another."""

from __future__ import annotations

import re
import tomllib
from email.parser import BytesParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from releasing import pins

from tests.release.conftest import Built

ROOT = Path(__file__).parents[2]


def versions(file: Path) -> dict[str, str]:
    return {pin.name: pin.version for pin in pins.parse(file.read_text())}


def unmet(wanted: Requirement, found: dict[str, str], python: str) -> bool:
    if wanted.marker and not wanted.marker.evaluate({"python_version": python, "extra": ""}):
        return False
    version = found.get(pins.normal(wanted.name))
    return version is None or not wanted.specifier.contains(version)


def test_what_the_product_needs_is_pinned() -> None:
    found = versions(pins.CONSTRAINTS)
    wanted = [Requirement(line) for line in pins.declared()]
    assert len(wanted) >= 5
    assert [str(w) for w in wanted if unmet(w, found, "3.11")] == []


def test_what_that_needs_is_pinned_for_every_python(built: Built) -> None:
    found = versions(pins.CONSTRAINTS)
    needed = {pins.normal(Requirement(line).name) for line in pins.declared()}
    for wheel in built.wheels:
        with ZipFile(wheel) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            said = BytesParser().parsebytes(archive.read(name))
        wanted = [Requirement(line) for line in said.get_all("Requires-Dist", [])]
        for python in pins.PYTHONS:
            assert [str(w) for w in wanted if unmet(w, found, python)] == [], wheel.name
        needed |= {pins.normal(w.name) for w in wanted}
    assert set(found) <= needed  # and nothing else is


def test_what_a_release_is_made_with_is_pinned() -> None:
    found = versions(pins.TOOLS)
    wanted = [Requirement(line) for line in pins.TOOL_NAMES]
    assert [str(w) for w in wanted if unmet(w, found, "3.11")] == []
    system = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [line for line in system if unmet(Requirement(line), found, "3.11")] == []


@pytest.mark.parametrize("file", [pins.CONSTRAINTS, pins.TOOLS], ids=lambda file: file.name)
def test_what_is_compiled_has_a_file_for_every_machine_and_python(file: Path) -> None:
    """A distribution with several files has one for each machine, at least."""
    for pin in pins.parse(file.read_text()):
        assert len(pin.hashes) in (1, len(pins.MACHINES), len(pins.MACHINES) * len(pins.PYTHONS))


@pytest.mark.parametrize("line", ["h11", "h11==0.16.0", "h11>=0.16 --hash=sha256:" + "0" * 64])
def test_a_line_that_pins_nothing_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)):
        pins.parse(f"# a comment\n{line}\n")
