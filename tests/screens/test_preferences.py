"""The theme is kept for the next start, and nobody else can choose it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from screens import preferences
from tests.screens.asking import opened, press, run, settle
from tests.screens.fake import app
from wizard.change import home
from wizard.change.journal import Store


@pytest.fixture(autouse=True)
def kept_theme() -> None:
    """Here it is kept."""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "state" / "proxy-wizard"
    monkeypatch.setenv("PROXY_WIZARD_STATE", str(directory))
    return directory


def test_what_is_kept_is_loaded(state: Path) -> None:
    assert preferences.load() is None
    assert not state.exists()  # to look leaves nothing behind
    for theme in ("textual-light", "textual-dark"):
        preferences.keep(theme)
        assert preferences.load() == theme
    assert [path.name for path in state.iterdir()] == ["wizard.json"]


def test_it_is_this_users_alone(state: Path) -> None:
    before = os.umask(0)
    try:
        preferences.keep("textual-light")
    finally:
        os.umask(before)
    assert stat.S_IMODE((state / "wizard.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_where_the_journal_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROXY_WIZARD_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(home, "ROOT", tmp_path / "xdg" / "proxy-wizard")
    preferences.keep("textual-light")
    assert (tmp_path / "xdg" / "proxy-wizard" / "wizard.json").exists()


def test_the_journal_does_not_mind(state: Path) -> None:
    preferences.keep("textual-light")
    store = Store(state)
    assert store.changes() == []
    with store.locked("apply"):
        pass
    assert preferences.load() == "textual-light"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"theme": 1}',
        b'{"theme": ""}',
        b'{"theme": "\\u001b[2J"}',
        b'{"theme": "' + b"x" * 100 + b'"}',
        b'{"theme": "textual-light", "more": "' + b"x" * 10_000 + b'"}',
        b"[" * 4096,
        b'\xff{"theme": "textual-light"}',
    ],
)
def test_what_is_no_name_of_a_theme_is_nothing(state: Path, content: bytes) -> None:
    preferences.keep("textual-light")
    (state / "wizard.json").write_bytes(content)
    assert preferences.load() is None
    preferences.keep("textual-dark")
    assert preferences.load() == "textual-dark"


def link(file: Path) -> None:
    elsewhere = file.parent / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)


def fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "replace",
    [link, fifo, directory, lambda file: file.chmod(0o666), lambda file: file.parent.chmod(0o777)],
)
def test_what_may_be_somebody_elses_is_nothing(state: Path, replace: Any) -> None:
    """And nobody waits for it."""
    preferences.keep("textual-light")
    assert preferences.load() == "textual-light"
    replace(state / "wizard.json")
    assert preferences.load() is None


def test_a_link_is_replaced_not_followed(state: Path, tmp_path: Path) -> None:
    state.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (state / "wizard.json").symlink_to(victim)
    preferences.keep("textual-light")
    assert victim.read_text() == "precious"
    assert preferences.load() == "textual-light"


def test_where_others_may_write_nothing_is_kept(state: Path) -> None:
    state.mkdir(parents=True)
    state.chmod(0o777)
    preferences.keep("textual-light")
    assert list(state.iterdir()) == []


@pytest.mark.parametrize("place", ["relative", "/proc/no/such", "/dev/null/state", "/etc\0/x"])
def test_without_a_place_nothing_is_kept_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    environ = {**os.environ, "PROXY_WIZARD_STATE": place}
    monkeypatch.setattr(os, "environ", environ)
    preferences.keep("textual-light")
    assert preferences.load() is None


def test_what_cannot_be_written_whole_is_not_there(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences.keep("textual-light")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    preferences.keep("textual-dark")
    monkeypatch.undo()
    monkeypatch.setenv("PROXY_WIZARD_STATE", str(state))
    assert preferences.load() == "textual-light"
    assert [path.name for path in state.iterdir()] == ["wizard.json"]


@pytest.mark.parametrize("how", ["d", "palette"])
def test_the_next_start_has_the_theme_of_this_one(state: Path, how: str) -> None:
    async def go() -> None:
        for theme in ("textual-light", "textual-dark"):
            wizard = app()
            async with opened(wizard) as pilot:
                if how == "d":
                    await press(pilot, "d")
                else:
                    commands = wizard.get_system_commands(wizard.screen)
                    next(one for one in commands if one.title.startswith("theme: ")).callback()
                    await settle(pilot)
                assert wizard.theme == theme
            assert app().theme == theme

    run(go)


@pytest.mark.parametrize("theme", ["no-such-theme", "textual-light"])
def test_a_theme_that_there_is_no_more_is_none(state: Path, theme: str) -> None:
    preferences.keep(theme)
    assert app().theme == ("textual-light" if theme == "textual-light" else "textual-dark")
