"""docs/architecture.md names every package, and functions that there are."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
_ROW = re.compile(r"^\| `((?:wizard|screens)[\w.]*)` \|.*\| (.*) \|$", re.MULTILINE)
ROWS: list[tuple[str, str]] = _ROW.findall(PAGE)


def modules(directory: Path) -> set[str]:
    return {path.stem for path in directory.glob("*.py")} - {"__init__", "__main__"}


def test_every_package_has_a_row() -> None:
    packages = {path.parent.name for path in (ROOT / "wizard").glob("*/__init__.py")}
    expected = {f"wizard.{name}" for name in packages | modules(ROOT / "wizard")}
    assert {name for name, _ in ROWS} == expected | {"screens"}


def test_every_package_of_the_reader_is_placed() -> None:
    inside = PAGE.partition("Inside `wizard.config`")[2].partition("\nLayers")[0]
    named = {line.split("`")[1] for line in _lines(inside)}
    reader = ROOT / "wizard" / "config"
    assert named == {path.parent.name for path in reader.glob("*/__init__.py")} | modules(reader)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| `")]


def resolve(package: str, dotted: str) -> Any:
    found: Any = importlib.import_module(package)
    for name in dotted.split("."):
        if isinstance(found, ModuleType) and not hasattr(found, name):
            found = importlib.import_module(f"{found.__name__}.{name}")
        else:
            found = getattr(found, name)
    return found


@pytest.mark.parametrize(("package", "functions"), ROWS, ids=[name for name, _ in ROWS])
def test_public_functions_are_there(package: str, functions: str) -> None:
    for dotted in re.findall(r"`([A-Za-z_.]+)", functions):
        assert resolve(package, dotted) is not None
