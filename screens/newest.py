"""Work that follows what is typed: once, for what stands there in the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

PAUSE: Final = 0.1
"""Seconds without another letter after which what stands there counts as typed."""


class Newest:
    """Which of many inputs is worked on: the last one, and no two at a time."""

    def __init__(self) -> None:
        self._inputs = 0
        self._work = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """The turn of an input, once no other came for a moment and the work before it has ended.

        Yields:
            Whether it is still the newest one.
        """
        self._inputs += 1
        mine = self._inputs
        await asyncio.sleep(PAUSE)
        if mine != self._inputs:
            yield False
            return
        async with self._work:
            yield mine == self._inputs
