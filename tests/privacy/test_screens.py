"""No step of the wizard shows, copies or saves a secret; only a patch keeps its context."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from screens.app import WizardApp
from tests.privacy.test_secrets import LOG, PASSWORD, key_of, own_files
from tests.screens.asking import opened, press, screen, settle, text
from tests.screens.fake import app
from wizard.cli import terminal
from wizard.model.scope import Scope


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return own_files(tmp_path)


def test_no_step_shows_a_secret(site: Path) -> None:
    async def go() -> None:
        wizard = WizardApp(Scope(str(site), timeout=2))
        seen: list[str] = []
        async with opened(wizard, (120, 60)) as pilot:
            routes = len(wizard.session.routes)
            assert routes > 8
            for number in range(routes):
                wizard.session.choose(wizard.session.routes[number].id)
                for key in "1235":
                    await press(pilot, key)
                    assert wizard.step is not None
                    seen += [screen(wizard), wizard.step.readable()[1]]
                    if key != "5":
                        seen.append(wizard.step.saved()[1].decode())
            await press(pilot, "3", "e")
            wizard.screen.query_one(TextArea).text = LOG
            await settle(pilot)
            seen.append(text(wizard, "#explained"))  # what was pasted stays beside it
            assert "AH00957" in seen[-1]
            await press(pilot, "escape", "4")
            seen.append(screen(wizard))
        shown = "\n".join(seen)
        assert "127.0.0.1" in shown
        assert "***" in shown
        assert PASSWORD not in shown, shown[shown.find(PASSWORD) - 500 :][:600]
        assert key_of(site) not in shown

    asyncio.run(go())


def test_a_fault_shows_no_values(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Textual would show every variable of every frame."""

    def fail(_: WizardApp) -> None:
        read = {"site.conf": f"AuthLDAPBindPassword {PASSWORD}"}
        raise LookupError(f"https://joe:{PASSWORD}@127.0.0.1/ [bold]\x1b[2J {len(read)}")

    async def toggle(pilot: Pilot[object]) -> None:
        await pilot.press("d")

    monkeypatch.setattr(WizardApp, "action_theme_toggle", fail)
    wizard = app()
    run = partial(wizard.run, headless=True, size=(120, 40), auto_pilot=toggle)
    monkeypatch.setattr(wizard, "run", run)
    assert terminal.show(wizard) == 3
    shown = capfd.readouterr().err
    assert "LookupError" in shown
    assert "please report" in shown
    assert "[bold]" in shown
    assert "\x1b[2J" not in shown
    assert PASSWORD not in shown
