"""The list of lessons: tickets, hints, and the way from one lesson to another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.containers import VerticalScroll
from textual.widgets import OptionList

from screens.demo import DemoApp
from tests.screens.asking import opened, press, run, settle, text
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS

TICKET = "#ticket-text"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


def test_a_hint_is_shown_on_demand_and_in_view(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, encoding="utf-8")
        async with opened(app) as pilot:
            assert LESSONS[0].ticket in text(app, TICKET)
            assert "Hint:" not in text(app, TICKET)
            app.simulate_key("down")  # both at once, as a quick hand presses them
            app.simulate_key("h")
            await settle(pilot)
            shown = text(app, TICKET)
            assert shown.startswith(f"Hint: {LESSONS[1].hint}")
            assert LESSONS[1].ticket in shown
            assert app.screen.query_one("#ticket", VerticalScroll).scroll_y == 0
            await press(pilot, "down")
            assert text(app, TICKET).startswith(f"“{LESSONS[2].ticket}”")

    run(go)


def test_enter_opens_a_lesson_and_t_comes_back(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, encoding="utf-8")
        async with opened(app) as pilot:
            await press(pilot, "down", "enter")
            assert app.session.scope.path == lab.scope(LESSONS[1]).path
            await press(pilot, "t")
            assert app.screen.query_one("#lessons", OptionList).highlighted == 1

    run(go)


def test_every_lesson_is_one_line_at_80_columns(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, encoding="utf-8")
        async with opened(app):
            assert app.screen.query_one("#lessons", OptionList).virtual_size.height == len(LESSONS)

    run(go)
