"""The command palette: groups, a sentence and the key of each command; and each does it."""

from __future__ import annotations

import asyncio
import re

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from screens.texts.steps import STEPS
from screens.widgets import keys
from tests.screens.asking import opened, press, screen, settle, until
from tests.screens.fake import app
from tests.screens.test_key_bar import Case

GROUPS = ("export", "step", "theme", "this step", "view")


@pytest.mark.parametrize("key", ["0", *(str(step.number) for step in STEPS)])
def test_every_key_that_can_do_something_is_a_command(key: str) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, key)
            shown = wizard.screen
            commands = list(wizard.get_system_commands(shown))
            titles = [command.title for command in commands]
            assert len(titles) == len(set(titles))
            assert {title.partition(": ")[0] for title in titles} == set(GROUPS)
            told = [re.fullmatch(r"(\S.*[^.])\. Key: (\S.*)", one.help) for one in commands]
            assert all(told)
            there = {name for one in told if one for name in one[2].split(", ")}
            for node, bindings in keys.with_id([shown, wizard]):
                if keys.state_of(shown, node, bindings[0]) and bindings[0].id != "help.f1":
                    assert keys.name_of(wizard, bindings[0]) in there

    asyncio.run(go())


def test_a_command_is_found_by_its_group_and_done() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "ctrl+p")
            assert isinstance(wizard.screen, CommandPalette)
            wizard.screen.query_one(Input).value = "step: 2"
            await until(pilot, lambda: "step: 2 Probe" in screen(wizard))
            await press(pilot, "enter")
            if isinstance(wizard.screen, CommandPalette):  # the first Enter only takes the list
                await press(pilot, "enter")
            await settle(pilot)
            step = wizard.step
            assert step is not None
            assert wizard.current_mode == "probe"
            (theme,) = [
                command
                for command in wizard.get_system_commands(step)
                if command.title.startswith("theme: ")
            ]
            dark = wizard.current_theme.dark
            theme.callback()
            await settle(pilot)
            assert wizard.current_theme.dark is not dark

    asyncio.run(go())


def test_what_cannot_be_done_now_says_why() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            shown = Case()
            shown.state = {"a": None, "w": False}
            shown.reasons = {"case.apply": "The rehearsal failed."}
            await wizard.push_screen(shown)
            await settle(pilot)
            commands = {one.title: one.help for one in wizard.get_system_commands(shown)}
            assert commands["this step: Apply"] == "Not now: The rehearsal failed. Key: a"
            assert "this step: Other ways" not in commands
            assert "this step: Details" in commands

    asyncio.run(go())
