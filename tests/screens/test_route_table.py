"""The table of routes by itself."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual.app import App, ComposeResult

from screens import glyphs
from screens.widgets.routes import RouteTable


class Alone(App[None]):
    """The table and nothing else, of a size that does not follow from its rows."""

    CSS = "RouteTable { width: 90; height: 8; }"

    def compose(self) -> ComposeResult:
        yield RouteTable(glyphs.ASCII)


def test_a_row_that_was_drawn_before_its_columns_widened_is_drawn_again() -> None:
    """A busy terminal draws a row before the table was idle and measured it."""

    async def run() -> str:
        app = Alone()
        async with app.run_test(size=(100, 10)) as pilot:
            await pilot.pause()
            table = app.query_one(RouteTable)
            table.add_row(*map(Text, (" ", "app.example.com:8080", "/", "https://b.internal/")))
            table.render_line(1)
            await pilot.pause()
            await pilot.pause()
            return table.render_line(1).text

    assert "https://b.internal/" in asyncio.run(run())
