"""Several ways to repair one fault: each can be taken, and the plan follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

from textual.widgets import Input, OptionList

from screens.widgets.alternatives import NO_PLAN
from screens.widgets.choice import Choice
from tests.screens.asking import focused, opened, press, screen, settle, until
from tests.screens.fake import CAUSE, FakeEngine, app
from wizard.findings import CATALOGUE
from wizard.findings.table import LEAVABLE
from wizard.model.config import Route
from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import FixChoice

SLUG = "preserve-host-changes-name"


class PreservesHost(FakeEngine):
    """Whose first route fails because of ProxyPreserveHost."""

    def diagnosis(self, route: Route, place: int) -> Diagnosis:
        return replace(super().diagnosis(route, place), findings=(replace(CAUSE, slug=SLUG),))

    @property
    def choice(self) -> FixChoice:
        """The last one that a plan was asked for."""
        found = [value for name, value in self.asked if name == "repair"][-1]
        assert isinstance(found, FixChoice)
        return found


def test_the_plan_follows_the_way_that_is_taken() -> None:
    async def go() -> None:
        engine = PreservesHost()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "v", "v", "v")
            await until(pilot, lambda: focused(wizard) == "alternatives")
            assert "(*) ProxyPreserveHost Off" in screen(wizard)
            assert engine.choice == FixChoice()
            await press(pilot, "home", "down", "enter")
            assert engine.choice == FixChoice(leave=(SLUG,))
            assert "(*) Have the certificate reissued" in screen(wizard)
            await press(pilot, "1", "4")
            assert "(*) Have the certificate reissued" in screen(wizard)  # nothing is lost
            await press(pilot, "down", "enter", "escape")  # asked for the last day, and none given
            assert engine.choice == FixChoice(leave=(SLUG,))
            await press(pilot, "enter")
            wizard.screen.query_one("#text", Input).value = "2031-12-24"
            await press(pilot, "enter")
            assert engine.choice == FixChoice("temporary", until=date(2031, 12, 24))
            assert wizard.screen.query_one("#until", Input).value == "2031-12-24"
            await press(pilot, "home", "enter")
            assert engine.choice == FixChoice()
            await press(pilot, "down", "enter")
            wizard.session.choose(wizard.session.routes[1].id)
            assert not wizard.session.left  # another route, other choices

    asyncio.run(go())


def test_a_way_keeps_the_row_that_the_operator_chose() -> None:
    async def go() -> None:
        engine = PreservesHost()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            wizard.screen.query_one("#internal-ca", Choice).value = True
            await settle(pilot)
            await press(pilot, "v", "v", "v")
            await until(pilot, lambda: focused(wizard) == "alternatives")
            for keys, choice in (
                (("home", "down", "enter"), FixChoice("internal-ca", leave=(SLUG,))),
                (("home", "enter"), FixChoice("internal-ca")),
                (("end", "enter", "enter"), None),
                (("home", "enter"), FixChoice("internal-ca")),
            ):
                await press(pilot, *keys)
                if choice is None:
                    assert engine.choice.policy == "temporary"
                else:
                    assert engine.choice == choice

    asyncio.run(go())


def test_a_way_that_is_no_plans_says_so() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4", "v", "v", "v")
            await until(pilot, lambda: focused(wizard) == "alternatives")
            before = list(engine.asked)
            await press(pilot, "home", "down", "enter")
            assert [n.message for n in wizard._notifications] == [NO_PLAN]
            assert engine.asked == before
            assert isinstance(wizard.focused, OptionList)

    asyncio.run(go())


def test_what_can_be_left_in_the_wizard_can_be_left_by_the_engine() -> None:
    rules = CATALOGUE.items()
    left = {s for s, rule in rules if any(way.take == "leave" for way in rule.alternatives)}
    assert left <= LEAVABLE
