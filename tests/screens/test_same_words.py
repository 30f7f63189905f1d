"""What the screens say is what the command line says."""

from __future__ import annotations

from dataclasses import replace

from tests.cli.samples import FILE, ROUTE
from tests.screens.asking import opened, press, run, screen, text
from tests.screens.fake import CHANGE, PLAN, FakeEngine, app
from wizard.model.plan import Condition
from wizard.wording import condition


def test_what_comes_before_the_patch_stands_above_it() -> None:
    leads = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))

    async def go() -> None:
        wizard = app(FakeEngine(plan=replace(PLAN, conditions=(leads,))))
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "4")
            assert condition.command(leads) in screen(wizard)
            await press(pilot, "v")
            shown = screen(wizard)
            assert shown.index(condition.command(leads)) < shown.index("The configuration")

    run(go)


def test_without_a_condition_the_patch_stands_alone() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "4")
            assert "First:" not in screen(wizard)

    run(go)


def test_undoing_tells_how_many_lines_come_back() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.made.append(CHANGE)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5", "u")
            assert f"restores {FILE}   +1 -4" in text(wizard, "Asked Static")

    run(go)
