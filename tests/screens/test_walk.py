"""From the ticket to the proven fix, by keys alone, on real backends and a real httpd."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from screens.demo import DemoApp
from screens.widgets.choice import Choice
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names() as resolvable:
        assert resolvable, "libnss_wrapper is missing: tests/run installs it"
        yield running


async def settle(pilot: Pilot[None]) -> None:
    """Until every worker is done and what it found is shown."""
    for _ in range(2):  # what one worker found may begin another
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def text(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


async def walk(lab: Lab, lesson: Lesson) -> None:
    app = DemoApp(lab, lesson.name, encoding="utf-8")
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        diagnosis = app.session.diagnosis
        assert diagnosis is not None
        assert diagnosis.findings[0].slug == lesson.cause
        await pilot.press("3")
        await settle(pilot)
        options = app.screen.query_one("#findings", OptionList)
        assert lesson.cause in str(options.get_option_at_index(0).prompt)
        if diagnosis.verdict.status:
            assert str(diagnosis.verdict.status) in text(pilot, "#verdict")
        await pilot.press("4")
        await settle(pilot)
        given = lab.ca(lesson)
        if given:
            app.screen.query_one("#ca-file", Input).value = given
            app.screen.query_one("#from-file", Choice).value = True
            await settle(pilot)
        plan = app.session.plan
        assert plan is not None, app.session.plan_error
        if lesson.repair == "backend":
            assert plan.is_empty
            assert lesson.name in app._solved
            return
        assert not plan.is_empty
        await pilot.press("5")
        await settle(pilot)
        rehearsal = app.session.rehearsal
        assert rehearsal is not None, app.session.rehearsal_error
        assert rehearsal.after is not None
        assert rehearsal.after.proxied
        assert "After: 200 from the backend" in text(pilot, "#outcome")
        assert lesson.name in app._solved


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_from_the_ticket_to_the_proof(lab: Lab, lesson: Lesson) -> None:
    asyncio.run(walk(lab, lesson))
