"""Every key does what the footer, the help and the palette say; in a field keys are text."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.widgets import DataTable, Input, TabbedContent, TextArea

import screens.dialogues
from screens.app import WizardApp
from screens.steps.base import StepScreen
from screens.texts.steps import STEPS
from screens.widgets.choice import Choice
from tests.screens.asking import focused, opened, press, screen, settle, text, until
from tests.screens.fake import AUTHORITIES, CAUSE, PLAN, FakeEngine, app
from wizard.model.probe import DnsResult
from wizard.model.scope import Assumed


def top(wizard: WizardApp) -> str:
    return type(wizard.screen).__name__


def asked(wizard: WizardApp, what: str) -> list[Any]:
    assert isinstance(wizard.engine, FakeEngine)
    return [value for name, value in wizard.engine.asked if name == what]


def test_steps_and_what_every_step_has(tmp_path: Path) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for step in STEPS:
                await press(pilot, str(step.number))
                assert wizard.current_mode == step.key
            await press(pilot, "b")
            assert wizard.current_mode == "fix"
            await press(pilot, "n")
            assert wizard.current_mode == "prove"
            await press(pilot, "n", "1", "b")  # there is nothing before the first, after the last
            assert wizard.current_mode == "load"
            for step in STEPS:
                await press(pilot, str(step.number), "y")
                screen = wizard.step
                assert screen is not None
                assert wizard.clipboard == screen.readable()[1]
                assert len(wizard.clipboard) > 10
            for key in ("question_mark", "f1"):
                await press(pilot, key)
                assert top(wizard) == "HelpDialogue"
                await press(pilot, "escape")
            dark = wizard.current_theme.dark
            await press(pilot, "d")
            assert wizard.current_theme.dark is not dark
            target = tmp_path / "proof.txt"
            await press(pilot, "s")
            wizard.screen.query_one("#path", Input).value = str(target)
            await press(pilot, "enter")
            assert "500 from httpd  ->" in target.read_text()
            await press(pilot, "s")
            wizard.screen.query_one("#path", Input).value = str(target)
            await press(pilot, "enter")
            assert "Not saved" in text(wizard, "#save-state")
            await press(pilot, "escape", "q")
            assert not wizard.is_running or wizard._exit

    asyncio.run(go())


def test_load() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "slash")
            bar = screen(wizard).splitlines()[-1]
            assert "Esc Leave field" in bar
            assert "/ Search" not in bar  # here it is text
            await pilot.press("a", "p", "p", "1")
            assert wizard.screen.query_one("#routes", DataTable).row_count == 1
            assert wizard.current_mode == "load"
            await press(pilot, "escape")
            assert isinstance(wizard.focused, DataTable)
            assert wizard.session.route is wizard.session.routes[1]
            await press(pilot, "r")
            assert len(asked(wizard, "load")) == 2
            assert wizard.screen.query_one("#search", Input).value == "app1"
            assert wizard.screen.query_one("#routes", DataTable).row_count == 1  # as before
            await press(pilot, "o")
            assert top(wizard) == "OpenDialogue"
            wizard.screen.query_one("#path", Input).value = "/elsewhere"
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].path == "/elsewhere"
            assert wizard.screen.query_one("#search", Input).value == ""
            assert wizard.screen.query_one("#routes", DataTable).row_count == 2
            await press(pilot, "slash", "down")
            assert focused(wizard) == "routes"
            await press(pilot, "enter")
            assert wizard.current_mode == "probe"
            await press(pilot, "1", "tab", "tab", "enter")  # a setting leads to its line
            tabs = wizard.screen.query_one(TabbedContent)
            assert tabs.active == "tab-file"
            tabs.active = "tab-problems"
            await settle(pilot)
            wizard.screen.query_one("#problems").focus()
            await press(pilot, "enter")
            assert tabs.active == "tab-file"
            assert wizard.current_mode == "load"

    asyncio.run(go())


def test_a_name_is_taken_to_lead_to_an_address() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "i")
            assert top(wizard) != "TextDialogue"  # the name resolves
            assert "i Name" not in screen(wizard)
            found = wizard.session.diagnosis
            assert found is not None
            assert found.case.probe is not None
            probe = replace(found.case.probe, dns=DnsResult((), 0.0, "not-found"))
            lost = replace(found, case=replace(found.case, probe=probe))
            wizard.session.diagnoses[found.case.route.id] = lost
            wizard.refresh_step()
            await settle(pilot)
            assert "i Name" in screen(wizard)
            await press(pilot, "i")
            field = wizard.screen.query_one("#text", Input)
            assert field.value == "backend.internal:"
            await press(pilot, "enter")
            (said,) = [one.message for one in wizard._notifications]
            assert said.startswith("'backend.internal:' is not NAME:ADDRESS")
            await press(pilot, "i")
            wizard.screen.query_one("#text", Input).value = "Backend.internal.:127.0.0.1 b.test:::1"
            await press(pilot, "enter")
            names = (Assumed("backend.internal", "127.0.0.1"), Assumed("b.test", "::1"))
            assert asked(wizard, "load")[-1].resolve == names
            await press(pilot, "i")
            assert wizard.screen.query_one("#text", Input).value == " ".join(map(str, names))
            wizard.screen.query_one("#text", Input).value = ""
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].resolve == ()

    asyncio.run(go())


def test_probe() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert asked(wizard, "diagnose") == [["/"]]
            await press(pilot, "r")
            assert asked(wizard, "diagnose") == [["/"]] * 2
            await press(pilot, "p")
            wizard.screen.query_one("#text", Input).value = "/deep/er"
            await press(pilot, "enter")
            assert asked(wizard, "diagnose")[-1] == ["/deep/er"]
            await press(pilot, "h")
            wizard.screen.query_one("#text", Input).value = "other.example.com"
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].host == "other.example.com"
            await press(pilot, "a")
            assert asked(wizard, "diagnose")[-1] == ["/", "/"]
            results = wizard.screen.query_one("#results", DataTable)
            assert results.row_count == 2
            assert "ca-not-trusted" in str(results.get_row_at(0))
            results.focus()
            await press(pilot, "down", "enter")
            assert wizard.session.route is wizard.session.routes[1]

    asyncio.run(go())


def test_v_goes_through_the_tabs_of_every_step() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for step in STEPS:
                await press(pilot, str(step.number))
                tabs = wizard.screen.query_one(TabbedContent)
                seen = []
                for _ in range(tabs.tab_count):
                    await press(pilot, "v")
                    seen.append(tabs.active)
                    assert not isinstance(wizard.focused, Input | TextArea)  # there v is a letter
                assert len(set(seen)) == tabs.tab_count, step.key

    asyncio.run(go())


def test_diagnose(tmp_path: Path) -> None:
    async def go() -> None:
        wizard = app()
        log = tmp_path / "error.log"
        log.write_text("[proxy:error] AH00898: Error during SSL Handshake with remote server\n")
        async with opened(wizard) as pilot:
            await press(pilot, "2", "3")
            verdict = text(wizard, "#verdict")
            assert verdict.startswith("✗ FAIL  app.example.com / -> https://")
            assert verdict.endswith("   client gets 500")
            shown = text(wizard, "#finding")
            at_a_glance = (
                f"{CAUSE.slug}: {CAUSE.title}",
                f"--> {CAUSE.place}",
                "| SSLProxyVerify require",
                CAUSE.why,
                "press 4",
                "In full:",
                CAUSE.evidence[1],
                CAUSE.explanation,
            )
            places = [shown.index(part) for part in at_a_glance]
            assert places == sorted(places)
            await press(pilot, "down")
            assert "hides the cause" in text(wizard, "#finding")
            for key in ("m", "enter"):
                await press(pilot, key)
                await until(pilot, lambda: top(wizard) == "PageDialogue")
                await until(pilot, lambda: "What it is" in screen(wizard))
                assert "#" not in screen(wizard)  # drawn, not as it is written
                await press(pilot, "y")
                assert "LogLevel" in wizard.clipboard
                await press(pilot, "escape")
            await press(pilot, "l")
            await until(pilot, lambda: focused(wizard) == "path")
            wizard.screen.query_one("#path", Input).value = str(log)
            await press(pilot, "enter")
            assert "Reading" not in text(wizard, "#explained")
            await until(pilot, lambda: focused(wizard) == "explained-pane")
            await press(pilot, "e")
            await until(pilot, lambda: focused(wizard) == "paste")
            await pilot.press(*"2qn5 ?")
            area = wizard.screen.query_one("#paste", TextArea)
            assert area.text == "2qn5 ?"  # keys are text in a field
            assert wizard.current_mode == "diagnose"
            area.text = "AH02276: Certificate Verification: Error (20): unable to get local issuer"
            await settle(pilot)
            assert "ca-not-trusted  (also found here by probing)" in text(wizard, "#explained")
            await press(pilot, "escape")
            assert focused(wizard) == "explained-pane"  # to read what was explained
            assert wizard.screen.query_one(TabbedContent).active == "tab-explain"

    asyncio.run(go())


def test_a_directory_is_opened_where_a_file_is_asked_for(tmp_path: Path) -> None:
    async def go() -> None:
        (tmp_path / "corp.pem").write_text("")
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "f")
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


def test_fix() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            await press(pilot, "r")
            assert len(asked(wizard, "repair")) == 2
            route = wizard.session.route
            assert route is not None
            assert asked(wizard, "target")[-1] == route
            tabs = wizard.screen.query_one("#fix-plan", TabbedContent)
            shown = []
            for _ in range(4):
                await press(pilot, "v")
                shown.append(tabs.active)
            assert shown == ["tab-diff", "tab-words", "tab-alternatives", "tab-diff"]
            await press(pilot, "f")
            wizard.screen.query_one("#path", Input).value = "/etc/ssl/corp.pem"
            await press(pilot, "enter")
            assert asked(wizard, "repair")[-1].ca_files == ("/etc/ssl/corp.pem",)
            wizard.screen.query_one("#ca-file", Input).focus()
            await pilot.press("1", "q", "b")
            assert wizard.current_mode == "fix"
            assert wizard.screen.query_one("#ca-file", Input).value.endswith("1qb")

    asyncio.run(go())


def test_what_was_typed_counts_without_enter() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            wizard.screen.query_one("#from-file", Choice).value = True
            await settle(pilot)
            field = wizard.screen.query_one("#ca-file", Input)
            for path in ("/a.pem", "", "/a.pem"):
                field.focus()
                field.value = path
                await settle(pilot)
                before = len(asked(wizard, "repair"))
                await press(pilot, "escape")
                assert len(asked(wizard, "repair")) == before + bool(path)
                assert bool(wizard.session.plan) is bool(path)
            field.focus()
            await press(pilot, "escape")  # nothing new
            assert len(asked(wizard, "repair")) == before + 1

    asyncio.run(go())


def test_a_ca_of_this_machine_is_chosen_in_a_list() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "4", "c")
            assert top(wizard) == "FixScreen"  # nothing was probed yet
            await press(pilot, "2", "4", "c")
            shown = screen(wizard)
            assert "1 of these signed the chain" in shown
            assert "has the right name, but another key" in shown
            before = len(asked(wizard, "repair"))
            await press(pilot, "down", "enter")
            assert top(wizard) == "AuthoritiesDialogue"  # that one would not help
            assert len(asked(wizard, "repair")) == before
            await press(pilot, "up", "enter")
            assert asked(wizard, "repair")[-1].ca_files == (AUTHORITIES[0].file,)
            assert wizard.screen.query_one("#from-file", Choice).value

    asyncio.run(go())


def test_prove_and_apply_ask_before_they_write() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5", "r")
            assert len(asked(wizard, "rehearse")) == 2
            for no in ("n", "escape", "enter"):  # Enter presses what has the focus: No
                await press(pilot, "w")
                assert "backend.internal.pem" in text(wizard, "Asked Static")
                await press(pilot, no)
                assert top(wizard) == "ProveScreen"
            assert asked(wizard, "deploy") == []
            await press(pilot, "w", "y")
            assert asked(wizard, "deploy") == [PLAN]
            assert "answers app.example.com /: 200" in text(wizard, "#applying")
            assert "Applied. Press 2" in text(wizard, "#outcome")
            assert "No change was made" not in text(wizard, "#change-state")
            await press(pilot, "u", "n")
            assert asked(wizard, "roll back") == []
            await press(pilot, "u", "y")
            assert asked(wizard, "roll back") == [engine.made[0].id]
            assert "Undone" in text(wizard, "#change-state")
            await press(pilot, "f")
            assert asked(wizard, "finish") == []  # there is nothing to finish
            tabs = wizard.screen.query_one("#prove", TabbedContent)
            seen = set()
            for _ in range(4):
                await press(pilot, "v")
                seen.add(tabs.active)
            assert seen == {"tab-rehearsal", "tab-apply", "tab-changes"}

    asyncio.run(go())


def test_every_key_has_an_id_and_says_what_it_does() -> None:
    dialogues = [
        importlib.import_module(f"screens.dialogues.{module.name}")
        for module in pkgutil.iter_modules(screens.dialogues.__path__)
    ]
    boxes = [
        box
        for module in dialogues
        for name, box in vars(module).items()
        if name.endswith("Dialogue") and box.__module__ == module.__name__
    ]
    classes = [WizardApp, StepScreen, *StepScreen.__subclasses__(), *boxes]
    ids = []
    for each in classes:
        for binding in each.__dict__.get("BINDINGS", ()):
            assert binding.id, binding
            assert binding.description, binding
            ids.append(binding.id)
    assert len(ids) == len(set(ids))


def test_the_important_keys_fit_into_80_columns() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for step in STEPS:
                await press(pilot, str(step.number))
                keys = {
                    active.binding.action: active.binding  # one key for each is shown
                    for active in reversed(wizard.screen.active_bindings.values())
                    if active.binding.show and active.enabled and active.binding.id
                }
                width = sum(
                    len(wizard.get_key_display(key)) + len(key.description) + 2
                    for key in keys.values()
                )
                assert width <= 80, (step.key, width)

    asyncio.run(go())
