"""Nothing of the case is cut off without a way to see it, and it says the lines that it wrote."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from screens.steps.fix import FixScreen
from screens.texts.case import _places
from screens.texts.route import shortened_path
from screens.widgets.key_bar import KeyBar
from tests.screens.asking import opened, press, screen, settle, text
from tests.screens.fake import NO_CA, PLAN, FakeEngine, app
from tests.screens.test_case import ThreeFaults, WithoutCa
from wizard.wording.patch import Changed, Line

LONG = (
    "httpd sends no SNI for an address and does not take the IP addresses of a certificate; "
    "this name is in the certificate and leads there"
)
MANY = replace(
    PLAN,
    edits=tuple(replace(edit, reason=LONG, new_lines=edit.new_lines * 9) for edit in PLAN.edits),
)


def test_the_reason_is_whole_where_there_is_room() -> None:
    async def go() -> None:
        plan = replace(PLAN, edits=tuple(replace(edit, reason=LONG) for edit in PLAN.edits))
        wizard = app(FakeEngine(plan=plan))
        async with opened(wizard):
            shown = " ".join(screen(wizard).split())
            assert "No check is weakened." in shown
            assert "leads there." in shown

    asyncio.run(go())


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
def test_reasons_without_room_end_in_an_ellipsis_and_leave_the_proof_in_view(
    size: tuple[int, int],
) -> None:
    async def go() -> None:
        edits = tuple(replace(one, reason=f"{LONG}; {LONG}; {LONG}") for one in MANY.edits)
        wizard = app(FakeEngine(plan=replace(MANY, edits=edits)))
        async with opened(wizard, size):
            shown = screen(wizard)
            assert "No check is weakened." in shown
            assert "…" in shown
            assert "200 from the backend" in shown
            assert wizard.screen.query_one("#case").max_scroll_y == 0

    asyncio.run(go())


def test_another_plan_has_the_room_that_it_needs() -> None:
    """Its lines come before the reasons, though the plan before it was short."""

    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, edits=(replace(PLAN.edits[0], reason=LONG),)))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            assert "leads there." in " ".join(screen(wizard).split())
            edits = (replace(MANY.edits[0], reason=f"{LONG}; {LONG}"),)
            engine.plan = replace(MANY, edits=edits)
            wizard.plan()
            await settle(pilot)
            change = wizard.screen.query_one("#case-change")
            assert change.max_scroll_y > 0
            assert change.outer_size.height >= 7
            assert wizard.screen.query_one("#case").max_scroll_y == 0

    asyncio.run(go())


@pytest.mark.parametrize("size", [(60, 20), (40, 12)])
def test_every_line_comes_into_view_and_goes_back(size: tuple[int, int]) -> None:
    """The keys scroll the change to its end, then the rest."""

    async def go() -> None:
        wizard = app(FakeEngine(plan=MANY))
        async with opened(wizard, size) as pilot:
            first = screen(wizard)
            seen = first
            for _ in range(20):
                await press(pilot, "pagedown")
                seen += screen(wizard)
            assert "No check is weakened." in seen.replace("\n", " ")
            assert "200 from the backend" in seen
            for _ in range(20):
                await press(pilot, "pageup")
            assert screen(wizard) == first

    asyncio.run(go())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([(7, "-"), (8, "+")], "line 7"),
        ([(7, "-"), (8, "+"), (8, "+")], "line 7"),
        ([(6, "+")], "line 6"),
        ([(3, "-"), (4, "+"), (9, "+")], "lines 3, 9"),
    ],
)
def test_a_line_in_place_of_another_has_its_number(lines: list[tuple[int, str]], said: str) -> None:
    found = tuple(Line(number, sign, "x") for number, sign in lines)
    assert _places(Changed("/a", new=False, added=1, removed=1, pem=0, lines=found)) == said


def test_the_key_bar_says_what_enter_does_with_the_marked_way() -> None:
    """What is taken leads on, another is taken; what others have to do is no bright key."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "4")
            assert isinstance(wizard.screen, FixScreen)
            bar = wizard.screen.query_one(KeyBar)
            assert "Enter Prove it" in bar.render().plain
            for number, way in enumerate(wizard.screen._ways[1:], 1):
                await press(pilot, "down")
                assert wizard.screen.query_one("#ways", OptionList).highlighted == number
                assert "Enter Take this way" in bar.render().plain
                can = wizard.screen.check_action("take", ())
                assert can is (None if way.decisions is None else True)
            assert any(way.decisions is None for way in wizard.screen._ways)

    asyncio.run(go())


def test_a_ca_that_was_only_found_is_in_no_patch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the question stands, what is saved is the question."""
    monkeypatch.chdir(tmp_path)

    async def go() -> None:
        found = replace(PLAN, unresolved=NO_CA.unresolved, offers=NO_CA.offers)
        wizard = app(FakeEngine(plan=found))
        async with opened(wizard) as pilot:
            for step in ("0", "4"):
                await press(pilot, step)
                assert wizard.session.repair is not None
                assert not wizard.session.repair.plan.is_empty
                assert "Save patch" not in screen(wizard)
                await press(pilot, "s", "enter")
            assert not list(tmp_path.glob("*.patch"))
            saved = (tmp_path / "case.txt").read_text(encoding="utf-8")
            assert "which file holds Corp Root?" in saved

    asyncio.run(go())


def test_the_arrows_are_called_by_where_they_lead() -> None:
    """From a route that is well no next fault is promised: faults stand before it."""

    async def go() -> None:
        wizard = app(ThreeFaults())
        async with opened(wizard) as pilot:
            await press(pilot, "A")
            bar = wizard.screen.query_one(KeyBar)
            assert "↓↑ Next fault" in bar.render().plain
            labels = []
            for _ in range(3):
                await press(pilot, "down")
                labels.append(bar.render().plain)
            assert "Next fault" in labels[0]
            assert "Next route" in labels[1]
            assert "Route before" in labels[2]
            found = wizard.session.diagnosis
            assert found is not None
            assert found.severity != "critical"

    asyncio.run(go())


def test_that_nothing_was_changed_is_said_once_and_why_below_it() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "a")
            engine.refusal = PermissionError(13, "Permission denied", "/etc/apache2/site.conf")
            await press(pilot, "y")
            shown = screen(wizard)
            assert "Failed today" in shown
            assert shown.count("Permission denied") == 1

    asyncio.run(go())


@pytest.mark.parametrize("limit", [12, 24, 30, 60])
def test_files_of_one_directory_are_told_apart_at_every_width(limit: int) -> None:
    files = [f"/etc/apache2/a-long-directory-name/{name}-root.pem" for name in ("old", "other")]
    shown = [shortened_path(file, limit).plain for file in files]
    assert len(set(shown)) == 2
    assert all(len(each) <= max(limit, len("…/other-root.pem")) for each in shown)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
def test_what_enter_does_is_said_of_the_marked_answer(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app(WithoutCa())
        async with opened(wizard, size) as pilot:
            answers = wizard.screen.query_one("#answers", OptionList)
            assert "trusts the marked one" in screen(wizard)
            for _ in range(answers.option_count - 1):
                await press(pilot, "down")
                shown = text(wizard, "#question-notes")
                assert "trusts the marked one" not in shown
                assert "is written yet." in shown
                assert wizard.screen.query_one("#case").max_scroll_y == 0
            assert "Enter shows the text for the owner" in shown

    asyncio.run(go())


def test_a_route_that_is_well_leads_to_those_that_fail() -> None:
    async def go() -> None:
        wizard = app(ThreeFaults())
        async with opened(wizard) as pilot:
            await press(pilot, "A", "down", "down", "down")
            shown = screen(wizard)
            assert "Nothing is wrong here" in shown
            assert "3 other routes of this configuration fail:" in shown
            assert "Enter Next fault" in shown
            await press(pilot, "enter")
            found = wizard.session.diagnosis
            assert found is not None
            assert found.severity == "critical"

    asyncio.run(go())


def test_a_probe_that_was_cancelled_is_no_fault_and_w_leads_nowhere_without_ways() -> None:
    async def go() -> None:
        wizard = app(FakeEngine(plan=replace(PLAN, edits=(), new_files=(), resolved=())))
        async with opened(wizard) as pilot:
            found = wizard.session.diagnosis
            assert found is not None
            network = replace(found.verdict, stage="connect")
            bare = replace(found, findings=(), verdict=network)
            wizard.session.diagnoses[found.case.route.id] = bare
            wizard.refresh_step()
            await settle(pilot)
            assert wizard.session.repair is not None
            assert "w Other ways" not in screen(wizard)
            wizard.session.diagnoses.clear()
            wizard.session.probe_error = "Cancelled. r asks the backend again."
            wizard.refresh_step()
            await settle(pilot)
            assert "2 Probe ?" in screen(wizard)

    asyncio.run(go())


def test_what_is_left_to_others_is_not_to_be_proved() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            engine.plan = replace(PLAN, edits=(), new_files=(), resolved=())
            wizard.plan()
            await settle(pilot)
            await press(pilot, "4")
            assert isinstance(wizard.screen, FixScreen)
            assert "Prove it" not in screen(wizard)
            await press(pilot, "enter")
            assert isinstance(wizard.screen, FixScreen)
            await press(pilot, "down")
            assert "Enter Take this way" in screen(wizard)

    asyncio.run(go())
