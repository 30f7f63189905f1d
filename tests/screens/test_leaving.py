"""Leaving the wizard while a change is being written: it is waited for, never taken back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from screens.app import WizardApp
from tests.screens.asking import MOMENT, opened, press, screen, settle, until
from tests.screens.fake import CHANGE, FakeEngine, app
from wizard.cli import terminal
from wizard.exit_codes import ExitCode
from wizard.model.change import Deployed, DeployStep, Waiting


class Slow(FakeEngine):
    """A change goes on until the test lets it end.

    Args:
        status: what the running server answers afterwards.
    """

    def __init__(self, status: int | None = 200) -> None:
        super().__init__()
        self.status = status
        self.begun = threading.Event()
        self.end = threading.Event()

    def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
        self.begun.set()
        assert self.end.wait(MOMENT)
        return replace(done, looks=tuple(replace(one, status=self.status) for one in done.looks))


QUITS = {
    "q": lambda wizard: wizard.simulate_key("q"),
    "ctrl+q": lambda wizard: wizard.simulate_key("ctrl+q"),
    "SIGTERM": lambda wizard: wizard.end(15),
}


@pytest.mark.parametrize("way", QUITS)
def test_leaving_waits_for_the_end_of_a_change(
    way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Slow()
    wizard = app(engine)

    async def go() -> None:
        async with opened(wizard) as pilot:
            await press(pilot, "a")
            wizard.simulate_key("y")
            await until(pilot, engine.begun.is_set)
            for _ in range(3):  # a second time does nothing worse
                QUITS[way](wizard)
                await pilot.pause(0.1)
            await until(pilot, lambda: "the wizard leaves when that is done" in said(wizard))
            assert said(wizard).count("will be finished first") == 1
            wizard.apply()  # nor is another begun
            await until(pilot, lambda: "written already" in said(wizard))
            assert wizard.is_running
            engine.end.set()
            await until(pilot, lambda: wizard._exit)

    asyncio.run(go())
    assert engine.made == [CHANGE]
    assert last_word(wizard) == (143 if way == "SIGTERM" else 0)
    out, err = capsys.readouterr()
    assert out == f"{CHANGE.id}\n"
    assert f"Applied: {CHANGE.id}\n" in err
    assert "answers app.example.com /: 200" in err


def last_word(wizard: WizardApp) -> int:
    """What stands on the terminal once the wizard, which ran here already, has ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wizard, "run", lambda: None)
        return terminal.show(wizard)


def said(wizard: WizardApp) -> str:
    return "\n".join(one.message for one in wizard._notifications)


def test_one_change_at_a_time() -> None:
    async def go() -> None:
        engine = Slow()
        engine.made.append(CHANGE)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5", "u")
            wizard.simulate_key("y")
            await until(pilot, engine.begun.is_set)
            for _ in range(2):
                wizard.undo(CHANGE)
                wizard.take_back(CHANGE)
            await until(pilot, lambda: "A change is being written already." in said(wizard))
            engine.end.set()
            await settle(pilot)
            assert [asked for asked in engine.asked if asked[0] == "roll back"] == [
                ("roll back", CHANGE.id)
            ]

    asyncio.run(go())


@pytest.mark.parametrize("status", [500, 502, None])
def test_a_change_after_which_the_server_does_not_answer_is_red(
    status: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Slow(status)
    engine.end.set()
    wizard = app(engine)

    async def go() -> None:
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            shown = screen(wizard)
            assert "Written, but the running server answers" in shown
            assert "Repaired" not in shown
            assert wizard.screen.active_bindings["u"].enabled
            await press(pilot, "5")
            assert "✗  Written, but the running server answers" in screen(wizard)

    asyncio.run(go())
    assert last_word(wizard) == ExitCode.FAILURE
    assert f"proxy-wizard rollback {CHANGE.id}" in capsys.readouterr().err


def test_a_change_outlives_an_application_that_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    """Its steps are told to nobody then, and are done all the same."""
    engine = Slow()
    wizard = app(engine)

    async def go() -> None:
        async with opened(wizard) as pilot:
            await press(pilot, "a")
            wizard.simulate_key("y")
            await until(pilot, engine.begun.is_set)
            wizard._handle_exception(ZeroDivisionError("by a widget"))

    threading.Timer(1.0, engine.end.set).start()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(go())
    assert last_word(wizard) == ExitCode.UNKNOWN
    assert engine.made == [CHANGE]
    out, err = capsys.readouterr()
    assert out == f"{CHANGE.id}\n"
    assert err.index("Applied: ") < err.index("ZeroDivisionError: by a widget")


def test_a_fault_without_a_change_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    wizard = app()
    wizard.fault = ZeroDivisionError()
    assert last_word(wizard) == ExitCode.UNKNOWN
    assert "no change was begun" in capsys.readouterr().err


def test_control_c_leaves_nothing_and_names_the_keys_that_do() -> None:
    async def go() -> None:
        wizard = app(FakeEngine())
        async with opened(wizard) as pilot:
            await press(pilot, "ctrl+c")
            assert wizard.is_running
            told = [notice.message for notice in wizard._notifications]
            assert told == ["q leaves the wizard; Ctrl+Q does so in a field, too."]

    asyncio.run(go())
