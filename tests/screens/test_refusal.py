"""A plan that the rehearsal speaks against is not written by the keys that write a good one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.screens.asking import opened, press, screen, text
from tests.screens.fake import PLAN, REHEARSAL, FakeEngine, app
from wizard.errors import WizardError
from wizard.model.config import Route
from wizard.model.plan import Repair
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run

FAILS = Run(True, status=502, codes=("AH01114",))
WORKS = Run(True, status=200, backend_status=200, proxied=True)
NO_ANSWER = replace(REHEARSAL, after=FAILS)
NEIGHBOUR = Rehearsal(
    replace(REHEARSAL.route, path="/neighbour"), "app.example.com", "/neighbour", WORKS, FAILS
)

LET_IN = replace(
    WORKS, impostors=tuple(Impostor(pretence, Reception.LET_IN) for pretence in Pretence)
)


def deployed(engine: FakeEngine) -> list[object]:
    return [value for name, value in engine.asked if name == "deploy"]


def test_a_repair_without_the_backends_answer_is_not_written() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (NO_ANSWER,)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "The rehearsal did not bring the backend's answer." in screen(wizard)
            await press(pilot, "a")
            assert "did not bring" in screen(wizard)
            assert "app.example.com /: 502" in screen(wizard)
            await press(pilot, "escape")
            for typed in ("y", "yes", "", "breaks-route", "No-Answer"):  # only its name overrides
                await press(pilot, "a", *typed, "enter")
                assert "That is not no-answer" in text(wizard, "#override-state")
                await press(pilot, "y", "enter", "escape")
                assert deployed(engine) == []
                assert "Write this" not in screen(wizard)
            await press(pilot, "a", *"no-answer", "enter")
            assert "Write this" in screen(wizard)
            assert deployed(engine) == []
            await press(pilot, "n")
            assert deployed(engine) == []

    asyncio.run(go())


def test_a_neighbour_that_would_break_is_seen() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (REHEARSAL, NEIGHBOUR)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "✓ 200 from the backend" in screen(wizard)
            assert "A route that works would fail afterwards." in screen(wizard)
            assert "would break: app.example.com /neighbour" in screen(wizard)
            await press(pilot, "a", *"breaks-route", "enter", "n")
            assert deployed(engine) == []

    asyncio.run(go())


def test_each_refusal_is_overridden_by_itself() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (NO_ANSWER, NEIGHBOUR)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5", "a")
            assert "did not bring" in screen(wizard)
            await press(pilot, *"no-answer", "enter")
            assert "A route that works would fail" in screen(wizard)
            await press(pilot, *"breaks-route", "enter")
            assert "Write this" in screen(wizard)
            assert screen(wizard).count("You go on although ") == 2
            assert deployed(engine) == []
            await press(pilot, "y")
            assert deployed(engine) == [PLAN]

    asyncio.run(go())


def test_a_plan_that_lets_an_impostor_in_is_seen_and_cannot_be_overridden() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, after=LET_IN),)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "✗ let in" in screen(wizard)
            assert "An impostor would be let in" in screen(wizard)
            assert "✗  Rehearsed" in screen(wizard)
            await press(pilot, "a", "y", "y")
            assert deployed(engine) == []
            assert any("policy temporary" in one.message for one in wizard._notifications)

    asyncio.run(go())


def test_an_exception_that_lets_an_impostor_in_is_asked_about_by_itself() -> None:
    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, policy="temporary"))
        engine.rehearsals = (replace(REHEARSAL, after=LET_IN),)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5", "a")
            assert "Let an impostor in" in screen(wizard)
            assert "app.example.com /: an impostor is let in" in screen(wizard)
            await press(pilot, "y")
            assert "Write this" in screen(wizard)
            assert deployed(engine) == []

    asyncio.run(go())


def test_without_a_rehearsal_nothing_is_written_either() -> None:
    class NoHttpd(FakeEngine):
        def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
            raise WizardError("no httpd is installed here.")

    async def go() -> None:
        engine = NoHttpd()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "no httpd is installed here." in screen(wizard)
            assert "The plan was not rehearsed." in screen(wizard)
            await press(pilot, "a")
            assert "The plan was not rehearsed." in screen(wizard)
            await press(pilot, "y", "enter", "escape")
            assert deployed(engine) == []
            await press(pilot, "a", *"not-rehearsed", "enter")
            assert "Write this" in screen(wizard)
            assert deployed(engine) == []

    asyncio.run(go())
