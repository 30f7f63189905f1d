"""Every screen as a picture, at the two sizes that matter most.

``pytest --snapshot-update`` writes them anew; look at them before they are committed.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from rich.color import ColorSystem
from textual.pilot import Pilot
from textual.widgets import DirectoryTree, Input, TextArea

from screens.app import WizardApp
from screens.course.rehearsing import Rehearsing
from tests.cli.samples import FILE, NOW
from tests.screens.asking import press, settle, until
from tests.screens.fake import CHANGE, PLAN, FakeEngine, app
from tests.screens.test_case import WithoutCa
from tests.screens.test_leaving import Slow
from tests.screens.test_refusal import NO_ANSWER
from wizard.model.config import Problem, Setting, Source
from wizard.model.plan import FixChoice, Repair

CASES: dict[str, tuple[str, ...]] = {
    "case": (),
    "question": (),
    "confirm": ("a",),
    "weakens": ("4", "end", "enter", "a"),
    "done": ("a", "y"),
    "load": ("1",),
    "probe": ("2",),
    "diagnose": ("3",),
    "fix": ("4",),
    "prove": ("5",),
}
"""The case, the question, the confirmation, what comes after, and each step in full."""
PARTS: dict[str, tuple[str, ...]] = {
    "diagnose-page": ("3", "m"),
    "diagnose-paste": ("3", "e"),
    "fingerprint": ("end", "up", "enter"),
    "help": ("question_mark",),
    "interrupted": (),
    "open": ("o",),
    "override": ("a", *"yes", "enter"),
    "owner": ("end", "enter"),
    "red": ("a", "y"),
    "refused": (),
    "save": ("s",),
    "text": ("2", "h"),
}
SMALL, WIDE = (80, 24), (120, 40)
SIZES = ((60, 20), SMALL, WIDE, (200, 50))
LOOKS = ("no-colour", "16-colours", "light")
"""Other terminals and themes."""
PICTURES = [
    *((name, size, "") for size in SIZES for name in CASES),
    *((name, SMALL, look) for look in LOOKS for name in CASES),
    *((name, size, "") for size in (SMALL, WIDE) for name in PARTS),
]
EXCEPTION = replace(
    PLAN,
    policy="temporary",
    edits=(
        replace(
            PLAN.edits[0],
            first_line=6,
            last_line=6,
            new_lines=(
                b"    # proxy-wizard: temporary exception until 2026-12-08 (ca-not-trusted): "
                b"SSLProxyVerify none\n",
                b"    SSLProxyVerify none\n",
            ),
            reason="the chain is not checked until 2026-12-08",
        ),
    ),
    new_files=(),
    trust=(),
)


class Weakening(FakeEngine):
    """That plans an exception where one is asked for."""

    def repair(self, choice: FixChoice) -> Repair:
        self.plan = EXCEPTION if choice.policy == "temporary" else PLAN
        made = super().repair(choice)
        if made.after is None or choice.policy != "temporary":
            return made
        route = self.configuration.routes[0]
        tls = replace(route.tls, verify=Setting("none", Source(FILE, 7)))
        routes = (replace(route, tls=tls), *self.configuration.routes[1:])
        after = replace(self.configuration, routes=routes)
        return replace(made, after=replace(made.after, configuration=after))


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
    monkeypatch.setattr(Rehearsing, "clock", staticmethod(itertools.count().__next__))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def application(name: str) -> WizardApp:
    """The wizard, on a configuration beside which there is something to see."""
    engine = FakeEngine()
    if name == "red":
        engine = Slow(500)
        engine.end.set()
    if name in ("question", "fingerprint", "owner"):
        engine = WithoutCa()
    if name == "weakens":
        engine = Weakening()
    if name == "override":
        engine.rehearsals = (NO_ANSWER,)
    if name == "interrupted":
        engine.unfinished = replace(CHANGE, state="applying")
    if name == "refused":
        problem = Problem(FILE, 12, "Invalid command 'SSLProxyEnginee'", "config", "AH00526")
        engine.configuration = replace(engine.configuration, problems=(problem,))
    engine.now = NOW
    wizard = app(engine)
    wizard.session.scope = replace(wizard.session.scope, path="apache2")
    return wizard


@pytest.mark.parametrize(
    ("name", "size", "look"),
    PICTURES,
    ids=[
        "-".join(filter(None, (name, f"{width}x{height}", look)))
        for name, (width, height), look in PICTURES
    ],
)
def test_screen(
    name: str,
    size: tuple[int, int],
    look: str,
    snap_compare: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if look == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    wizard = application(name)
    if look == "light":
        wizard.theme = "textual-light"
    if look == "16-colours":
        wizard.console._color_system = ColorSystem.STANDARD

    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in (CASES | PARTS)[name]:
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

    assert snap_compare(wizard, terminal_size=size, run_before=go)


def test_in_a_run_that_a_worker_of_another_run_started() -> None:
    """As a run over mutants has it: the variable of that worker is still in the environment."""
    environment = {**os.environ, "PYTEST_XDIST_WORKER": "gw1"}
    environment.pop("TEXTUAL_SNAPSHOT_TEMPDIR", None)
    words = ["-q", "-p", "no:cacheprovider", f"{__file__}::test_screen[case-80x24]"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], env=environment, capture_output=True, text=True
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
