"""What somebody else laid in a shared directory is not written through: one test for each place.

That a temporary directory's and a state directory's names may be planted is in ``test_power.py``;
``-o`` of ``fix`` in ``tests/change/test_save_file.py``; configuration files and trust bundles that
are links in ``tests/change/test_transaction.py``.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.screens.asking import opened, press, text
from tests.screens.fake import app
from tests.support import others
from wizard.change.journal import Store
from wizard.errors import ChangeError


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return others.shared(tmp_path / "shared")


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A directory of root's with a file that must stay as it is."""
    directory = tmp_path / "victim"
    directory.mkdir()
    (directory / "file").write_text("precious")
    return directory


def unharmed(victim: Path) -> bool:
    return [(p.name, p.read_text()) for p in victim.iterdir()] == [("file", "precious")]


def keep(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wizard", "demo", "--check", "--keep", str(directory)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def test_demo_follows_no_link(shared: Path, victim: Path) -> None:
    (victim / "empty").mkdir()
    for target in (victim / "empty", victim / "new"):
        (shared / "lab").symlink_to(target)
        done = keep(shared / "lab")
        assert (done.returncode, "no empty directory" in done.stderr) == (3, True)
        (shared / "lab").unlink()
    (victim / "empty").rmdir()
    assert unharmed(victim)


def test_demo_fills_no_directory_of_somebody_else(shared: Path) -> None:
    (shared / "lab").mkdir()
    others.give(shared / "lab")
    done = keep(shared / "lab")
    assert (done.returncode, "somebody else can write" in done.stderr) == (3, True)
    assert list((shared / "lab").iterdir()) == []


def test_demo_fills_no_directory_where_anybody_may_write(shared: Path) -> None:
    done = keep(shared)
    assert (done.returncode, "somebody else can write" in done.stderr) == (3, True)
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize("target", [".", "new"])
def test_changes_are_remembered_through_no_link(shared: Path, victim: Path, target: str) -> None:
    """Not even where it leads to a directory of root's own, when the link is somebody else's."""
    (shared / "state").symlink_to(victim / target)
    others.give(shared / "state")
    with pytest.raises((ChangeError, FileExistsError)), Store(shared / "state").locked("apply"):
        pass
    assert unharmed(victim)


@pytest.mark.parametrize("target", ["file", "new"])
def test_the_wizard_saves_through_no_link(shared: Path, victim: Path, target: str) -> None:
    (shared / "verdict.txt").symlink_to(victim / target)

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "s")
            wizard.screen.query_one("#path", Input).value = str(shared / "verdict.txt")
            await press(pilot, "enter")
            assert "Not saved" in text(wizard, "#save-state")

    asyncio.run(go())
    assert unharmed(victim)


def test_explain_and_check_read_what_is_planted_as_data(shared: Path) -> None:
    """A log or a configuration in a shared directory is text; nothing is written beside it."""
    (shared / "error.log").write_text("AH02276: x\n")
    (shared / "site.conf").write_text("<VirtualHost *:80>\n</VirtualHost>\n")
    for path in shared.iterdir():
        others.give(path)
    before = {path.name: path.stat().st_mtime_ns for path in shared.iterdir()}
    for words in (["explain", "error.log"], ["check", "site.conf"]):
        command = [sys.executable, "-m", "wizard", *words]
        done = subprocess.run(command, capture_output=True, timeout=100, check=False, cwd=shared)
        assert b"Traceback" not in done.stderr
    assert {path.name: path.stat().st_mtime_ns for path in shared.iterdir()} == before
