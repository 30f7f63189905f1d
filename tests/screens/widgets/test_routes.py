"""The table of routes by itself."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from screens.terminal import glyphs
from screens.texts import listing
from screens.texts import route as present
from screens.widgets.routes import RouteTable
from screens.widgets.table import Table
from tests.cli.samples import ROUTE
from tests.screens.asking import MOMENT, focused, opened, press, running, screen, settle, until
from tests.screens.fake import FakeEngine, app
from wizard.model.config import Configuration, Route


class Alone(App[None]):
    """The list and nothing else."""

    def compose(self) -> ComposeResult:
        yield RouteTable(glyphs.ASCII)


def test_lines_follow_the_width_of_the_list() -> None:
    long = replace(ROUTE, backend=replace(ROUTE.backend, url=f"https://{'b' * 50}.internal/"))

    async def go() -> None:
        alone = Alone()
        async with running(alone, (140, 10)) as pilot:
            table = alone.query_one(RouteTable)
            table.grow([long])
            await settle(pilot)
            assert long.backend.url in screen(alone)
            await pilot.resize_terminal(60, 10)
            await settle(pilot)
            assert re.search(r"https://b+…b+\.internal/", screen(alone))
            assert table.max_scroll_x == 0
            await pilot.resize_terminal(140, 10)
            await settle(pilot)
            assert long.backend.url in screen(alone)

    asyncio.run(go())


def test_every_table_draws_its_cells_whole() -> None:
    async def run() -> list[str]:
        wizard = app()
        cut = []
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "5", "1")
            for name in ("load", "prove"):
                await press(pilot, "1" if name == "load" else "5")
                cut += [
                    f"{name}: {table.id}"
                    for table in wizard.screen.query(DataTable)
                    if not isinstance(table, Table)
                ]
        return cut

    assert asyncio.run(run()) == []


def test_the_cursor_is_on_the_route_that_was_gone_to_elsewhere() -> None:
    async def go() -> None:
        wizard = app(FakeEngine(300))
        async with opened(wizard) as pilot:
            await press(pilot, "1", "end", "2", "1")
            assert wizard.session.route is wizard.session.routes[299]
            table = wizard.screen.query_one("#routes", RouteTable)
            assert table.cursor_row == 299
            wizard.choose(wizard.session.routes[7].id)
            await settle(pilot)
            assert table.cursor_row == 7
            await press(pilot, "home", "enter")
            assert wizard.current_mode == "probe"
            assert wizard.session.route is wizard.session.routes[0]

    asyncio.run(go())


def test_the_chosen_route_stays_when_another_appears_before_it() -> None:
    async def go() -> None:
        engine = FakeEngine(3)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "1", "down", "down", "up")
            chosen = wizard.session.current
            assert chosen == engine.configuration.routes[1].id
            new = replace(
                engine.configuration.routes[0], id=replace(chosen, path="/new/"), path="/new/"
            )
            engine.configuration = replace(
                engine.configuration, routes=(new, *engine.configuration.routes)
            )
            wizard.read_again()  # as after a change
            await settle(pilot)
            assert wizard.session.current == chosen
            assert wizard.screen.query_one("#routes", RouteTable).cursor_row == 2
            engine.configuration = replace(engine.configuration, routes=(new,))
            wizard.read_again()
            await settle(pilot)
            assert wizard.session.route is new  # the chosen one is gone

    asyncio.run(go())


def test_one_long_name_hides_no_other_column() -> None:
    async def go() -> None:
        engine = FakeEngine()
        first, second = engine.configuration.routes
        name = "department-with-a-very-long-name-" + "x" * 60 + ".example.com"
        vhost = replace(first.vhost, server_name=name, addresses=("*:8443",))
        long = replace(first, vhost=vhost, path="/p" * 40, request_path="/p" * 40)
        engine.configuration = replace(engine.configuration, routes=(long, second))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "1")
            shown = screen(wizard)
            assert re.search(r"✗ depa\S+…\S+:8443 +/p/p\S*…\S*p/p +https://\S+ +500", shown)
            assert re.search(r"✓ app\.\S+com:443 +/app1/ +https://\S+ +200", shown)
            assert name in present.policy_text(long)

    asyncio.run(go())


def test_the_answer_is_a_status_or_says_why_there_is_none() -> None:
    made = FakeEngine().diagnosis(ROUTE, 0)
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "500"),
        ({"status": None, "stage": "start"}, "no start"),
        ({"status": None, "stage": "config"}, "no start"),
        ({"status": None, "stage": "connect"}, "connect"),
        ({"status": None, "stage": None, "outcome": "unknown"}, ""),
    )
    for change, said in changes:
        diagnosis = replace(made, verdict=replace(made.verdict, **change))
        assert listing.answer(diagnosis) == said
        assert said in listing.haystack(ROUTE, diagnosis)


class Reading(FakeEngine):
    """Reads on until the test lets it end."""

    def __init__(self, routes: int) -> None:
        super().__init__(routes)
        self.end = threading.Event()

    def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
        assert seen is not None
        for route in self.configuration.routes:
            seen(route)
        assert self.end.wait(MOMENT)
        return super().load()


def test_a_search_that_begins_while_the_files_are_read_stays() -> None:
    async def go() -> None:
        engine = Reading(300)
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, lambda: len(wizard.session.seen) == 300)
            wizard.simulate_key("1")
            await until(pilot, lambda: bool(wizard.screen.query("#routes")))
            table = wizard.screen.query_one("#routes", RouteTable)
            await until(pilot, lambda: table.row_count == 300)
            wizard.simulate_key("slash")
            await until(pilot, lambda: focused(wizard) == "search")
            for key in "app29":
                wizard.simulate_key(key)
            await until(pilot, lambda: table.row_count == 11)  # 29 and 290 to 299
            assert wizard.session.configuration is None
            engine.end.set()
            await until(pilot, lambda: wizard.session.configuration is not None)
            await settle(pilot)
            assert table.row_count == 11
            assert "11 of 300 routes" in screen(wizard)
            shown = [str(line) for line in table.get_column_at(0)]
            assert re.search(r"/app29/ ", shown[0])
            assert re.search(r"/app290/ ", shown[1])

    asyncio.run(go())
