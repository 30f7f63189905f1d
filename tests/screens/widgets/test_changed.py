"""The frame with the changed lines."""

from __future__ import annotations

import pytest
from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen

from screens.widgets.changed import ChangedLines
from tests.screens import plans
from tests.screens.asking import opened, press, run, screen, settle
from tests.screens.fake import app
from tests.screens.plans import NEW, OLD


class Framed(Screen[None]):
    """Nothing but the frame."""

    AUTO_FOCUS = "#changed"

    def compose(self) -> ComposeResult:
        """The frame."""
        yield ChangedLines()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_the_file_in_the_title_and_the_lines_below(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await wizard.push_screen(Framed())
            frame = wizard.screen.query_one(ChangedLines)
            frame.put("Change", Text("It is [being] planned."))
            await settle(pilot)
            rows = screen(wizard).split("\n")
            assert rows[0].startswith("╭─ Change ──")
            assert "It is [being] planned." in rows[1]
            frame.show(*plans.plain())
            await settle(pilot)
            rows = screen(wizard).split("\n")
            assert rows[0].startswith("╭─ Change · ")
            assert "www.corp.test.conf ─" in rows[0]
            assert ("/etc/apache2" in rows[0]) is (size[0] >= 80)
            told = "\n".join(rows)
            assert told.index(OLD) < told.index(NEW)
            assert ("SSLProxyVerify require" in told) is (size[1] >= 22)
            assert "diff --git" not in told

    run(go)


def test_a_long_change_scrolls() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await wizard.push_screen(Framed())
            frame = wizard.screen.query_one(ChangedLines)
            frame.styles.max_height = 20  # as much as the screen leaves it
            frame.show(*plans.long())
            await settle(pilot)
            assert "Listen 39" not in screen(wizard)
            await press(pilot, "end")
            assert "Listen 39" in screen(wizard)
            frame.show(*plans.plain())
            await settle(pilot)
            assert "Listen" not in screen(wizard)

    run(go)
