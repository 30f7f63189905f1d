"""How tests press keys, wait, and read a screen."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static
from textual.worker import WorkerCancelled

from screens.app import WizardApp

MOMENT = 60.0
"""Seconds after which something that should happen has not."""


AGAIN = 0.2
"""Seconds between two presses of one key: longer than between the repeats of a held one."""
_PRESSED: WeakKeyDictionary[App[Any], tuple[str, float]] = WeakKeyDictionary()
"""The last key that was pressed, and when."""
QUIET = 6
"""Rounds of nothing to do after which nothing more comes: a screen is drawn 60 times a second, and
what is deferred until then may defer something in its turn."""


async def settle(pilot: Pilot[Any]) -> None:
    """Until every worker is done, and every message and deferred call of it has been dealt with."""
    rounds = 0
    while rounds < QUIET:
        # a directory tree's own worker waits for its next directory for ever; one that another of
        # its group took the place of is done as well
        workers = [w for w in pilot.app.workers if w.group != "_loader" and not w.is_finished]
        for worker in workers:
            with contextlib.suppress(WorkerCancelled):
                await worker.wait()
        await asyncio.sleep(0.01)
        rounds = 0 if workers or _has_post(pilot.app) else rounds + 1
        if rounds == QUIET:  # asks every widget of the screen and draws it; too slow for each round
            await pilot.pause(0)
            rounds = QUIET - 1 if _has_post(pilot.app) else QUIET


def _has_post(app: App[None]) -> bool:
    """Whether a widget in view still has messages to read."""
    pumps = (app, *app.screen.walk_children(with_self=True))
    return any(pump.message_queue_size for pump in pumps)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys that are commands, and wait until everything that each began is done.

    Not ``pilot.press``: that waits until the machine is idle, which it is not beside other tests.
    The same key again waits as a hand does: at once it is one that is held down, and no command.
    """
    for key in keys:
        before, since = _PRESSED.get(pilot.app, ("", 0.0))
        if key == before:
            await asyncio.sleep(max(0.0, since + AGAIN - time.monotonic()))
        pilot.app.simulate_key(key)
        _PRESSED[pilot.app] = key, time.monotonic()
        await settle(pilot)


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail if it never is."""
    async with asyncio.timeout(MOMENT):
        while not condition():
            await pilot.pause(0.01)


def task_factory() -> Any:
    """How ``App.run`` has tasks made by this Python; None: each begins when its turn comes."""
    return getattr(asyncio, "eager_task_factory", None)


@contextlib.asynccontextmanager
async def running(app: App[None], size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    """An application, its tasks made as ``App.run`` has them made, which ``run_test`` does not."""
    asyncio.get_running_loop().set_task_factory(task_factory())
    async with app.run_test(size=size) as pilot:
        yield pilot


@contextlib.asynccontextmanager
async def opened(app: WizardApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    """The wizard, its configuration read."""
    async with running(app, size) as pilot:
        await settle(pilot)
        yield pilot


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test's coroutine."""

    async def whole() -> None:
        await test()

    asyncio.run(whole())


def focused(app: App[None]) -> str | None:
    """Id of the widget that gets the keys: after a tab opened that takes a moment."""
    return app.focused.id if app.focused is not None else None


def text(app: App[None], selector: str) -> str:
    """What a Static of the screen in view says."""
    return str(app.screen.query_one(selector, Static).render())


def screen(app: App[None]) -> str:
    """Every character of the screen as it goes to the terminal."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(s.text for s in line if not s.control) for line in lines)
