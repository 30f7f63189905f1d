"""Every key does what the footer, the help and the palette say; in a field keys are text."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import ModalScreen
from textual.widgets import Input

import screens.dialogues
import screens.steps
from screens.app import WizardApp
from screens.decisions import Decisions
from screens.steps.asking import AskingScreen
from screens.steps.base import StepScreen
from screens.texts.steps import STEPS
from screens.widgets import keys
from tests.screens.asking import focused, opened, press, screen, text, until
from tests.screens.fake import PLAN, FakeEngine, app

PLACES = ("0", "1", "2", "3", "4", "5")


def top(wizard: WizardApp) -> str:
    return type(wizard.screen).__name__


def asked(wizard: WizardApp, what: str) -> list[Any]:
    assert isinstance(wizard.engine, FakeEngine)
    return [value for name, value in wizard.engine.asked if name == what]


def test_each_step_in_full_and_back_to_the_case() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            assert wizard.current_mode == "case"
            for step in STEPS:
                await press(pilot, str(step.number))
                assert wizard.current_mode == step.key
                await press(pilot, "escape")
                assert wizard.current_mode == "case", step.key
                await press(pilot, str(step.number), "0")
                assert wizard.current_mode == "case", step.key
            await press(pilot, "escape")
            assert wizard.current_mode == "case", "Escape leaves nothing else"

    asyncio.run(go())


def test_enter_goes_on_from_step_to_step() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "1")
            for step in STEPS[1:3]:
                await press(pilot, "enter")
                assert wizard.current_mode == step.key

    asyncio.run(go())


@pytest.mark.parametrize("place", PLACES)
def test_copy_and_save(place: str, tmp_path: Path) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, place, "c")
            step = wizard.step
            assert step is not None
            assert wizard.clipboard == step.readable()[1]
            assert len(wizard.clipboard) > 10
            target = tmp_path / "saved"
            await press(pilot, "s")
            wizard.screen.query_one("#path", Input).value = str(target)
            await press(pilot, "enter")
            assert target.read_bytes() == step.saved()[1]
            await press(pilot, "s")
            wizard.screen.query_one("#path", Input).value = str(target)
            await press(pilot, "enter")
            assert "Not saved" in text(wizard, "#save-state"), "what exists is not overwritten"

    asyncio.run(go())


def test_help_theme_and_quit() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for key in ("question_mark", "f1"):
                await press(pilot, key)
                assert top(wizard) == "HelpDialogue"
                await press(pilot, "escape")
            dark = wizard.current_theme.dark
            await press(pilot, "d")
            assert wizard.current_theme.dark is not dark
            await press(pilot, "q")
            assert not wizard.is_running or wizard._exit

    asyncio.run(go())


def test_another_configuration_is_opened_from_the_case() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            wizard.decide(Decisions("temporary", until="2030-01-01"))
            await press(pilot, "o")
            assert top(wizard) == "OpenDialogue"
            wizard.screen.query_one("#path", Input).value = "/elsewhere"
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].path == "/elsewhere"
            assert wizard.session.decisions == Decisions()

    asyncio.run(go())


def test_a_directory_is_opened_where_a_file_is_asked_for(tmp_path: Path) -> None:
    async def go() -> None:
        (tmp_path / "corp.pem").write_text("")
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "4", "f")
            await until(pilot, lambda: focused(wizard) == "path")
            wizard.screen.query_one("#path", Input).value = str(tmp_path)
            await press(pilot, "enter")
            await until(pilot, lambda: focused(wizard) == "tree")
            await until(pilot, lambda: "corp.pem" in screen(wizard))
            await press(pilot, "shift+tab", "down")  # and from the field into the list
            await until(pilot, lambda: focused(wizard) == "tree")
            await press(pilot, "down", "enter")
            await until(pilot, lambda: top(wizard) == "FixScreen")
            assert asked(wizard, "repair")[-1].ca_files == (f"{tmp_path}/corp.pem",)

    asyncio.run(go())


def test_step_4_plans_again_and_shows_the_patch_in_three_ways() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "4")
            before = len(asked(wizard, "repair"))
            await press(pilot, "r")
            assert len(asked(wizard, "repair")) == before + 1
            assert asked(wizard, "target")[-1] == wizard.session.route
            shown = {screen(wizard)}
            for _ in range(2):
                await press(pilot, "v")
                shown.add(screen(wizard))
            assert len(shown) == 3
            await press(pilot, "f")
            wizard.screen.query_one("#path", Input).value = "/etc/ssl/corp.pem"
            await press(pilot, "enter")
            assert asked(wizard, "repair")[-1].ca_files == ("/etc/ssl/corp.pem",)

    asyncio.run(go())


def test_an_exception_is_a_way_with_a_day_and_goes_with_another_way() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "4")
            ways = wizard.screen.query_one("#ways")
            assert focused(wizard) == "ways"
            await press(pilot, "end", "enter")
            chosen = asked(wizard, "repair")[-1]
            assert chosen.policy == "temporary"
            assert chosen.until is not None
            field = wizard.screen.query_one("#until", Input)
            assert wizard.screen.query_one("#fix-until").display
            field.focus()
            field.value = "tomorrow"
            await press(pilot, "enter")
            assert "YYYY-MM-DD" in screen(wizard)
            field.focus()
            field.value = "2030-01-31"
            await press(pilot, "enter")
            assert str(asked(wizard, "repair")[-1].until) == "2030-01-31"
            ways.focus()
            await press(pilot, "home", "enter")
            assert asked(wizard, "repair")[-1].policy == "production"
            assert not wizard.screen.query_one("#fix-until").display

    asyncio.run(go())


def test_apply_asks_in_every_place_that_shows_the_change() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            for place in ("0", "4", "5"):
                for no in ("n", "escape", "enter"):  # Enter presses what has the focus: No
                    await press(pilot, place, "a")
                    assert top(wizard) == "WriteQuestion", place
                    await press(pilot, no)
                    assert isinstance(wizard.screen, StepScreen)
            assert asked(wizard, "deploy") == []
            await press(pilot, "a", "y")
            assert asked(wizard, "deploy") == [PLAN]

    asyncio.run(go())


def test_the_palette_has_every_action() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for place in PLACES:
                await press(pilot, place)
                commands = list(wizard.get_system_commands(wizard.screen))
                told = "\n".join(f"{one.title} {one.help}" for one in commands)
                for active in wizard.screen.active_bindings.values():
                    binding = active.binding
                    if (
                        binding.id
                        and not binding.system
                        and active.enabled
                        and (
                            binding.key != "f1"  # the same as ?, where that is text
                        )
                    ):
                        assert keys.name_of(wizard, binding) in told, (place, binding.id)
            await press(pilot, "ctrl+p")
            assert isinstance(wizard.screen, CommandPalette)

    asyncio.run(go())


def of_package(package: Any) -> list[type]:
    """The classes of a package's modules, each where it is written."""
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
    ]


def test_every_key_has_an_id_and_says_what_it_does() -> None:
    boxes = [each for each in of_package(screens.dialogues) if issubclass(each, ModalScreen)]
    steps = [each for each in of_package(screens.steps) if issubclass(each, StepScreen)]
    assert {StepScreen, AskingScreen} <= set(steps)
    for each in (WizardApp, *steps, *boxes):
        ids = []
        for binding in each.__dict__.get("BINDINGS", ()):
            assert binding.id, binding
            assert binding.description, binding
            ids.append(binding.id)
        assert len(ids) == len(set(ids)), each


@pytest.mark.parametrize("place", ["0", "4"])
def test_no_bright_key_does_nothing(place: str) -> None:
    """What a bright key does is seen on the screen, in what is asked, or in a notice."""

    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)

        def seen() -> tuple[object, ...]:
            return screen(wizard), list(engine.asked), wizard.current_mode, len(wizard.clipboard)

        async with opened(wizard) as pilot:
            await press(pilot, place)
            shown = [one.key for one in keys.shown(wizard.screen) if one.enabled and one.key]
            assert "q" in shown
            for key in shown:
                if key == "q":
                    continue
                before = seen()
                await press(pilot, key)
                assert seen() != before, key
                while isinstance(wizard.screen, ModalScreen):
                    await press(pilot, "escape")
                await press(pilot, place)

    asyncio.run(go())
