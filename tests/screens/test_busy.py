"""Nothing blocks: keys answer while backends are probed, and waiting can be ended."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.course import probing
from tests.screens.asking import MOMENT, opened, press, running, screen, settle, until
from tests.screens.fake import FakeEngine, app
from tests.support.yardstick import slowness
from wizard.errors import StoppedError
from wizard.model.config import Configuration, Route
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import Repair
from wizard.model.probe import ProbeReport
from wizard.model.rehearsal import Rehearsal

MANY = 1000


class Slow(FakeEngine):
    """Probes go on until the test lets them end."""

    def __init__(self, routes: int) -> None:
        super().__init__(routes)
        self.begun = threading.Event()
        self.end = threading.Event()
        self.stopped = threading.Event()
        self.stages: tuple[ProbeReport, ...] = ()

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        *,
        found: Callable[[int, Diagnosis], None] | None = None,
        began: float | None = None,
    ) -> Report:
        assert routes is not None
        assert self.observe is not None
        for stage in self.stages:
            self.observe(stage)
        done = 0
        while not self.end.wait(0.001):
            if found is not None and done < len(routes) - 1:
                found(done, self.diagnosis(routes[done], done))
            done = min(done + 1, len(routes) - 1)
            self.begun.set()
            if self.stop.is_set():
                self.stopped.set()
                raise StoppedError
        return super().diagnose(configuration, routes)


class Turns:
    """CPU time of each turn of the event loop, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spent: list[float] = []
        run = asyncio.Handle._run

        def measured(handle: asyncio.Handle) -> None:
            before = time.thread_time()
            run(handle)
            self.spent.append(time.thread_time() - before)

        monkeypatch.setattr(asyncio.Handle, "_run", measured)


def test_keys_answer_while_1000_routes_are_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a few frames; Python's look for garbage takes as long again, now and then."""

    async def go() -> None:
        engine = Slow(MANY)
        engine.end.set()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            engine.end.clear()
            engine.begun.clear()
            turns = Turns(monkeypatch)
            wizard.simulate_key("A")
            await until(pilot, engine.begun.is_set)
            await until(pilot, lambda: (wizard.session.asked or (0, 0))[0] > 0)
            await until(pilot, lambda: f" of {MANY} backends asked" in screen(wizard))
            for key, mode in (("1", "load"), ("3", "diagnose"), ("2", "probe")):
                wizard.simulate_key(key)
                await until(pilot, lambda mode=mode: wizard.current_mode == mode)  # type: ignore[misc]  # a default has no type
            await until(pilot, lambda: len(wizard.session.diagnoses) == MANY - 1)
            engine.end.set()
            await settle(pilot)
            assert len(wizard.session.diagnoses) == MANY
            assert wizard.session.asked is None
            spent = sorted(turns.spent)
            # 0.03 and 0.2 where this was written; a jam of keys was seconds
            slower = slowness()
            assert spent[len(spent) * 99 // 100] < 0.06 * slower
            assert spent[-1] < 0.6 * slower

    gc.disable()
    try:
        asyncio.run(go())
    finally:
        gc.enable()


@contextlib.asynccontextmanager
async def asking(engine: Slow) -> AsyncIterator[tuple[WizardApp, Pilot[None]]]:
    """The wizard in step 2, while backends are asked."""
    wizard = app(engine)
    async with running(wizard) as pilot:
        await until(pilot, engine.begun.is_set)
        wizard.simulate_key("2")
        await until(pilot, lambda: wizard.current_mode == "probe")
        yield wizard, pilot


def test_a_step_that_was_gone_to_too_early_goes_on_by_itself() -> None:
    async def go() -> None:
        engine = Slow(1)
        async with asking(engine) as (wizard, pilot):
            for key, mode in (("3", "diagnose"), ("4", "fix"), ("5", "prove")):
                wizard.simulate_key(key)
                await until(pilot, lambda mode=mode: wizard.current_mode == mode)  # type: ignore[misc]  # a default has no type
            assert wizard.session.diagnosis is None
            engine.end.set()
            await until(pilot, lambda: wizard.session.rehearsal is not None)
            await settle(pilot)
            assert wizard.current_mode == "prove"

    asyncio.run(go())


def test_escape_ends_a_rehearsal_and_r_begins_another() -> None:
    class Waiting(FakeEngine):
        begun = threading.Event()

        def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
            if self.begun.is_set():
                return super().rehearse(repair, asked)
            self.begun.set()
            assert self.stop.wait(30)
            raise StoppedError

    async def go() -> None:
        engine = Waiting()
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, engine.begun.is_set)
            wizard.simulate_key("5")
            await until(pilot, lambda: wizard.current_mode == "prove")
            wizard.simulate_key("escape")
            await until(pilot, lambda: "Cancelled" in wizard.session.rehearsal_error)
            await press(pilot, "r")
            assert wizard.session.rehearsal is not None

    asyncio.run(go())


def test_quitting_waits_for_no_backend() -> None:
    async def go() -> None:
        engine = Slow(1)
        async with asking(engine) as (wizard, pilot):
            wizard.simulate_key("q")
            await until(pilot, engine.stopped.is_set)

    asyncio.run(go())


def test_what_was_found_about_another_configuration_counts_no_more() -> None:
    async def go() -> None:
        engine = Slow(1)
        async with asking(engine) as (wizard, pilot):
            before = wizard.session
            wizard.read_again(path="/other")
            await until(pilot, engine.stopped.is_set)
            engine.end.set()
            await settle(pilot)
            assert wizard.session is not before
            assert not before.diagnoses

    asyncio.run(go())


def test_results_of_all_routes_come_as_they_are_found_and_stay_when_cancelled() -> None:
    async def go() -> None:
        engine = Slow(20)
        async with asking(engine) as (wizard, pilot):
            await until(pilot, lambda: len(wizard.session.diagnoses) > 1)
            assert not engine.end.is_set()  # the others are still probed
            await press(pilot, "escape")
            assert engine.stopped.is_set()
            assert wizard.session.diagnoses
            assert wizard.current_mode == "probe"

    asyncio.run(go())


class Hanging(Slow):
    """Some backends answer at once, one after the other; the rest never does."""

    SOME = 3

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        *,
        found: Callable[[int, Diagnosis], None] | None = None,
        began: float | None = None,
    ) -> Report:
        assert routes is not None
        if found is None:
            return FakeEngine.diagnose(self, configuration, routes)
        for place in range(self.SOME):
            found(place, self.diagnosis(routes[place], place))
        self.begun.set()
        assert self.stop.wait(MOMENT)
        raise StoppedError


def test_what_was_found_is_shown_though_nothing_more_is() -> None:
    async def go() -> None:
        engine = Hanging(20)
        async with asking(engine) as (wizard, pilot):
            await until(pilot, lambda: len(wizard.session.diagnoses) == Hanging.SOME)
            await until(pilot, lambda: "3 of 20 backends asked" in screen(wizard))
            await press(pilot, "escape")

    asyncio.run(go())


def test_what_was_found_last_is_not_lost_by_cancelling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_FRAME", 10 * MOMENT)  # nobody has looked yet

    async def go() -> None:
        async with asking(Hanging(20)) as (wizard, pilot):
            assert not wizard.session.diagnoses
            await press(pilot, "escape")
            assert len(wizard.session.diagnoses) == Hanging.SOME
            told = [notification.message for notification in wizard._notifications]
            assert told == ["Cancelled: 3 of 20 backends were asked. A asks all of them again."]

    asyncio.run(go())
