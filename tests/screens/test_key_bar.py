"""The footer: what matters stays, what is dim says why, what is text is no key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from screens.app import WizardApp
from screens.steps.base import StepScreen
from screens.texts.steps import STEPS
from screens.widgets import keys
from screens.widgets.key_bar import KeyBar, fitting
from screens.widgets.keys import ShownKey
from tests.screens.asking import opened, press, run, screen, settle
from tests.screens.fake import app


class Case(Screen[None]):
    """A screen with the keys of a case, declared in another order than they matter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "note('down')", "Next fault", id="case.down"),
        Binding("up", "note('up')", "Next fault", id="case.up"),
        Binding("w", "note('w')", "Other ways", id="case.ways"),
        Binding("enter", "note('enter')", "Details", id="case.enter"),
        Binding("a", "note('a')", "Apply…", id="case.apply"),
        Binding("f", "note('f')", "File…", show=False, id="case.file"),
        Binding("slash", "note('slash')", "Filter", id="case.filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.labels: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.state: dict[str, bool | None] = {"slash": False}

    def compose(self) -> ComposeResult:
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.state.get(str(parameters[0]), True) if action == "note" else True

    def key_label(self, binding_id: str) -> str | None:
        return self.labels.get(binding_id)

    def why_not(self, binding_id: str) -> str:
        return self.reasons.get(binding_id, "")

    def action_note(self, key: str) -> None:
        self.noted.append(key)


class WithList(Case):
    """The list has the keys, and Enter and the arrows with them."""

    def compose(self) -> ComposeResult:
        yield OptionList("one", "two")
        yield Input()
        yield KeyBar()


@asynccontextmanager
async def case(size: tuple[int, int], shown: Case) -> AsyncIterator[Pilot[Any]]:
    async with opened(app(), size) as pilot:
        await pilot.app.push_screen(shown)
        await settle(pilot)
        yield pilot


def bar(pilot: Pilot[Any]) -> str:
    pilot.app.screen.refresh_bindings()
    return screen(pilot.app).splitlines()[-1].strip()


async def redrawn(pilot: Pilot[Any]) -> str:
    pilot.app.screen.refresh_bindings()
    await settle(pilot)
    return bar(pilot)


def said(pilot: Pilot[Any]) -> list[str]:
    return [one.message for one in pilot.app._notifications]


def test_what_matters_comes_first_and_arrows_stand_together() -> None:
    async def go() -> None:
        async with case((80, 24), Case()) as pilot:
            assert bar(pilot).startswith(
                "a Apply…   Enter Details   w Other ways   ↓↑ Next fault   ? "
            )
            assert bar(pilot).endswith("q Quit")

    run(go)


@pytest.mark.parametrize("columns", range(24, 80, 4))
def test_what_is_dropped_is_what_matters_least(columns: int) -> None:
    """Never an onward key before another, never the way to the help; and nothing is cut off."""

    async def go() -> None:
        async with case((columns, 24), Case()) as pilot:
            line = bar(pilot)
            known = [name for name in ("a Apply…", "Enter Details", "w Other ways", "↓↑ Next fault")
                     if name in line]  # fmt: skip
            assert (
                known
                == ["a Apply…", "Enter Details", "w Other ways", "↓↑ Next fault"][: len(known)]
            )
            if columns >= 40:
                assert "a Apply…" in line
            assert line.endswith("q Quit")
            assert "? " in line
            for key in ("a", "w"):
                await press(pilot, key)
            assert isinstance(pilot.app.screen, Case)
            assert pilot.app.screen.noted == ["a", "w"]  # dropped is not dead

    run(go)


def test_what_every_step_has_fills_the_room_that_is_left() -> None:
    async def go() -> None:
        async with case((80, 24), Case()) as pilot:
            assert "1-5" not in bar(pilot)
            await pilot.resize_terminal(140, 40)
            await settle(pilot)
            line = bar(pilot)
            assert "1-5 Step in full" in line
            assert line.index("Next fault") < line.index("1-5 ") < line.index("^p Commands")
            assert line.index("^p Commands") < line.index("? ") < line.index("q Quit")

    run(go)


def test_a_screen_says_what_its_keys_do_now() -> None:
    async def go() -> None:
        shown = Case()
        async with case((80, 24), shown) as pilot:
            assert "File" not in bar(pilot)
            shown.labels = {
                "case.enter": "Trust it",
                "case.ways": "Other ways (2)",
                "case.file": "File…",
                "case.down": "Next one",
            }
            shown.state = {"a": False, "slash": False}
            line = await redrawn(pilot)
            assert line.startswith("Enter Trust it   f File…   w Other ways (2)   ↓↑ Next one   ? ")
            assert "Apply" not in line

    run(go)


def test_a_widgets_own_keys_are_named_by_the_screen() -> None:
    async def go() -> None:
        shown = WithList()
        async with case((80, 24), shown) as pilot:
            assert "Enter" not in bar(pilot)  # the list's: it does not say what it does
            shown.labels = {"enter": "Unfold", "down": "Another way", "up": "Another way"}
            line = await redrawn(pilot)
            assert "Enter Unfold" in line
            assert "↓↑ Another way" in line
            shown.labels = {"case.enter": "Trust it"}  # what the list does is what the screen says
            assert "Enter Trust it" in await redrawn(pilot)
            shown.state = {"enter": False}
            assert "Enter" not in await redrawn(pilot)

    run(go)


def test_a_dim_key_says_why() -> None:
    async def go() -> None:
        shown = Case()
        shown.state = {"a": None, "w": None, "slash": False}
        shown.reasons = {"case.apply": "The rehearsal failed: nothing is applied."}
        async with case((80, 24), shown) as pilot:
            line = bar(pilot)
            assert "a Apply…" in line
            await press(pilot, "a")
            assert said(pilot) == ["The rehearsal failed: nothing is applied."]
            await press(pilot, "w")
            assert said(pilot)[1:] == [keys.NO_REASON]
            await press(pilot, "enter", "slash")  # this one is not shown, and says nothing
            assert len(said(pilot)) == 2
            assert shown.noted == ["enter"]

    run(go)


def test_a_dim_key_looks_dim() -> None:
    async def go() -> None:
        shown = Case()
        async with case((80, 24), shown) as pilot:

            def style(of: str) -> tuple[object, object]:
                line = pilot.app.screen._compositor.render_strips()[-1]
                found = next(segment.style for segment in line if segment.text == of)
                assert found is not None
                return found.color, found.bold

            bright = style("a")
            assert bright == style("w")
            shown.state = {"a": None}
            await redrawn(pilot)
            assert style("a") != bright == style("w")

    run(go)


def test_in_a_field_letters_are_no_keys() -> None:
    async def go() -> None:
        shown = WithList()
        shown.state = {"a": None}
        shown.reasons = {"case.apply": "Not yet."}
        async with case((80, 24), shown) as pilot:
            shown.query_one(Input).focus()
            await settle(pilot)
            line = bar(pilot)
            for name in ("a Apply", "w Other", "? ", "q Quit"):
                assert name not in line
            assert "F1 " in line
            assert "↓↑ Next fault" in line
            await press(pilot, "a", "w")
            assert shown.query_one(Input).value == "aw"
            assert said(pilot) == []

    run(go)


def test_a_click_presses_the_key() -> None:
    async def go() -> None:
        shown = Case()
        async with case((140, 24), shown) as pilot:
            line = screen(pilot.app).splitlines()[-1]
            for name in ("w Other", "Next fault", "Step in full"):
                await pilot.click(KeyBar, offset=(line.index(name), 0))
                await settle(pilot)
            assert shown.noted == ["w", "down"]  # five keys are none

    run(go)


def test_without_arrows_their_letters_are_no_other_key() -> None:
    async def go() -> None:
        wizard = app(encoding="ascii")
        async with opened(wizard) as pilot:
            await wizard.push_screen(Case())
            await settle(pilot)
            assert "Down/Up Next fault" in bar(pilot)

    run(go)


def test_the_steps_footers_fit_at_every_size() -> None:
    """Each key that is shown is whole, and help and quit are there."""

    async def go() -> None:
        wizard: WizardApp = app()
        async with opened(wizard) as pilot:
            for size in ((60, 20), (80, 24), (120, 40), (200, 50)):
                await pilot.resize_terminal(*size)
                for step in STEPS:
                    await press(pilot, str(step.number))
                    assert isinstance(wizard.screen, StepScreen)
                    line = bar(pilot)
                    assert line.endswith("q Quit")
                    assert "? " in line

    run(go)


def key(name: str, importance: int, *, is_general: bool = False) -> ShownKey:
    return ShownKey(name, name, "does this", True, is_general, importance, importance)


def test_blanks_give_way_before_keys() -> None:
    own = [key("a", 0), key("b", 5), key("?", -1)]
    whole = len("a does this") * 3
    assert fitting(own, whole + 6) == (own, 3)
    assert fitting(own, whole + 5) == (own, 2)
    assert fitting(own, whole + 4) == (own, 2)
    assert fitting(own, whole + 3) == ([own[0], own[2]], 2)
    general = key("s", 100, is_general=True)
    assert fitting([*own, general], whole + 5) == (own, 2)
    assert fitting([*own, general], whole + 6) == (own, 3)
    assert fitting([*own, general], whole + 6 + 14) == ([*own, general], 3)
