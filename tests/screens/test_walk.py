"""From the ticket to the proven fix, by keys alone, on real backends and a real httpd."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from screens.demo import DemoApp
from tests.screens.asking import opened, press, screen, settle
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names() as resolvable:
        assert resolvable, "libnss_wrapper is missing: tests/run installs it"
        yield running


async def walk(pilot: Pilot[None], app: DemoApp, lab: Lab, lesson: Lesson) -> None:
    await press(pilot, "escape", "t")
    app.screen.query_one("#lessons", OptionList).highlighted = LESSONS.index(lesson)
    await press(pilot, "enter")
    diagnosis = app.session.diagnosis
    assert diagnosis is not None
    assert diagnosis.findings[0].slug == lesson.cause
    if diagnosis.verdict.outcome == "fail" and diagnosis.verdict.status:
        assert str(diagnosis.verdict.status) in screen(app)
    given = "".join(lab.ca_files(lesson))
    if given:
        app.decide(replace(app.session.decisions, trust="file", ca_file=given))
        await settle(pilot)
    elif "One question: which file holds" in screen(app):  # it lies there, and nobody named it
        await press(pilot, "enter")
    plan = app.session.plan
    assert plan is not None, app.session.plan_error
    if lesson.repair == "backend":
        assert plan.is_empty
        assert "owner" in screen(app)
        await press(pilot, "4", "0")
        assert lesson.name in app._solved
        return
    assert not plan.is_empty
    rehearsal = app.session.rehearsal
    assert rehearsal is not None, app.session.rehearsal_error
    assert rehearsal.after is not None
    assert rehearsal.after.proxied
    assert f"{rehearsal.after.status} from the backend" in screen(app)
    assert lesson.name not in app._solved, "the program alone solves none"
    await press(pilot, "5", "0")
    assert lesson.name in app._solved


@pytest.mark.parametrize("lessons", [LESSONS[::2], LESSONS[1::2]], ids=["these", "others"])
def test_from_the_ticket_to_the_proof(lab: Lab, lessons: Sequence[Lesson]) -> None:
    """One application for several lessons, as somebody who learns would go through them."""
    assert len(LESSONS) >= 10

    async def go() -> None:
        app = DemoApp(lab, lessons[0].name, encoding="utf-8")
        async with opened(app, (100, 30)) as pilot:
            for lesson in lessons:
                await walk(pilot, app, lab, lesson)

    asyncio.run(go())
