"""Every screen as a picture, at every size, in colours that a terminal may have.

``pytest --snapshot-update`` writes them anew; look at them before they are committed.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.widgets import DirectoryTree, Input, TextArea

from screens.app import WizardApp
from screens.course.rehearsing import Rehearsing
from screens.texts import ways
from tests.cli.samples import FILE, NOW
from tests.screens.asking import press, settle, until
from tests.screens.fake import CHANGE, PLAN, FakeEngine, app
from tests.screens.test_case import WithoutCa
from tests.screens.test_leaving import Slow
from tests.screens.test_refusal import NO_ANSWER
from wizard.model.config import Problem, Route, Setting, Source
from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import FixChoice, Repair
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal

CASES: dict[str, tuple[str, ...]] = {
    "case": (),
    "question": (),
    "confirm": ("a",),
    "weakens": ("4", "end", "enter", "a", "y"),
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
    "impostor": ("4", "end", "enter", "a"),
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
    *((name, SMALL, "") for name in PARTS),
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
    notes=(),
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

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        """Where the chain is not checked, everybody passes."""
        (played,) = super().rehearse(repair, asked)
        if repair.plan is not EXCEPTION or played.after is None:
            return (played,)
        passed = tuple(Impostor(pretence, Reception.LET_IN) for pretence in Pretence)
        return (replace(played, after=replace(played.after, impostors=passed)),)


class Repairing(FakeEngine):
    """Two routes fail; the first one works once a change was made."""

    def __init__(self) -> None:
        super().__init__(3)

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        """As httpd meets the backends now."""
        works = index == 1 or (index == 0 and self.made)
        return super().diagnosis(route, 1 if works else 0)


class SixteenColours(LineFilter):
    """What is drawn, in the colours that a terminal of 16 has for it."""

    def apply(self, segments: list[Segment], background: Ground) -> list[Segment]:
        return [
            segment if segment.style is None else Segment(segment.text, _few(segment.style))
            for segment in segments
        ]


def _few(style: Style) -> Style:
    def nearest(color: Color | None) -> Color | None:
        if color is None or color.is_default:
            return color
        number = color.downgrade(ColorSystem.STANDARD).number
        assert number is not None
        return Color.from_triplet(STANDARD_PALETTE[number])  # a picture has a palette of its own

    return style + Style(color=nearest(style.color), bgcolor=nearest(style.bgcolor))


def few_colours(wizard: WizardApp) -> None:
    """As in a terminal with 16 colours: a run without a terminal has all of them."""
    drawn = wizard.get_line_filters

    def fewer() -> Sequence[LineFilter]:
        return [*drawn(), SixteenColours()]

    wizard.get_line_filters = fewer  # type: ignore[method-assign]
    wizard.set_class(True, "-few-colours")


PASTED = """\
[proxy:error] AH00898: Error during SSL Handshake with remote server returned by /
[ssl:info] AH02276: Certificate Verification: Error (20): unable to get local issuer certificate
"""


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Of the machine that draws nothing is to be seen."""
    monkeypatch.chdir(tmp_path)
    for name in ("sites-available/", "sites-enabled/", "apache2.conf", "ports.conf"):
        path = tmp_path / "apache2" / name
        path.mkdir(parents=True) if name.endswith("/") else path.write_text("")
    monkeypatch.setattr("pathlib.Path.cwd", lambda: PurePosixPath("/home/operator"))
    monkeypatch.setattr(Rehearsing, "clock", staticmethod(itertools.count().__next__))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def application(name: str) -> WizardApp:
    """The wizard, on a configuration beside which there is something to see."""
    engine = FakeEngine()
    if name == "red":
        engine = Slow(500)
        engine.end.set()
    if name in ("question", "fingerprint", "owner"):
        engine = WithoutCa()
    if name in ("weakens", "impostor"):
        engine = Weakening()
    if name == "done":
        engine = Repairing()
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
    monkeypatch.setattr(ways, "last_day", lambda: "2026-12-08")  # two weeks after NOW
    if look == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    wizard = application(name)
    if look == "light":
        wizard.theme = "textual-light"
    if look == "16-colours":
        few_colours(wizard)

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
