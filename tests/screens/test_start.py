"""The wizard starts on this Python: with its real run's tasks, from its real entry point."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from screens.texts.steps import STEPS
from tests.screens.asking import MOMENT, press, settle, task_factory
from tests.screens.fake import app
from tests.screens.tmux import Tmux

PROGRAM = Path(sys.executable).with_name("proxy-wizard")
DIALOGUES = {
    "?": "Keys of the case",
    "o": "Configuration to open",
    "s": "Save as",
    "C-p": "Search for commands",
}
CASE = "The browser gets 503."
STEPS_SHOW = {
    "2": "[2 Probe",
    "3": "[3 Diagnose",
    "4": "[4 Fix",
    "5": "[5 Prove",
    "1": "[1 Load",
    "0": CASE,
}


def test_the_tests_have_tasks_made_as_textual_has_them_made() -> None:
    made: list[Any] = []

    async def look(pilot: Pilot[Any]) -> None:
        made.append(asyncio.get_running_loop().get_task_factory())
        pilot.app.exit()

    App[None]().run(headless=True, auto_pilot=look)
    assert made == [task_factory()]


def test_every_step_by_the_real_run() -> None:
    """Not ``run_test``: it neither starts nor ends an application as ``run`` does."""
    shown: list[str] = []

    async def walk(pilot: Pilot[Any]) -> None:
        async with asyncio.timeout(MOMENT):  # nothing comes from one that did not start
            await settle(pilot)
            for step in STEPS:
                await press(pilot, str(step.number))
                shown.append(pilot.app.current_mode)
        pilot.app.simulate_key("q")

    wizard = app()
    wizard.run(headless=True, auto_pilot=walk)
    assert wizard.return_code == 0
    assert shown == [step.key for step in STEPS]


def leave(terminal: Tmux, title: str) -> None:
    """Close a dialogue; a key that came together with Escape would be one with Alt."""
    terminal.press("Escape")
    terminal.see(lambda shown: title not in shown)


@pytest.fixture
def wizard(tmp_path: Path, one_route: Path) -> Iterator[Tmux]:
    with Tmux(tmp_path, [str(PROGRAM), str(one_route)]) as terminal:
        yield terminal


def test_each_step_and_dialogue_from_the_entry_point(wizard: Tmux) -> None:
    """Nothing listens at port 1: the verdict needs no network."""
    wizard.see(CASE)
    for key, title in DIALOGUES.items():
        wizard.press(key)
        wizard.see(title)
        leave(wizard, title)
    for key, shown in STEPS_SHOW.items():
        wizard.press(key)
        wizard.see(shown)
    wizard.press("q")
    wizard.see("exit=0")


def test_the_demo_from_the_entry_point(tmp_path: Path) -> None:
    with Tmux(tmp_path, [str(PROGRAM), "demo"]) as terminal:
        terminal.see("Lessons: Enter opens the marked one")
        terminal.press("h")
        terminal.see("Hint:")
        terminal.press("Down", "Enter")
        terminal.see("The browser gets 500.")
        terminal.press("t")
        terminal.see("Lessons: Enter opens the marked one")
        leave(terminal, "Lessons: Enter opens the marked one")
        terminal.press("q")
        terminal.see("exit=0")
