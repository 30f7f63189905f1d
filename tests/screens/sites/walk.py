"""An operator at the wizard on a site: presses keys, which are counted, and looks at the screen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input

from screens.app import WizardApp
from tests.screens.asking import MOMENT, running, screen, settle, until
from tests.screens.sites.bed import Site

_LET_GO = 0.2
"""Seconds between a key and the same: one that opened a question and is held down answers none."""


@dataclass
class Walk:
    """The wizard on a site.

    Args:
        site: whose server runs.
        app: the wizard.
        pilot: of it.
        keys: pressed so far; a paste counts as one.
    """

    site: Site
    app: WizardApp
    pilot: Pilot[Any]
    keys: int = 0
    _last: str = ""

    async def press(self, *keys: str) -> None:
        """Press keys, and wait each time until what it began is done."""
        for key in keys:
            await asyncio.sleep(_LET_GO if key == self._last else 0)
            self.app.simulate_key(key)
            self.keys, self._last = self.keys + 1, key
            await self._settle(key)

    async def field(self) -> None:
        """Wait until a field takes what is typed: beside other tests that may take a moment."""
        await until(self.pilot, lambda: isinstance(self.app.focused, Input))

    async def _settle(self, key: str) -> None:
        try:
            async with asyncio.timeout(MOMENT):
                await settle(self.pilot)
        except TimeoutError:
            raise AssertionError(f"no end of what {key} began:\n{screen(self.app)}") from None

    async def paste(self, text: str) -> None:
        """Paste what the operator has from somebody."""
        self.app.post_message(events.Paste(text))
        self.keys += 1
        await self._settle("a paste")
        await asyncio.sleep(_LET_GO)  # it goes in behind other messages

    @property
    def screen(self) -> str:
        """What is on the screen, as one line: where a text is folded differs with its width."""
        inner = screen(self.app).translate(dict.fromkeys(map(ord, "│┃╭╮╰╯━─"), " "))
        return " ".join(inner.split())

    def colour(self, text: str) -> str:
        """``red``, ``green`` or another: of a text on the screen."""
        for line in self.app.screen._compositor.render_strips():
            for segment in line:
                if text in segment.text and segment.style and segment.style.color:
                    color = Color.from_rich_color(segment.style.color)
                    if color.g > max(color.r, color.b):
                        return "green"
                    return "red" if color.r > max(color.g, color.b) else "another"
        raise AssertionError(f"{text!r} is not on the screen:\n{screen(self.app)}")


@contextlib.asynccontextmanager
async def opened(site: Site, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Walk]:
    """The wizard on a site, once nothing is left that it does by itself."""
    app = site.wizard()
    async with running(app, size) as pilot:
        await settle(pilot)
        yield Walk(site, app, pilot)
