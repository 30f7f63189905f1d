"""A plan that the rehearsal speaks against is not written by the keys that write a good one."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

from tests.screens.asking import MOMENT, opened, press, screen, settle, text, until
from tests.screens.fake import PLAN, REHEARSAL, FakeEngine, app
from wizard.errors import WizardError
from wizard.model.config import Route
from wizard.model.plan import Repair
from wizard.model.progress import Progress
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run

ANSWER = "Asked Static"
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
            await press(pilot, "2", "4", "5")
            assert "The rehearsal did not bring the backend's answer." in text(wizard, "#outcome")
            await press(pilot, "w")
            assert "did not bring" in text(wizard, ANSWER)
            assert "app.example.com /: 502" in text(wizard, ANSWER)
            await press(pilot, "escape")
            for typed in ("y", "yes", "", "breaks-route", "No-Answer"):  # only its name overrides
                await press(pilot, "w", *typed, "enter")
                assert "That is not no-answer" in text(wizard, "#override-state")
                await press(pilot, "y", "enter", "escape")
                assert deployed(engine) == []
                assert "Write this change?" not in screen(wizard)
            await press(pilot, "w", *"no-answer", "enter")
            assert "Write this change?" in screen(wizard)
            assert deployed(engine) == []
            await press(pilot, "n")
            assert deployed(engine) == []

    asyncio.run(go())


class Counting(FakeEngine):
    """Rehearses on until the test lets it end."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Event()

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        assert self.progress is not None
        self.progress(Progress(1, 3, "third.test"))
        assert self.end.wait(MOMENT)
        return super().rehearse(repair, asked)


def test_a_rehearsal_says_how_far_it_is() -> None:
    async def go() -> None:
        engine = Counting()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            wizard.simulate_key("5")
            await until(pilot, lambda: "1 of 3 virtual hosts" in screen(wizard))
            engine.end.set()
            await settle(pilot)
            assert "->  200 from the backend" in text(wizard, "#outcome")

    asyncio.run(go())


def test_a_neighbour_that_would_break_is_seen() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (REHEARSAL, NEIGHBOUR)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5")
            assert "->  200 from the backend" in text(wizard, "#outcome")
            assert "A route that works would fail afterwards." in text(wizard, "#outcome")
            assert "app.example.com /neighbour: 502" in text(wizard, "#rehearsal-notes")
            await press(pilot, "w", *"breaks-route", "enter", "n")
            assert deployed(engine) == []

    asyncio.run(go())


def test_each_refusal_is_overridden_by_itself() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (NO_ANSWER, NEIGHBOUR)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5", "w")
            assert "did not bring" in text(wizard, ANSWER)
            await press(pilot, *"no-answer", "enter")
            assert "A route that works would fail" in text(wizard, ANSWER)
            await press(pilot, *"breaks-route", "enter")
            assert "Write this change?" in screen(wizard)
            assert text(wizard, ANSWER).count("You go on although ") == 2
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
            await press(pilot, "2", "4", "5")
            assert "an impostor: refused -> let in" in text(wizard, "#outcome")
            assert "An impostor is let in" in text(wizard, "#outcome")
            assert "app.example.com /: an impostor is let in" in text(wizard, "#rehearsal-notes")
            await press(pilot, "w", "y", "y")
            assert deployed(engine) == []
            assert any("policy temporary" in one.message for one in wizard._notifications)

    asyncio.run(go())


def test_an_exception_that_lets_an_impostor_in_is_asked_about_by_itself() -> None:
    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, policy="temporary"))
        engine.rehearsals = (replace(REHEARSAL, after=LET_IN),)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5", "w")
            assert "Let an impostor in" in screen(wizard)
            assert "app.example.com /: an impostor is let in" in text(wizard, ANSWER)
            await press(pilot, "y")
            assert "Write this change?" in screen(wizard)
            assert deployed(engine) == []

    asyncio.run(go())


def test_without_a_rehearsal_nothing_is_written_either() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            engine.refusal = WizardError("no httpd is installed here.")
            await press(pilot, "5", "w")
            assert "The plan was not rehearsed." in text(wizard, ANSWER)
            assert "no httpd is installed here." in text(wizard, ANSWER)
            engine.refusal = None
            await press(pilot, "y", "enter", "escape")
            assert deployed(engine) == []

    asyncio.run(go())
