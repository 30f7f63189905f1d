"""What the screens say is what the command line says."""

from __future__ import annotations

from dataclasses import replace

from textual.containers import VerticalScroll
from textual.widgets import TabbedContent

from tests.cli.samples import FILE, ROUTE
from tests.screens.asking import opened, press, run, screen, settle, text
from tests.screens.fake import CHANGE, PLAN, FakeEngine, app
from wizard.model.plan import Condition
from wizard.wording import condition


def test_what_comes_before_the_patch_stands_above_it() -> None:
    leads = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))

    async def go() -> None:
        wizard = app(FakeEngine(plan=replace(PLAN, conditions=(leads,))))
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "2", "4")
            shown = screen(wizard)
            assert shown.index(condition.command(leads)) < shown.index("diff --git")
            assert "Step 2 of 2" in shown
            assert "i in step 2" in shown

    run(go)


def test_without_a_condition_the_patch_stands_alone() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "2", "4")
            assert "First:" not in screen(wizard)
            assert "i in step 2" not in screen(wizard)

    run(go)


def test_keys_scroll_what_has_no_room_above_the_question() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (80, 14)) as pilot:
            await press(pilot, "2", "4", "5", "w")
            await settle(pilot)
            scrolled = wizard.screen.query_one(VerticalScroll)
            assert scrolled.max_scroll_y > 0
            assert "PgDn/PgUp Scroll" in screen(wizard)
            await press(pilot, "down")
            assert scrolled.scroll_y == 1
            await press(pilot, "pagedown")
            assert scrolled.scroll_y > 1
            assert wizard.focused is not None
            assert wizard.focused.id == "no"

    run(go)


def test_undoing_tells_how_many_lines_come_back() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.made.append(CHANGE)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "5")
            wizard.screen.query_one(TabbedContent).active = "tab-changes"
            await press(pilot, "u")
            assert f"restores {FILE}   +1 -4" in text(wizard, "Asked Static")

    run(go)


def test_the_key_for_the_rest_of_a_long_line_is_named() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "v")
            await settle(pilot)
            assert "→ Right" in screen(wizard)

    run(go)
