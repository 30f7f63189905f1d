"""Whatever is missing, the wizard says what it is and where to go on."""

from __future__ import annotations

import asyncio

import pytest
from screens.widgets.choice import Choice
from textual.widgets import Input, TabbedContent

from tests.screens.asking import opened, press, screen, settle, text, until
from tests.screens.fake import CHANGE, NO_CA, ROOT, FakeEngine, app
from wizard.errors import FileError, Obstacle, WizardError
from wizard.model.plan import Repair
from wizard.model.remark import ChoiceError, Point, remark
from wizard.text import fingerprint


def test_no_httpd_for_the_rehearsal_not_root_and_a_read_only_disk() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "4")
            engine.refusal = WizardError("no httpd is installed here.")
            await press(pilot, "5")
            assert "no httpd is installed" in text(wizard, "#outcome")
            obstacles: tuple[tuple[Obstacle, str], ...] = (
                ("permission", "This user may not write there; root may."),
                ("read-only", "at /etc is read-only; `mount -o remount,rw /etc` ends that"),
            )
            for obstacle, say in obstacles:
                engine.refusal = FileError("refused", 1, obstacle, file="/etc/x", where="/etc")
                await press(pilot, "w")
                assert "was not rehearsed" in text(wizard, "Asked Static")
                await press(pilot, *"not-rehearsed", "enter", "y")
                shown = text(wizard, "#applying")
                assert say in shown
                assert "save the patch" in shown
            assert engine.made == []

    asyncio.run(go())


def test_no_ca_at_hand_and_a_fingerprint_that_is_not_handed_out() -> None:
    async def go() -> None:
        engine = FakeEngine(plan=NO_CA)
        wizard = app(engine)
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "2", "4")
            assert "Name a file with its certificate (f)" in text(wizard, "#diff-lines")
            assert "--accept-fingerprint" not in screen(wizard)
            wizard.screen.query_one("#presented", Choice).value = True
            await settle(pilot)
            for tab in ("tab-diff", "tab-words"):
                wizard.screen.query_one("#fix-plan", TabbedContent).active = tab
                await settle(pilot)
                assert ROOT.sha256[:16] not in screen(wizard).replace(":", "").lower()
            assert "CN=Corp Root,O=Corp" in text(wizard, "#trust-state")
            field = wizard.screen.query_one("#fingerprint", Input)
            field.focus()
            asked = len(engine.asked)
            field.value = "ee" * 32
            await press(pilot, "enter")
            assert "no certificate with this fingerprint" in text(wizard, "#plan-words")
            assert len(engine.asked) == asked
            field.value = ":".join([ROOT.sha256[:2].upper()] * 32)
            await press(pilot, "enter")
            assert dict(engine.asked)["repair"].accept_fingerprint == field.value

    asyncio.run(go())


def test_a_refusal_hands_out_no_fingerprint_that_nobody_vouched_for() -> None:
    other = ":".join(["AB"] * 32)

    async def go() -> None:
        engine = FakeEngine(plan=NO_CA)
        wizard = app(engine)
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "2", "4")
            wizard.screen.query_one("#presented", Choice).value = True
            await settle(pilot)
            field = wizard.screen.query_one("#fingerprint", Input)
            field.focus()
            field.value = ROOT.sha256
            # the backend shows another one by the time that it is asked again
            presented = remark(Point.NOT_PRESENTED, sha256=ROOT.sha256, presented=(other,))
            engine.refusal = ChoiceError(presented)
            await press(pilot, "enter")
            said = text(wizard, "#plan-words")
            assert fingerprint(ROOT.sha256) in said  # what was typed is the operator's own
            assert other not in screen(wizard)

    asyncio.run(go())


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


def test_resized_to_60_by_20_and_back() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "2", "4", "5")
            for key in "12345":
                await press(pilot, key)
                await pilot.resize_terminal(60, 20)
                await settle(pilot)
                first, *_, last = screen(wizard).splitlines()
                assert "5 Prove & apply" in first
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
            await press(pilot, "2")
            wizard.simulate_key("4")
            await until(pilot, lambda: wizard.fault is not None)

    with pytest.raises(KeyError, match="mistake"):  # the wizard ended
        asyncio.run(go())


def test_an_interrupted_change_is_offered_at_the_start() -> None:
    from dataclasses import replace

    async def go(key: str, done: str) -> None:
        engine = FakeEngine()
        engine.unfinished = replace(CHANGE, state="applying")
        wizard = app(engine)
        async with opened(wizard) as pilot:
            assert "A change was interrupted" in screen(wizard)
            assert CHANGE.files[0].path in screen(wizard)
            await press(pilot, key)
            if done:
                assert (done, CHANGE.id) in engine.asked
                assert wizard.current_mode == "prove"
            else:
                assert wizard.current_mode == "load"

    for key, done in (("u", "roll back"), ("f", "finish"), ("escape", "")):
        asyncio.run(go(key, done))
