"""The question before writing: what is seen first, what scrolls, and what writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.text import Text
from textual.color import Color
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Static

from screens.dialogues.confirm import ConfirmDialogue, WriteQuestion, YesOrNo
from tests.screens import plans
from tests.screens.asking import focused, opened, press, run, screen, settle, until
from tests.screens.fake import app
from tests.screens.plans import NEW, OLD, PLAYED, WORKS, Planned
from wizard.model.rehearsal import Impostor, Pretence, Reception

SIZES = ((60, 20), (80, 24))
LONG = Text("\n".join(f"row {number}" for number in range(60)))
LET_IN = tuple(Impostor(each, Reception.LET_IN) for each in Pretence)


class Asking:
    """A question over the wizard, and what came of it."""

    def __init__(self, dialogue: YesOrNo, size: tuple[int, int]) -> None:
        self.dialogue = dialogue
        self.size = size
        self.answers: list[bool | None] = []

    async def __aenter__(self) -> Pilot[Any]:
        self.wizard = app()
        self._opened = opened(self.wizard, self.size)
        pilot = await self._opened.__aenter__()
        self.wizard.push_screen(self.dialogue, self.answers.append)
        await until(pilot, lambda: focused(self.wizard) == "no")
        await settle(pilot)
        return pilot

    async def __aexit__(self, *error: Any) -> None:
        await self._opened.__aexit__(*error)


def question(make: Callable[[], Planned] = plans.plain, **given: Any) -> WriteQuestion:
    return WriteQuestion(plans.asked(make), **given)


@pytest.mark.parametrize("size", SIZES)
def test_the_changed_lines_are_seen_without_a_key(size: tuple[int, int]) -> None:
    async def go() -> None:
        asking = Asking(question(strip=lambda: Static("the strip", id="strip")), size)
        async with asking:
            rows = screen(asking.wizard).split("\n")
            assert rows[0].startswith("the strip")
            assert rows[1].startswith("┏━ Write this change? ━")
            assert "www.corp.test.conf, line 5" in rows[2]
            shown = "\n".join(rows)
            assert shown.index(f"- {OLD}") < shown.index(f"+ {NEW}") < shown.index("Counts for")
            assert "www.corp.test only" in shown
            assert "none weakened" in shown
            assert "200 from the backend" in shown
            assert "diff --git" not in shown
            assert "@@" not in shown
            assert "y Write" in rows[-1]

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_of_a_long_plan_the_first_lines_and_how_much_is_below(size: tuple[int, int]) -> None:
    async def go() -> None:
        asking = Asking(question(plans.long), size)
        async with asking as pilot:
            assert "+ Listen 0" in screen(asking.wizard)
            below = int(asking.dialogue.asked.max_scroll_y)
            assert below > 0
            assert f"({below} lines)" in screen(asking.wizard)
            await press(pilot, "end")
            assert "+     Listen 39" in screen(asking.wizard)
            assert "lines)" not in screen(asking.wizard)

    run(go)


KEYS = (("down", 1), ("pagedown", 5), ("end", 20))
BACK = {"down": "up", "pagedown": "pageup", "end": "home"}


@pytest.mark.parametrize("focus", ["no", "yes", "text"])
@pytest.mark.parametrize("size", SIZES)
def test_every_key_scrolls_wherever_the_focus_is(size: tuple[int, int], focus: str) -> None:
    async def go() -> None:
        asking = Asking(question(plans.long), size)
        async with asking as pilot:
            dialogue = asking.dialogue
            holder = dialogue.asked if focus == "text" else dialogue.query_one(f"#{focus}")
            holder.focus()
            await settle(pilot)
            for key, least in KEYS:
                await press(pilot, key)
                assert dialogue.asked.scroll_y >= least, key
                assert asking.wizard.focused is holder
                await press(pilot, BACK[key])
                assert dialogue.asked.scroll_y == 0, key
            assert asking.answers == []

    run(go)


@pytest.mark.parametrize("over", ["#no", ".box", "Asked", "#more"])
def test_the_wheel_scrolls_wherever_the_pointer_is(over: str) -> None:
    async def go() -> None:
        asking = Asking(question(plans.long), (80, 24))
        async with asking as pilot:
            for event, way in ((MouseScrollDown, 1), (MouseScrollUp, -1)):
                before = asking.dialogue.asked.scroll_y
                await pilot._post_mouse_events([event], over, Offset(0, 0), 0)
                await settle(pilot)
                assert (asking.dialogue.asked.scroll_y - before) * way > 0

    run(go)


@pytest.mark.parametrize(
    ("keys", "answers"),
    [
        (("enter",), [False]),
        (("n",), [False]),
        (("escape",), [False]),
        (("y",), [True]),
        (("a",), []),
        (("space",), []),
        (("s",), []),
        (("right", "enter"), [True]),
        (("tab", "enter"), [True]),
        (("right", "left", "enter"), [False]),
        (("pagedown", "end", "enter"), [False]),
    ],
)
def test_only_y_writes_and_enter_presses_what_has_the_focus(
    keys: tuple[str, ...], answers: list[bool]
) -> None:
    async def go() -> None:
        asking = Asking(question(plans.long), SIZES[0])
        async with asking as pilot:
            await press(pilot, *keys)
            assert asking.answers == answers

    run(go)


def test_the_patch_is_saved_and_the_question_stays() -> None:
    async def go() -> None:
        saved: list[int] = []
        asking = Asking(question(save=lambda: saved.append(1)), (80, 24))
        async with asking as pilot:
            assert "s Save patch" in screen(asking.wizard)
            await press(pilot, "s")
            assert saved == [1]
            assert asking.wizard.screen is asking.dialogue
            assert asking.answers == []

    run(go)


def test_a_key_that_does_nothing_is_not_shown() -> None:
    async def go() -> None:
        asking = Asking(question(), (120, 40))
        async with asking:
            assert asking.dialogue.asked.max_scroll_y == 0
            last = screen(asking.wizard).split("\n")[-1]
            assert "Save" not in last
            assert "PgDn" not in screen(asking.wizard)

    run(go)


@pytest.mark.parametrize("no_color", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_what_weakens_is_red_with_the_word(
    size: tuple[int, int], no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")

    async def go() -> None:
        asking = Asking(question(plans.weak), size)
        async with asking:
            rows = screen(asking.wizard).split("\n")
            assert "WEAKENS a check" in rows[0]
            line = next(row for row in rows if "+ SSLProxyCheckPeerName off" in row)
            assert "WEAKENS" in line
            assert any("Checks       WEAKENS the name check" in row for row in rows)
            found = colours(asking.wizard, "SSLProxyCheckPeerName off")
            assert all(each.is_grey if no_color else each.is_red for each in found)
            assert found

    run(go)


class Shade:
    """The colour of some letters."""

    def __init__(self, color: Color) -> None:
        self.is_red = color.r > 2 * color.b and color.r > 2 * color.g
        self.is_grey = color.r == color.g == color.b


def colours(wizard: Any, words: str) -> list[Shade]:
    """Of the segments in which a row says just that, after a sign."""
    lines = wizard.screen._compositor.render_strips()
    ground = wizard.screen.background_colors[0]
    segments = [each for line in lines for each in line.apply_filter(wizard._filters[0], ground)]
    return [
        Shade(Color.from_rich_color(each.style.color))
        for each in segments
        if each.text.strip() == f"+ {words}" and each.style and each.style.color
    ]


def test_what_does_not_weaken_is_not_red() -> None:
    async def go() -> None:
        asking = Asking(question(plans.plain), (80, 24))
        async with asking:
            assert "WEAKENS" not in screen(asking.wizard)
            assert not any(each.is_red for each in colours(asking.wizard, NEW))
            assert not asking.dialogue.query(".refusal")

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_the_fingerprint_of_a_trusted_ca_stands_in_full(size: tuple[int, int]) -> None:
    async def go() -> None:
        asking = Asking(question(plans.trusting), size)
        async with asking as pilot:
            await press(pilot, "down", "down")
            half = ":".join(["AB"] * 16)
            rows = [row.strip("┃ ▁▂▃▄▅▆▇█") for row in screen(asking.wizard).split("\n")]
            assert rows.count(half) == 2
            assert "Corp Root CA, until 2027-01-01" in screen(asking.wizard)

    run(go)


def test_an_impostor_that_is_let_in_is_told() -> None:
    async def go() -> None:
        worse = replace(PLAYED, after=replace(WORKS, impostors=LET_IN))
        asking = Asking(WriteQuestion(plans.asked(plans.weak, worse)), (80, 24))
        async with asking:
            assert "Impostor     refused -> let in" in screen(asking.wizard)
            assert "An impostor is let in" in screen(asking.wizard)

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_another_question_scrolls_alike(size: tuple[int, int]) -> None:
    async def go() -> None:
        asking = Asking(ConfirmDialogue("Undo this change?", LONG), size)
        async with asking as pilot:
            assert "┏━ Undo this change? ━" in screen(asking.wizard)
            assert "row 0 " in screen(asking.wizard)
            assert "No (n)" in screen(asking.wizard)
            await press(pilot, "pagedown", "pageup", "end")
            assert "row 59" in screen(asking.wizard)
            await press(pilot, "home", "enter")
            assert asking.answers == [False]

    run(go)


def test_a_short_question_is_no_higher_than_its_text() -> None:
    async def go() -> None:
        asking = Asking(ConfirmDialogue("Undo [this] change?", Text("one\ntwo")), (80, 24))
        async with asking as pilot:
            assert asking.dialogue.query_one(".box").size.height == 3  # and the answers
            assert "Undo [this] change?" in screen(asking.wizard)
            await press(pilot, "y")
            assert asking.answers == [True]

    run(go)
