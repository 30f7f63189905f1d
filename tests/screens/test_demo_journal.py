"""What is applied in the demo stands in the demo's journal, never in the operator's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import DataTable

from screens.demo import DemoApp
from screens.dialogues.interrupted import InterruptedDialogue
from tests.screens.asking import opened, press, text
from wizard.change.journal import VARIABLE, Store
from wizard.demo.lab import Lab


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
            assert not isinstance(app.screen, InterruptedDialogue)
            for key, state in (("w", "applied"), ("u", "undone")):
                await press(pilot, *("245" if key == "w" else ""), key, "y")
                (made,) = Store(lab.state).changes()
                assert made.state == state, text(app, "#change-state")
                assert app.screen.query_one("#changes", DataTable).row_count == 1

    asyncio.run(go())
    assert entries(operators) == before
    assert Store().unfinished() is not None
