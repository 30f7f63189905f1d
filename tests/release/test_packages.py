"""Wheel and sdist hold what git knows of the product, and nothing else."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

from tests.release.conftest import Built

ROOT = Path(__file__).parents[2]


def product() -> set[str]:
    """Every file of the packages: modules, tables, texts, styles."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "wizard", "screens"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).exists()}


def test_the_wheel(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = set(archive.namelist())
    held = {name for name in names if ".dist-info/" not in name and ".data/" not in name}
    assert len(held) > 150
    assert held == product()
    assert any(name.endswith("/share/man/man1/proxy-wizard.1") for name in names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_sdist(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if not name.endswith("/")}
        names = {name for name in names if archive.getmember(_full(built, name)).isfile()}
    assert product() <= names
    others = {name for name in names - product() if ".egg-info/" not in name}
    assert others == {
        "LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "docs/man/proxy-wizard.1",
        "pyproject.toml", "setup.cfg",
    }  # fmt: skip


def _full(built: Built, name: str) -> str:
    top = built.sdist.name.removesuffix(".tar.gz")
    return f"{top}/{name}" if name else top
