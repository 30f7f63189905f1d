"""``--step`` and ``--no-probe``: how much the wizard does without being told to."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.demo import DemoApp
from screens.session import EVERY_STEP
from tests.screens.asking import opened, press
from tests.screens.tmux import Tmux
from wizard.cli import terminal
from wizard.cli.main import main

PROGRAM = Path(sys.executable).with_name("proxy-wizard")


class Listener:
    """A backend that only counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def backend() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def config(tmp_path: Path, backend: Listener) -> Path:
    file = tmp_path / "site.conf"
    file.write_text(
        "<VirtualHost *:8080>\nServerName app.test\nSSLProxyEngine on\n"
        f"ProxyPass / https://127.0.0.1:{backend.port}/\n</VirtualHost>\n"
    )
    return file


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[WizardApp]:
    """The wizards that the command line opens, without a terminal."""
    found: list[WizardApp] = []

    def show(app: WizardApp) -> int:
        found.append(app)
        return 0

    monkeypatch.setenv("PROXY_WIZARD_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(terminal, "require", lambda _: None)
    monkeypatch.setattr(terminal, "show", show)
    return found


def test_without_them_the_wizard_works_by_itself(
    started: list[WizardApp], config: Path, backend: Listener
) -> None:
    assert main([str(config)]) == 0
    assert started[0].session.reach == EVERY_STEP

    async def go() -> None:
        async with opened(started[0]):
            assert backend.visits

    asyncio.run(go())


def test_step_does_nothing_before_its_step_is_opened(
    started: list[WizardApp], config: Path, backend: Listener
) -> None:
    assert main(["--step", str(config)]) == 0

    async def go() -> None:
        app = started[0]
        async with opened(app) as pilot:
            assert app.current_mode == "load"
            assert app.session.route is not None
            await press(pilot, "escape", "0", "1")  # the case opens no step
            assert (backend.visits, app.session.diagnosis) == (0, None)
            await press(pilot, "2")
            assert backend.visits
            assert app.session.diagnosis is not None
            await press(pilot, "3")
            assert app.session.repair is None
            await press(pilot, "4")
            assert app.session.repair is not None
            assert not app.session.rehearsals

    asyncio.run(go())


def test_no_probe_asks_nobody_before_the_operator_says_so(
    started: list[WizardApp], config: Path, backend: Listener
) -> None:
    assert main([str(config), "--no-probe"]) == 0

    async def go() -> None:
        app = started[0]
        async with opened(app) as pilot:
            for step in "123450":
                await press(pilot, step)
            assert backend.visits == 0
            await press(pilot, "enter")  # what the case marks
            assert backend.visits

    asyncio.run(go())


def test_both_from_a_terminal(tmp_path: Path, config: Path, backend: Listener) -> None:
    with Tmux(tmp_path, [str(PROGRAM), "--step", "--no-probe", str(config)]) as shown:
        shown.see("app.test")
        shown.press("2")
        shown.see("[2 Probe")
        shown.press("q")
        shown.see("exit=0")
    assert backend.visits == 0


@pytest.mark.parametrize("words", [("demo", "--step"), ("demo", "depth", "--step")])
def test_the_demo_walks_step_by_step_too(started: list[WizardApp], words: tuple[str, ...]) -> None:
    assert main([*words]) == 0
    assert isinstance(started[0], DemoApp)
    assert started[0].session.reach == 1


@pytest.mark.parametrize("other", ["--list", "--check"])
def test_the_demo_takes_it_for_the_wizard_only(
    other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--step", other]) == 3
    assert "--step is for the wizard" in capsys.readouterr().err
