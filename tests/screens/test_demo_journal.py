"""What is applied in the demo stands in the demo's journal, never in the operator's."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens.demo import DemoApp, TicketDialogue
from tests.screens.asking import opened, press
from tests.screens.tmux import Tmux
from wizard.change.home import VARIABLE
from wizard.change.journal import Store
from wizard.demo.lab import Lab

PROGRAM = Path(sys.executable).with_name("proxy-wizard")


@pytest.fixture
def operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's journal, with an interrupted change that is none of the demo's business."""
    place = tmp_path / "operators"
    monkeypatch.setenv(VARIABLE, str(place))
    with Store().locked("apply") as held:
        held.prepare("/etc/apache2/apache2.conf", ("one of the operator's",), ())
    return place


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names() as resolvable:
        assert resolvable, "libnss_wrapper is missing: tests/run installs it"
        yield running


def entries(place: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


def test_a_lesson_is_applied_and_taken_back(operators: Path, lab: Lab) -> None:
    before = entries(operators)

    async def go() -> None:
        app = DemoApp(lab, "depth", encoding="utf-8")
        async with opened(app, (100, 40)) as pilot:
            assert isinstance(app.screen, TicketDialogue)
            await press(pilot, "enter")
            for key, state in (("a", "applied"), ("u", "undone")):
                await press(pilot, key, "y")
                (made,) = Store(lab.state).changes()
                assert made.state == state
                assert [change.id for change, _ in app.changes] == [made.id]

    asyncio.run(go())
    assert entries(operators) == before
    assert Store().unfinished() is not None


@pytest.mark.parametrize("keep", [True, False])
def test_the_terminal_says_where_its_changes_stand(
    operators: Path, tmp_path: Path, keep: bool
) -> None:
    before = entries(operators)
    kept = tmp_path / "lab"
    command = [str(PROGRAM), "demo", "depth", *(["--keep", str(kept)] if keep else [])]
    home = tmp_path / "terminal"
    home.mkdir()
    (home / "state").symlink_to(operators)
    with Tmux(home, command) as terminal:
        terminal.see("Ticket: Depth 1")
        terminal.press("Enter")
        terminal.see("Rehearsed on a private httpd")
        terminal.press("a")
        terminal.see("Write this")
        terminal.press("y")
        terminal.see("Written")
        terminal.press("q")
        shown = "".join(terminal.see("exit=0").split())  # a line may break anywhere
    if keep:
        (made,) = Store(kept / "state").changes()
        assert made.state == "applied"
        assert made.id in shown
        assert f"thedemo'schangesstandin{kept}/state,noneamongyours." in shown
    else:
        assert "thedemo'sfilesaregone,anditschangeswiththem" in shown
    assert entries(operators) == before
