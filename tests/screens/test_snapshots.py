"""Every screen as a picture, at the two sizes that matter most.

``pytest --snapshot-update`` writes them anew; look at them before they are committed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.screens.asking import press, settle
from tests.screens.fake import app

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
    "fix-ways": ("2", "4", "v", "v", "v"),
    "confirm": ("2", "4", "5", "w"),
    "help": ("question_mark",),
    "save": ("s",),
}
SMALL, WIDE = (80, 24), (120, 40)
PICTURES = [
    *((name, size) for size in (SMALL, WIDE) for name in STEPS | PARTS),
]


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.cwd", lambda: PurePosixPath("/home/operator"))


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
        await pilot.pause()  # the focus follows a tab one frame later

    assert snap_compare(app(), terminal_size=size, run_before=go)
