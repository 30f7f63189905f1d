"""The wizard while another command changes files: it says who, waits, and can be left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from screens.steps.base import StepScreen
from tests.screens.asking import opened, press, screen, settle, text, until
from tests.screens.fake import CHANGE, FakeEngine, app
from wizard.change.journal import Held, Store
from wizard.change.left import telling
from wizard.engine.changes import Changes
from wizard.model.change import Change, Command, Holder

OTHER = Holder(4711, "apply", 1_700_000_000)
WORKING = "a command that applies a change (process 4711) has been working here since 2023-11-1"


class Busy(FakeEngine):
    """Another command works here until ``free`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.made.append(replace(CHANGE, state="applied"))

    @contextmanager
    def locked(
        self, command: Command, waiting: Callable[[Holder, float], None] = lambda *_: None
    ) -> Iterator[Held]:
        from wizard.errors import StoppedError

        assert command == "wizard"
        with telling(Store(Path("/nowhere"))):
            while not self.free.is_set():
                waiting(OTHER, 0.0)
                if self.stop.wait(0.01):
                    raise StoppedError
        yield Held(Path("/nowhere"))


@pytest.mark.parametrize(
    ("keys", "place", "done"),
    [(("w", "y"), "#applying", "deploy"), (("u", "y"), "#change-state", "roll back")],
)
@pytest.mark.parametrize("leave", ["escape", "q", ""])
def test_the_wait_is_told_and_can_be_left(
    keys: tuple[str, str], place: str, done: str, leave: str
) -> None:
    async def go() -> None:
        engine = Busy()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5", "r", keys[0])
            wizard.simulate_key(keys[1])
            await until(pilot, lambda: isinstance(wizard.screen, StepScreen))
            await until(pilot, lambda: WORKING in text(wizard, place))
            assert "waiting at most 30 s" in text(wizard, place)
            if leave:
                wizard.simulate_key(leave)
            else:
                engine.free.set()
            if leave == "q":
                await until(pilot, lambda: not wizard.is_running)
            else:
                await settle(pilot)
                shown = text(wizard, place)
                assert ("It was stopped. Nothing was changed." in shown) == bool(leave)
                assert WORKING not in shown
        asked = [what for what, _ in engine.asked]
        assert (done in asked) == (not leave)

    asyncio.run(go())


def test_a_change_that_somebody_makes_is_not_called_interrupted() -> None:
    class Making(FakeEngine):
        def listed(self) -> list[tuple[Change, Holder | None]]:
            return [(replace(CHANGE, state="applying"), OTHER)]

    async def go() -> None:
        wizard = app(Making())
        async with opened(wizard) as pilot:
            await press(pilot, "5", "v", "v")
            assert "being made by process 4711" in screen(wizard)
            assert "applying" not in screen(wizard)

    asyncio.run(go())


def test_nor_offered_at_the_start(tmp_path: Path) -> None:
    from wizard.change.journal import Target

    (tmp_path / "a.conf").write_bytes(b"a\n")

    class Here(Changes):
        def _store(self) -> Store:
            return Store(tmp_path.resolve() / "state")

    engine = Here()
    engine.stop = threading.Event()
    with engine.locked("apply") as held:
        held.prepare("", ["x"], [Target(str(tmp_path / "a.conf"), b"a\n", b"b\n")])
        assert engine.interrupted() is None
        assert engine.interrupted(held) is not None
        (listed,) = engine.listed()
        assert listed[1] is not None
        assert listed[1].command == "apply"
    assert engine.interrupted() is not None
    assert engine.listed()[0][1] is None
