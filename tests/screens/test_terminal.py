"""Terminals without colour, without UTF-8; the real thing in tmux."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.screens.asking import opened, press, screen
from tests.screens.fake import app

SECONDS = 60.0


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
def test_plain_ascii_where_the_locale_has_no_more(encoding: str) -> None:
    async def go() -> None:
        wizard = app(encoding=encoding)
        async with opened(wizard, (100, 30)) as pilot:
            drawn = ""
            for key in ("1", "2", "3", "4", "5", "w", "n", "question_mark", "escape", "ctrl+p"):
                await press(pilot, key)
                drawn += screen(wizard)
            assert drawn.isascii() is (encoding != "utf-8")
            assert ("x FAIL" in drawn) is (encoding != "utf-8")

    asyncio.run(go())


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for key in "123":
                await press(pilot, key)
                lines = wizard.screen._compositor.render_strips()
                styles = {segment.style for line in lines for segment in line if segment.style}
                colors = {color for style in styles for color in (style.color, style.bgcolor)}
                triplets = {color.triplet for color in colors if color is not None}
                assert all(t is None or len({t.red, t.green, t.blue}) == 1 for t in triplets)
            assert "FAIL" in screen(wizard)  # the word stands without colour
            for line in lines:
                for segment in line:
                    style = segment.style
                    if (
                        any(map(str.isalpha, segment.text))
                        and style
                        and style.color
                        and style.bgcolor
                    ):
                        letters, ground = style.color.triplet, style.bgcolor.triplet
                        assert letters is not None
                        assert ground is not None
                        # red would be as dark as the ground
                        assert abs(letters.red - ground.red) > 48, segment

    asyncio.run(go())


class Tmux:
    """A terminal of its own, on a socket of its own."""

    def __init__(self, socket: Path, command: str, environment: dict[str, str]) -> None:
        program = shutil.which("tmux")
        assert program is not None, "tmux is missing: tests/run installs it"
        self._base = [program, "-S", str(socket), "-f", "/dev/null"]
        self._environment = environment
        self._do("new-session", "-d", "-x", "80", "-y", "24", command)

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            [*self._base, *words], env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        self._do("send-keys", *keys)

    def see(self, what: str | Callable[[str], bool]) -> str:
        """Wait until something is on the screen."""
        end = time.monotonic() + SECONDS
        shown = ""
        while time.monotonic() < end:
            shown = self._do("capture-pane", "-p")
            said = " ".join(shown.split())  # a line may break anywhere: paths differ in length
            if what in said if isinstance(what, str) else what(shown):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{what!r} never came:\n{shown}")

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("TMUX", "NO_COLOR"))},
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "PROXY_WIZARD_STATE": str(tmp_path / "state"),
    }
    command = f"{sys.executable} -m wizard.cli.main demo wrong-ca; echo exit=$?; exec cat"
    terminal = Tmux(tmp_path / "tmux", command, environment)
    yield terminal
    terminal.close()


def test_from_start_to_proven_fix_in_tmux(tmux: Tmux) -> None:
    tmux.see("1 route in 1 virtual")
    tmux.press("2")
    tmux.see("httpd refuses")
    tmux.press("3")
    assert "FAIL  The client of httpd gets 500" in tmux.see("critical ca-not-trusted")
    tmux.press("4")
    tmux.see("@@ -3,6 +3,6 @@")  # the plan is there
    tmux.press("5")
    tmux.see("Before: 500 from httpd itself, AH02276. After: 200 from the backend.")
    tmux.press("q")
    tmux.see("exit=0")
