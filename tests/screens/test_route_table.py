"""The table of routes by itself."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from screens import glyphs
from screens.widgets.routes import RouteTable
from screens.widgets.table import Table
from tests.screens.asking import opened, press
from tests.screens.fake import app


class Alone(App[None]):
    """The table and nothing else, of a size that does not follow from its rows."""

    CSS = "RouteTable { width: 90; height: 8; }"

    def compose(self) -> ComposeResult:
        yield RouteTable(glyphs.ASCII)


def test_a_row_that_was_drawn_before_its_columns_widened_is_drawn_again() -> None:
    """A busy terminal draws a row before the table was idle and measured it."""

    async def run() -> str:
        alone = Alone()
        async with alone.run_test(size=(100, 10)) as pilot:
            await pilot.pause()
            table = alone.query_one(RouteTable)
            table.add_row(*map(Text, (" ", "app.example.com:8080", "/", "https://b.internal/")))
            table.render_line(1)
            await pilot.pause()
            await pilot.pause()
            return table.render_line(1).text

    assert "https://b.internal/" in asyncio.run(run())


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
