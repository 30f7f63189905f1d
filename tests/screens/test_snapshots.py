"""Every screen as a picture, at the two sizes that matter most.

``pytest --snapshot-update`` writes them anew; look at them before they are committed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DirectoryTree, Input, TextArea

from screens.app import WizardApp
from tests.screens.asking import press, settle, until
from tests.screens.fake import CHANGE, FakeEngine, app
from tests.screens.test_leaving import Slow
from tests.screens.test_refusal import NO_ANSWER

STEPS = {
    "load": (),
    "probe": ("2",),
    "diagnose": ("2", "3"),
    "fix": ("2", "4"),
    "prove": ("2", "4", "5"),
}
PARTS = {
    "load-file": ("tab", "tab", "right"),
    "probe-all": ("2", "a"),
    "diagnose-log": ("2", "3", "shift+tab", "right"),
    "diagnose-page": ("2", "3", "m"),
    "diagnose-paste": ("2", "3", "e"),
    "fix-authorities": ("2", "4", "c"),
    "fix-ways": ("2", "4", "v", "v", "v"),
    "confirm": ("2", "4", "5", "w"),
    "help": ("question_mark",),
    "interrupted": (),
    "open": ("o",),
    "override": ("2", "4", "5", "w", *"yes", "enter"),
    "red": ("2", "4", "5", "w", "y"),
    "save": ("s",),
    "text": ("2", "h"),
}
SMALL, WIDE = (80, 24), (120, 40)
PICTURES = [
    *((name, size) for size in (SMALL, WIDE) for name in STEPS | PARTS),
]
PASTED = """\
[proxy:error] AH00898: Error during SSL Handshake with remote server returned by /
[ssl:info] AH02276: Certificate Verification: Error (20): unable to get local issuer certificate
"""


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of the machine that draws nothing is to be seen."""
    monkeypatch.chdir(tmp_path)
    for name in ("sites-available/", "sites-enabled/", "apache2.conf", "ports.conf"):
        path = tmp_path / "apache2" / name
        path.mkdir(parents=True) if name.endswith("/") else path.write_text("")
    monkeypatch.setattr("pathlib.Path.cwd", lambda: PurePosixPath("/home/operator"))


def application(name: str) -> WizardApp:
    """The wizard, on a configuration beside which there is something to see."""
    engine = FakeEngine()
    if name == "red":
        engine = Slow(500)
        engine.end.set()
    if name == "override":
        engine.rehearsals = (NO_ANSWER,)
    if name == "interrupted":
        engine.unfinished = replace(CHANGE, state="applying")
    wizard = app(engine)
    wizard.session.scope = replace(wizard.session.scope, path="apache2")
    return wizard


@pytest.mark.parametrize(
    ("name", "size"),
    PICTURES,
    ids=[f"{name}-{width}x{height}" for name, (width, height) in PICTURES],
)
def test_screen(name: str, size: tuple[int, int], snap_compare: Callable[..., Any]) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in (STEPS | PARTS)[name]:
            await press(pilot, key)
        screen = pilot.app.screen
        if name == "diagnose-page":
            await until(pilot, lambda: bool(screen.query("MarkdownFence")))
            await settle(pilot)
            widths = {code.size.width for code in screen.query("MarkdownFence Label")}
            assert min(widths) >= 76  # as long as commands in the texts are
        if name == "open":
            tree = screen.query_one(DirectoryTree)
            await until(pilot, lambda: len(tree.root.children) == 4)
            await settle(pilot)  # the tree has them before it shows them
            # a completion of the path, looked up as the dialogue opens, rarely arrives in time
            screen.query_one("#path", Input)._suggestion = ""
        if name == "diagnose-paste":
            screen.query_one(TextArea).text = PASTED
            await settle(pilot)
        for field in (*screen.query(Input), *screen.query(TextArea)):
            field.cursor_blink = False
        await pilot.pause()  # the focus follows a tab one frame later

    assert snap_compare(application(name), terminal_size=size, run_before=go)


def test_in_a_run_that_a_worker_of_another_run_started() -> None:
    """As a run over mutants has it: the variable of that worker is still in the environment."""
    environment = {**os.environ, "PYTEST_XDIST_WORKER": "gw1"}
    environment.pop("TEXTUAL_SNAPSHOT_TEMPDIR", None)
    words = ["-q", "-p", "no:cacheprovider", f"{__file__}::test_screen[load-80x24]"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], env=environment, capture_output=True, text=True
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
