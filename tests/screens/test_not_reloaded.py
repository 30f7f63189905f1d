"""A change that no running httpd has read is not shown as one that is in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.screens.asking import opened, press, screen
from tests.screens.fake import FakeEngine, app
from wizard.model.change import Deployed, DeployStep, NotReloaded, Waiting

UNREAD = NotReloaded("several", (7, 8), command="httpd -t && systemctl reload httpd")


class Unread(FakeEngine):
    """Two servers run, and nothing tells which is meant."""

    def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
        step(Waiting("reload", 28))
        step(Waiting("reload", 18))
        return replace(done, not_reloaded=UNREAD)


@pytest.mark.parametrize("width", [80, 120])
def test_it_is_red_and_says_what_reloads(width: int) -> None:
    async def go() -> None:
        wizard = app(Unread())
        async with opened(wizard, size=(width, 24)) as pilot:
            await press(pilot, "a", "y")
            said = " ".join(screen(wizard).split())
            assert "Written, but the running httpd has not read it" in said
            assert "pid 7, pid 8" in said
            assert "Reload it with: httpd -t && systemctl reload httpd" in said
            assert "Applied" not in said
            assert "Repaired" not in said
            assert wizard.change is not None
            assert [one for one in wizard.change.steps if one == Waiting("reload", 18)]
            assert Waiting("reload", 28) not in wizard.change.steps  # one line counts down
            await press(pilot, "5")
            assert "Written, but the running httpd has not read it" in screen(wizard)
            await press(pilot, "u", "y")
            said = " ".join(screen(wizard).split())
            assert "Undone" in said
            assert "On disk the files are as they were before the change" in said

    asyncio.run(go())
