"""Whatever is missing, the wizard says what it is and where to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.widgets import Input

from tests.screens.asking import opened, press, screen, settle, until
from tests.screens.fake import FakeEngine, app
from wizard.errors import FileError, Obstacle
from wizard.model.change import Deployed, DeployStep, Waiting
from wizard.model.plan import Repair


def test_each_path_that_cannot_be_asked_for_is_refused_for_its_own_reason() -> None:
    from dataclasses import replace

    async def go(kind: str, path: str, reasons: tuple[str, ...]) -> None:
        engine = FakeEngine()
        first, *rest = engine.configuration.routes
        route = replace(first, kind=kind, path=path, request_path="/shop/x")
        engine.configuration = replace(engine.configuration, routes=(route, *rest))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "p")
            asks = not path.startswith("^")
            assert bool(wizard.screen.query("#text")) is asks
            if asks:
                wizard.screen.query_one("#text", Input).value = "/else/where"
                await press(pilot, "enter")
            [said] = [notification.message for notification in wizard._notifications]
            for reason in reasons:
                assert reason in said

    asyncio.run(go("ProxyPass", "/shop/", ("/else/where does not begin with /shop/",)))
    asyncio.run(go("ProxyPassMatch", "^/shop/(.*)$", ("ProxyPassMatch", "^/shop/(.*)$", "/shop/x")))
    asyncio.run(go("ProxyPass", "^/shop/(.*)$", ("a ProxyPass with a pattern",)))  # ProxyPass ~
    asyncio.run(go("RewriteRule", "^/shop/(.*)$", ("RewriteRule", "conditions", "/shop/x only")))


@pytest.mark.parametrize(
    ("obstacle", "say"),
    [
        ("permission", "This user may not write there; root may."),
        ("read-only", "at /etc is read-only"),
    ],
)
def test_who_may_not_write_is_told_how_the_change_is_made(obstacle: Obstacle, say: str) -> None:
    class Refuses(FakeEngine):
        def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
            raise FileError("refused", 1, obstacle, file="/etc/x", where="/etc")

    async def go() -> None:
        wizard = app(Refuses())
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "a", "y")
            shown = " ".join(screen(wizard).split())
            assert "Nothing was changed." in shown
            assert say in shown
            assert "save the patch" in shown

    asyncio.run(go())


def test_resized_to_60_by_20_and_back() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (120, 40)) as pilot:
            for key in "123450":
                await press(pilot, key)
                await pilot.resize_terminal(60, 20)
                await settle(pilot)
                first, *_, last = screen(wizard).splitlines()
                assert "5 " in first
                assert "q" in last
                await pilot.resize_terminal(120, 40)
                await settle(pilot)

    asyncio.run(go())


def test_what_nobody_foresaw_ends_the_wizard() -> None:
    class Broken(FakeEngine):
        def repair(self, choice: object) -> Repair:
            raise KeyError("a [red]mistake[/]")

    async def go() -> None:
        wizard = app(Broken())
        async with opened(wizard) as pilot:
            await until(pilot, lambda: wizard.fault is not None)

    with pytest.raises(KeyError, match="mistake"):  # the wizard ended
        asyncio.run(go())
