"""A patch holds the lines beside its changes: who may read it, and what a terminal shows of it."""

from __future__ import annotations

import asyncio
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.screens.asking import opened, press
from tests.screens.fake import app
from tests.support import command
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard.change.save_file import is_private, save
from wizard.engine.engine import Engine
from wizard.errors import ChangeError

SECRET = "swordfish"
HELD = (
    f"{REQUIRE}\n    # \x1b[31m\te{chr(0x301) * 9}\u202e\n"
    f"    RequestHeader set X-Any \\\n      {SECRET}\n    ProxyPass /b https://127.0.0.1:1/"
)


@pytest.fixture
def site() -> Iterator[Site]:
    """In directories that everybody may search; those of pytest are for one user."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    try:
        with standing_at_address(directory) as made:
            made.write(HELD)
            made.vhost.chmod(0o644)
            yield made
    finally:
        shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o644, 0o644), (0o640, 0o600), (0o600, 0o600), (0o604, 0o644)]
)
def test_a_saved_patch_is_as_private_as_what_it_changes(
    site: Site, mode: int, expected: int
) -> None:
    patch = site.directory / "a.patch"
    site.vhost.chmod(mode)
    for words in (("--mask",), ()):  # a masked one is the operator's to hand out, too
        patch.write_text("an old one that everybody may read")
        patch.chmod(0o644)
        done = site.fix(*site.ca, "-o", str(patch), *words)
        assert done.returncode == 0, done.stderr
        assert patch.stat().st_mode & 0o777 == expected
        assert (SECRET in patch.read_text()) == (not words)
    site.patch(patch.read_text())


def test_a_directory_that_others_may_not_search_counts(tmp_path: Path) -> None:
    top = Path(tempfile.mkdtemp())
    try:
        top.chmod(0o755)
        file = top / "a" / "b.conf"
        file.parent.mkdir(mode=0o755)
        file.touch(mode=0o644)
        assert not is_private(str(file))
        file.parent.chmod(0o750)
        assert is_private(str(file))
        assert is_private(str(top / "gone"))
    finally:
        shutil.rmtree(top)


def test_who_has_the_old_file_open_sees_nothing_of_it(tmp_path: Path) -> None:
    patch = tmp_path / "a.patch"
    patch.write_text("old")
    with patch.open("rb") as reader:
        save(str(patch), SECRET.encode(), private=True)
        assert reader.read() == b"old"
    assert patch.read_text() == SECRET


def test_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    target.chmod(0o644)
    (tmp_path / "link").symlink_to(target)
    save(str(tmp_path / "link"), SECRET.encode(), private=True)
    assert (target.read_text(), target.stat().st_mode & 0o777) == (SECRET, 0o600)
    if os.geteuid() == 0:
        os.chown(target, 65534, 65534)
        with pytest.raises(ChangeError):
            save(str(tmp_path / "link"), b"x", private=True)
    save("/dev/null", b"x", private=True)


def test_fix_says_that_its_patch_holds_a_secret(site: Site) -> None:
    done = site.fix(*site.ca)
    assert done.returncode == 0, done.stderr
    assert SECRET in done.stdout
    assert SECRET not in done.stderr
    assert "the patch holds 1 line in which a secret stands" in done.stderr
    assert "--mask" in done.stderr
    site.patch(done.stdout)  # byte for byte, control characters and all
    site.write(REQUIRE)
    assert "secret" not in site.fix(*site.ca).stderr


def test_a_masked_patch(site: Site) -> None:
    patch = site.directory / "a.patch"
    shown = site.fix(*site.ca, "--mask")
    saved = site.fix(*site.ca, "--mask", "-o", str(patch))
    for done, text in ((shown, shown.stdout), (saved, patch.read_text())):
        assert done.returncode == 0, done.stderr
        assert SECRET not in text + done.stderr
        assert "patch -p1" not in done.stderr
        assert text.startswith("# Masked, to be shown")
        assert "SSLProxyCACertificateFile" in text
    before = site.vhost.read_bytes()
    with pytest.raises(AssertionError):
        command.patch(shown.stdout.encode())
    assert site.vhost.read_bytes() == before


def on_a_terminal(site: Site, *words: str) -> str:
    controller, terminal = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "wizard", "fix", str(site.main), *site.ca, *words],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        env=site.environment,
    )
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(controller, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(controller)
    assert done.wait(60) == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("words", [(), ("--mask",)])
def test_a_terminal_is_not_controlled_by_a_line_beside_the_change(
    site: Site, words: tuple[str, ...]
) -> None:
    shown = on_a_terminal(site, *words)
    assert r"\x1b[31m" in shown
    assert "e" + "\u0301" * 5 + r"\u0301\u0301\u0301\u0301\u202e" in shown
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    assert (SECRET in shown) == (not words)
    assert "\x1b[31m\te" in site.fix(*site.ca, *words).stdout  # a pipe gets the bytes


@pytest.mark.parametrize("private", [False, True])
def test_what_the_wizard_saves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private: bool
) -> None:
    monkeypatch.setattr(Engine, "is_private", lambda *_: private)
    old = os.umask(0o022)

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "3", "4", "s")
            wizard.screen.query_one("#path", Input).value = str(tmp_path / "a.patch")
            await press(pilot, "enter")

    try:
        asyncio.run(go())
    finally:
        os.umask(old)
    assert (tmp_path / "a.patch").stat().st_mode & 0o777 == (0o600 if private else 0o644)
