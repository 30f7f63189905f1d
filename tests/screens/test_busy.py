"""Nothing blocks: keys answer while backends are probed, and waiting can be ended."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

from textual.widgets import ProgressBar

from screens.widgets.picture import Picture
from screens.widgets.routes import RouteTable
from tests.screens.asking import MOMENT, focused, opened, press, settle, text, until
from tests.screens.fake import PROBED, FakeEngine, app
from wizard.model.config import Configuration, Route
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.probe import ProbeReport
from wizard.model.scope import Scope
from wizard.probe.watch import StoppedError

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
        scope: Scope,
        routes: Sequence[Route],
        progress: Callable[[int, int], None] | None = None,
        observe: Callable[[ProbeReport], None] | None = None,
        stop: threading.Event | None = None,
        found: Callable[[int, Diagnosis], None] | None = None,
    ) -> Report:
        assert stop is not None
        assert progress is not None
        assert observe is not None
        for stage in self.stages:
            observe(stage)
        done = 0
        while not self.end.wait(0.001):
            if found is not None and done < len(routes) - 1:
                found(done, self.diagnosis(routes[done], done))
            done = min(done + 1, len(routes) - 1)
            progress(done, len(routes))
            self.begun.set()
            if stop.is_set():
                self.stopped.set()
                raise StoppedError
        return super().diagnose(configuration, scope, routes, progress, observe, stop)


def test_keys_answer_while_1000_routes_are_probed() -> None:
    async def go() -> None:
        engine = Slow(MANY)
        engine.end.set()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            engine.end.clear()
            engine.begun.clear()
            wizard.simulate_key("a")
            await until(pilot, engine.begun.is_set)
            bar = wizard.screen.query_one(ProgressBar)
            await until(pilot, lambda: bar.progress > 0)
            assert bar.display
            assert bar.total == MANY
            for key, mode in (("1", "load"), ("3", "diagnose"), ("2", "probe")):
                wizard.simulate_key(key)
                await until(pilot, lambda mode=mode: wizard.current_mode == mode)  # type: ignore[misc]
            # a frame: how long the event loop is held by whatever it does meanwhile
            longest = 0.0
            for _ in range(20):
                before, cpu = time.perf_counter(), time.thread_time()
                await asyncio.sleep(0)
                longest = max(longest, time.thread_time() - cpu)
                assert time.perf_counter() - before < MOMENT
            assert longest < 0.1
            engine.end.set()
            await settle(pilot)
            assert len(wizard.session.diagnoses) == MANY
            table = wizard.screen.query_one("#results")
            await until(pilot, lambda: table.row_count == MANY)  # type: ignore[attr-defined]

    asyncio.run(go())


def test_each_stage_lights_up_and_escape_ends_waiting() -> None:
    async def go() -> None:
        engine = Slow(1)
        engine.stages = (
            ProbeReport(PROBED.request, PROBED.started, dns=PROBED.dns),
            ProbeReport(PROBED.request, PROBED.started, dns=PROBED.dns, tcp=PROBED.tcp),
        )
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.simulate_key("2")
            await until(pilot, engine.begun.is_set)
            lines = [line.split()[:2] for line in text(wizard, "#picture").splitlines()]
            assert ["✓", "DNS"] in lines
            assert ["✓", "TCP"] in lines
            assert ["·", "TLS"] in lines
            wizard.simulate_key("escape")
            await until(pilot, engine.stopped.is_set)
            await settle(pilot)
            assert "Cancelled" in wizard.screen.query_one(Picture).text.plain
            engine.end.set()
            await press(pilot, "r")
            assert wizard.session.diagnosis is not None

    asyncio.run(go())


def test_quitting_waits_for_no_backend() -> None:
    async def go() -> None:
        engine = Slow(1)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.simulate_key("2")
            await until(pilot, engine.begun.is_set)
            wizard.simulate_key("q")
            await until(pilot, engine.stopped.is_set)

    asyncio.run(go())


def test_what_was_found_about_another_configuration_counts_no_more() -> None:
    async def go() -> None:
        engine = Slow(1)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.simulate_key("2")
            await until(pilot, engine.begun.is_set)
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
        engine.end.set()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            engine.end.clear()
            wizard.simulate_key("a")
            table = wizard.screen.query_one("#results", RouteTable)
            await until(pilot, lambda: table.row_count == 20)

            def causes() -> list[str]:
                return [str(cell) for cell in table.get_column("cause")]

            await until(pilot, lambda: "ca-not-trusted" in causes())
            assert not engine.end.is_set()  # the others are still probed
            await press(pilot, "escape")
            assert engine.stopped.is_set()
            assert "ca-not-trusted" in causes()
            assert wizard.session.diagnoses

    asyncio.run(go())


def test_results_can_be_searched_by_what_was_found() -> None:
    async def go() -> None:
        wizard = app(FakeEngine(20))
        async with opened(wizard) as pilot:
            await press(pilot, "2", "a")
            table = wizard.screen.query_one("#results", RouteTable)
            assert table.row_count == 20
            await press(pilot, "slash")
            await until(pilot, lambda: focused(wizard) == "results-search")
            await press(pilot, *"not-trusted")
            assert table.row_count == 1
            await press(pilot, "escape")
            assert focused(wizard) != "results-search"
            await press(pilot, "slash")
            await until(pilot, lambda: focused(wizard) == "results-search")
            await press(pilot, "enter")
            assert focused(wizard) == "results"

    asyncio.run(go())
