"""Lessons: tickets, what was given with them, hints, and the way from one lesson to another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from textual.containers import VerticalScroll
from textual.widgets import OptionList

from screens.demo import DemoApp, LessonsDialogue, TicketDialogue
from tests.screens.asking import opened, press, run, screen, settle, text
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS

TICKET = "#ticket-text"
SIZES = [(60, 20), (80, 24)]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names():
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
            assert app.current_mode == "case"
            await press(pilot, "t")
            assert app.screen.query_one("#lessons", OptionList).highlighted == 1

    run(go)


def test_every_lesson_is_one_line_at_80_columns(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, encoding="utf-8")
        async with opened(app):
            assert app.screen.query_one("#lessons", OptionList).virtual_size.height == len(LESSONS)

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_the_ticket_stands_above_the_list(lab: Lab, size: tuple[int, int]) -> None:
    async def go() -> None:
        app = DemoApp(lab, encoding="utf-8")
        async with opened(app, size) as pilot:
            for lesson in LESSONS:
                ticket = app.screen.query_one("#ticket", VerticalScroll)
                lessons = app.screen.query_one("#lessons", OptionList)
                assert ticket.region.bottom <= lessons.region.y
                assert lesson.ticket[:20] in " ".join(screen(app).split())
                (marked,) = [line for line in screen(app).splitlines() if "› " in line]
                assert lesson.name in marked
                seen = text(app, TICKET)
                await press(pilot, *["pagedown"] * 3)  # to its end, wherever the focus is
                assert ticket.scroll_y == ticket.max_scroll_y
                assert seen.endswith(lesson.look_at)
                await press(pilot, "down")

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_a_named_lesson_shows_its_ticket_first(lab: Lab, size: tuple[int, int]) -> None:
    async def go() -> None:
        app = DemoApp(lab, "internal-ca", encoding="utf-8")
        async with opened(app, size) as pilot:
            assert isinstance(app.screen, TicketDialogue)
            lesson = app.screen.lesson
            (given,) = lab.given("internal-ca")
            shown = "".join(screen(app).split())
            for part in (lesson.title, lesson.ticket[:30], lesson.look_at[:20], "Given by the CA's",
                         given.sha256[:6].upper(), given.sha256[-6:].upper()):  # fmt: skip
                letters = "".join(part.split())
                assert letters in shown.replace(":", "") or letters in shown
            await press(pilot, "h")
            assert text(app, TICKET).startswith(f"Hint: {lesson.hint}")
            await press(pilot, "enter")
            assert not isinstance(app.screen, TicketDialogue)
            assert app.session.scope.path == lab.scope(lesson).path
            await press(pilot, "t")
            assert isinstance(app.screen, LessonsDialogue)
            assert app.screen.lesson == lesson

    run(go)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_was_given_is_the_file_that_repairs(lab: Lab, lesson: object) -> None:
    name = getattr(lesson, "name", "")
    needed = getattr(lesson, "ca", "")
    given = lab.given(name)
    assert [Path(one.file).name for one in given] == ([needed] if needed else [])
    for one in given:
        data = Path(one.file).read_bytes()
        pem = b"-----BEGIN" in data
        root = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        assert one.root in root.subject.rfc4514_string()
        assert hashlib.sha256(root.public_bytes(Encoding.DER)).hexdigest() == one.sha256


@pytest.mark.parametrize("name", ["reverse", "loop", "host"])
@pytest.mark.parametrize("helps", [True, False])
def test_a_plan_that_leaves_the_cause_solves_nothing(lab: Lab, name: str, helps: bool) -> None:
    """The backend answers in both cases: what counts is whether a client can go on."""

    async def go() -> None:
        app = DemoApp(lab, name, encoding="utf-8")
        async with opened(app) as pilot:
            await press(pilot, "enter")
            repair = app.session.repair
            assert repair is not None
            if not helps:
                useless = replace(repair, after=repair.report)
                app.session.planned = replace(app.session.planned, repair=useless)
            await press(pilot, "5")
            assert app._solved == ({name} if helps else set())

    run(go)


def test_what_was_given_is_the_marked_answer_and_solves_the_lesson(lab: Lab) -> None:
    """Enter begins, Enter takes it, a leads to the question, y writes."""

    async def go() -> None:
        app = DemoApp(lab, "internal-ca", encoding="utf-8")
        async with opened(app) as pilot:
            assert app.session.authorities is not None
            assert app.session.authorities.candidates[0].file == lab.given("internal-ca")[0].file
            assert app.session.authorities.passed_over == ()  # the lab's own place
            await press(pilot, "enter", "enter")
            assert app.session.rehearsal is not None
            assert app._solved == set()  # nothing was done yet
            await press(pilot, "a", "y")
            assert app._solved == {"internal-ca"}
            await press(pilot, "t")
            assert f"1 of {len(LESSONS)} solved" in screen(app)

    run(go)


def test_what_only_others_can_repair_is_solved_by_handing_it_on(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, "expired", encoding="utf-8")
        async with opened(app) as pilot:
            await press(pilot, "enter")
            assert app.session.plan is not None
            assert app._solved == set()
            await press(pilot, "c")
            assert app._solved == {"expired"}

    run(go)


def test_step_by_step_a_lesson_is_solved_by_its_proof(lab: Lab) -> None:
    async def go() -> None:
        app = DemoApp(lab, "depth", encoding="utf-8", step_by_step=True)
        async with opened(app) as pilot:
            await press(pilot, "enter")
            assert app.current_mode == "load"
            await press(pilot, "2", "3", "4")
            assert app._solved == set()
            await press(pilot, "5")
            assert app._solved == {"depth"}
            await press(pilot, "t", "down", "enter")
            assert app.current_mode == "load"  # the next one is walked as well
            assert app.session.diagnosis is None

    run(go)
