"""Terminals without colour, without UTF-8; the real thing in tmux."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.asking import opened, press, screen
from tests.screens.fake import app
from tests.screens.tmux import Tmux


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "utf-8"])
def test_plain_ascii_where_the_locale_has_no_more(encoding: str) -> None:
    async def go() -> None:
        wizard = app(encoding=encoding)
        async with opened(wizard, (100, 30)) as pilot:
            drawn = ""
            for key in (
                "1",
                "2",
                "3",
                "4",
                "5",
                "0",
                "a",
                "n",
                "question_mark",
                "escape",
                "ctrl+p",
            ):
                await press(pilot, key)
                drawn += screen(wizard)
            assert drawn.isascii() is (encoding != "utf-8")
            assert ("x  The browser gets 500." in drawn) is (encoding != "utf-8")

    asyncio.run(go())


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for key in "01234":
                await press(pilot, key)
                lines = wizard.screen._compositor.render_strips()
                styles = {segment.style for line in lines for segment in line if segment.style}
                colors = {color for style in styles for color in (style.color, style.bgcolor)}
                triplets = {color.triplet for color in colors if color is not None}
                assert all(t is None or len({t.red, t.green, t.blue}) == 1 for t in triplets)
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


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    with Tmux(tmp_path, [sys.executable, "-m", "wizard.cli.main", "demo", "wrong-ca"]) as terminal:
        yield terminal


def test_from_start_to_proven_fix_in_tmux(tmux: Tmux) -> None:
    tmux.see("Ticket:")
    tmux.press("Enter")
    tmux.see("The browser gets 500.")
    tmux.see("One question: which file holds Acme Root CA?")
    tmux.see("signed this chain")  # the CAs were looked for: there is an answer to take
    tmux.press("Enter")
    tmux.see("200 from the backend")
    tmux.press("5")
    tmux.see("500 becomes 200")
    tmux.press("q")
    tmux.see("exit=0")
