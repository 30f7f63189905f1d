"""Paths are completed as a shell completes them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.widgets import DirectoryTree, Input

from screens.widgets.path import candidates, completed
from tests.screens.asking import focused, opened, press, screen, settle, until
from tests.screens.fake import FakeEngine, app


def loaded(engine: FakeEngine) -> str | None:
    """The configuration that was read last."""
    return [what for name, what in engine.asked if name == "load"][-1].path  # type: ignore[no-any-return]  # a scope's


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """``sites-available`` and ``sites-enabled``, one more directory, a hidden file."""
    for name in ("sites-available", "sites-enabled", "ports"):
        (tmp_path / name).mkdir()
    (tmp_path / "ports" / "corp-root.pem").write_text("")
    (tmp_path / ".hidden").write_text("")
    return tmp_path


def test_what_is_certain_is_completed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for begun, whole in (
        ("si", "sites-"),  # a common beginning
        ("sites-", "sites-"),  # nothing more is certain
        ("po", "ports/"),  # one directory
        ("ports/", "ports/corp-root.pem"),  # the only file
        ("ports/corp-root.pem", "ports/corp-root.pem"),
        ("", ""),  # several, and nothing in common; what is hidden does not count
        (".h", ".hidden"),
        ("none", "none"),
        ("none/such", "none/such"),
        ("\0", "\0"),
    ):
        assert completed(f"{site}/{begun}") == f"{site}/{whole}"
    monkeypatch.setenv("HOME", str(site))
    assert completed("~/po") == "~/ports/"
    assert completed("~no-such-user/x") == "~no-such-user/x"
    monkeypatch.chdir(site)
    assert completed("po") == "ports/"
    (site / "dead").symlink_to(site / "nowhere")
    assert candidates("de") == ["dead"]


def test_tab_completes_then_moves_on_into_the_list_there(site: Path) -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "o")
            await until(pilot, lambda: focused(wizard) == "path")
            field = wizard.screen.query_one("#path", Input)
            field.value = f"{site}/po"
            await press(pilot, "tab")
            assert field.value == f"{site}/ports/"
            assert focused(wizard) == "path"
            await press(pilot, "tab")
            assert field.value == f"{site}/ports/corp-root.pem"
            await press(pilot, "tab")
            await until(pilot, lambda: focused(wizard) == "tree")
            assert wizard.screen.query_one(DirectoryTree).path == site / "ports"
            await until(pilot, lambda: "corp-root.pem" in screen(wizard).replace("\n", ""))
            await press(pilot, "o")  # the directory under the cursor
            assert loaded(engine) == str(site / "ports")

    asyncio.run(go())


def test_what_is_typed_goes_on_where_the_path_ends(site: Path) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            wizard.session.scope = wizard.session.scope.__class__(path=f"{site}/")
            await press(pilot, "o")
            await until(pilot, lambda: focused(wizard) == "path")
            for key in ("p", "o", "tab"):
                wizard.simulate_key(key)
                await settle(pilot)
            field = wizard.screen.query_one("#path", Input)
            assert field.value == f"{site}/ports/"
            field.value = f"{site}/sites-"
            await press(pilot, "end", "e", "right")  # takes the suggestion
            assert field.value == f"{site}/sites-enabled/"

    asyncio.run(go())


@pytest.mark.parametrize("there", ["sites-enabled/", "app.conf", "gone.conf"])
@pytest.mark.parametrize("how", ["typed", "pasted"])
def test_a_whole_path_takes_the_place_of_the_one_that_stands_there(
    site: Path, how: str, there: str
) -> None:
    file = site / "ports" / "corp-root.pem"
    (site / "app.conf").write_text("")

    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.session.scope = wizard.session.scope.__class__(path=f"{site}/{there}")
            await press(pilot, "o")
            await until(pilot, lambda: focused(wizard) == "path")
            if how == "pasted":
                wizard.post_message(events.Paste(f"{file}\n"))
            else:
                for letter in str(file):
                    wizard.simulate_key(letter)
            field = wizard.screen.query_one("#path", Input)
            await until(pilot, lambda: field.value.endswith(file.name))
            await press(pilot, "enter")
            assert loaded(engine) == str(file)

    asyncio.run(go())


def test_the_ca_file_and_the_file_to_save_are_completed_too(site: Path) -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "4", "f")
            field = wizard.screen.query_one("#path", Input)
            field.value = f"{site}/ports/c"
            await press(pilot, "tab")
            assert field.value == f"{site}/ports/corp-root.pem"
            await press(pilot, "escape", "s")
            saved = wizard.screen.query_one("#path", Input)
            saved.value = f"{site}/po"
            await press(pilot, "tab")
            assert saved.value == f"{site}/ports/"
            saved.value = "~no-such-user/file"
            await press(pilot, "enter")
            assert "Not saved" in screen(wizard)

    asyncio.run(go())


def test_what_is_saved_twice_gets_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            for _ in range(3):
                await press(pilot, "s", "enter")

    asyncio.run(go())
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["proxy-wizard-2.patch", "proxy-wizard-3.patch", "proxy-wizard.patch"]


def test_the_key_bar_names_the_key_where_it_counts(site: Path) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "o")
            await until(pilot, lambda: focused(wizard) == "path")
            assert "Complete" in screen(wizard).splitlines()[-1]
            wizard.screen.query_one("#path", Input).value = str(site)
            await press(pilot, "down")
            await until(pilot, lambda: focused(wizard) == "tree")
            await settle(pilot)
            bar = screen(wizard).splitlines()[-1]
            assert "Complete" not in bar
            assert "Open directory" in bar

    asyncio.run(go())
