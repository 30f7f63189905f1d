"""The help: the keys of what is shown first, every one of them, and what the step is about."""

from __future__ import annotations

import asyncio

import pytest
from rich.console import Group
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.app import WizardApp
from screens.dialogues.help import HelpDialogue
from screens.steps.base import StepScreen
from screens.texts.steps import STEPS
from screens.widgets import keys
from tests.screens.asking import opened, press, screen, settle
from tests.screens.fake import app

SCREENS = ("0", *(str(step.number) for step in STEPS))


def whole(wizard: WizardApp, width: int = 200) -> str:
    """What the help says, with the part that has to be scrolled to."""
    from rich.console import Console

    shown = wizard.screen.query_one("VerticalScroll > Static", Static).content
    assert isinstance(shown, Group)
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(shown)
    return capture.get()


def named(wizard: WizardApp) -> list[tuple[str, str]]:
    """Every key with an id of the screen in view: how it is written, and what it does."""
    found = keys.with_id([wizard.screen, *wizard.screen.query("*"), wizard])
    return [
        (keys.name_of(wizard, one), one.tooltip or one.description)
        for _, bindings in found
        for one in bindings
        if not (one.id or "").startswith("step.") or one.key not in "12345"
        if one.id != "help.f1"
    ]


@pytest.mark.parametrize("key", SCREENS)
def test_every_key_of_a_screen_is_in_its_help(key: str) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, key)
            expected = named(wizard)
            assert len(expected) > 10
            await press(pilot, "question_mark")
            assert isinstance(wizard.screen, HelpDialogue)
            lines = whole(wizard).splitlines()
            for name, what in expected:
                assert any(name in line[:12] and what in line for line in lines), (name, what)
            assert any(line.startswith("1 … 5") for line in lines)

    asyncio.run(go())


@pytest.mark.parametrize("key", SCREENS)
def test_its_own_keys_are_in_view_at_80x24(key: str) -> None:
    """And what the step is about above them; below them what every step has."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard, (80, 24)) as pilot:
            await press(pilot, key)
            step = wizard.screen
            assert isinstance(step, StepScreen)
            usable = [
                keys.name_of(wizard, bindings[0])
                for node, bindings in keys.with_id([step])
                if keys.state_of(step, node, bindings[0])
            ]
            await press(pilot, "question_mark")
            lines = screen(wizard).splitlines()
            for name in usable:
                assert any(line.startswith(f"│ {name} ") for line in lines), name
            if step.STEP.sentence:
                assert step.STEP.sentence.split()[0] in "\n".join(lines[:4])
            text = whole(wizard)
            assert text.index(usable[0]) < text.index("Everywhere") < text.index("Good to know")

    asyncio.run(go())


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
def test_it_is_read_at_every_size(size: tuple[int, int]) -> None:
    """Nothing is cut off at its right, the keys stand in a column of their own, all is scrolled
    to."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "4", "question_mark")
            seen = set()
            for _ in range(12):
                lines = screen(wizard).splitlines()[:-1]
                seen |= {line.strip("│ ▆▇█▅▄▃▂▁╭╮╰╯─") for line in lines}
                assert not any("…" in line and "1 … 5" not in line for line in lines[4:-3])
                await press(pilot, "pagedown")
            text = " ".join(" ".join(seen).split())
            for word in ("Everywhere", "Good to know", "NO_COLOR=1", "Shift"):
                assert word in text

    asyncio.run(go())


def test_what_cannot_be_done_now_comes_last_and_says_so() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "0", "question_mark")
            lines = [line for line in whole(wizard).split("Everywhere")[0].splitlines() if line]
            marks = ["ot now" in line for line in lines]
            assert marks == sorted(marks)
            assert True in marks
            assert lines[0][:2] == "a "  # what leads onward first

    asyncio.run(go())


def test_a_dialogue_has_help_too() -> None:
    """In a field ? is text, F1 is not."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "s")
            dialogue = wizard.screen
            assert isinstance(dialogue, ModalScreen)
            await press(pilot, "f1")
            assert isinstance(wizard.screen, HelpDialogue)
            text = whole(wizard)
            assert "Close this without an answer" in text.split("Everywhere")[0]
            assert "Keys of this dialogue" in screen(wizard)
            await press(pilot, "f1")  # the same key closes it
            await settle(pilot)
            assert wizard.screen is dialogue

    asyncio.run(go())
