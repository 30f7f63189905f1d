"""Writing, undoing and finishing: what is asked before, and what every screen shows afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.dialogues.confirm import ConfirmDialogue
from screens.dialogues.interrupted import InterruptedDialogue
from tests.cli.samples import FILE, ROUTE
from tests.screens.asking import MOMENT, opened, press, running, screen, settle, text, until
from tests.screens.fake import BUNDLE, CHANGE, PLAN, SITE, FakeEngine, app
from wizard.change.journal import Held, Store
from wizard.change.left import telling
from wizard.errors import ChangeError, Left, StoppedError
from wizard.fix.source.unified_diff import between
from wizard.model.change import Change, Command, Deployed, DeployStep, Holder, Waiting
from wizard.model.plan import Offer, OfferKind
from wizard.model.remark import Point, remark

DONE = "#case-done Static"
OTHER = "/etc/other/httpd.conf"
NAME = replace(
    PLAN,
    offers=(
        Offer(
            OfferKind.CERTIFICATE_NAME,
            ROUTE.id,
            remark(
                Point.NAME_OFFERED,
                name="erp.corp.test",
                issuer="Corp",
                address="192.0.2.7",
                port=443,
            ),
        ),
    ),
)


def did(engine: FakeEngine, what: str) -> list[Any]:
    return [value for name, value in engine.asked if name == what]


class Slow(FakeEngine):
    """A change is being made until ``end`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()
        self.end = threading.Event()

    def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
        self.began.set()
        assert self.end.wait(MOMENT)
        return done


async def write_slowly(engine: Slow, wizard: WizardApp, pilot: Pilot[Any]) -> None:
    """Up to the middle of a change."""
    await press(pilot, "a")
    wizard.simulate_key("y")
    await until(pilot, engine.began.is_set)
    await until(pilot, lambda: not isinstance(wizard.screen, ConfirmDialogue))


# What is written


def test_two_keys_write_what_was_shown_and_the_case_says_what_is_now() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            loads, probes = len(did(engine, "load")), len(did(engine, "diagnose"))
            await press(pilot, "a")
            assert did(engine, "deploy") == []
            await press(pilot, "y")
            assert did(engine, "deploy") == [PLAN]
            assert "Repaired. The running server answers 200" in screen(wizard)
            assert Path(BUNDLE).name in text(wizard, DONE)
            assert len(did(engine, "load")) == loads + 1
            assert len(did(engine, "diagnose")) > probes
            assert wizard.changes == ((CHANGE, None),)

    asyncio.run(go())


def test_what_happens_behind_the_question_changes_nothing_about_what_is_written() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            first = wizard.session.current
            await press(pilot, "a")
            shown = screen(wizard).partition("\n")[2]
            engine.plan = replace(PLAN, edits=())
            wizard.choose(wizard.session.routes[1].id)
            wizard.session.forget_plan()
            await settle(pilot)
            assert screen(wizard).partition("\n")[2] == shown
            await press(pilot, "y")
            assert did(engine, "deploy") == [PLAN]
            assert wizard.session.done is not None
            assert wizard.session.done.route == first

    asyncio.run(go())


def test_a_probe_that_ends_behind_the_question_leads_to_no_other_route() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            wizard.session.is_chosen = False
            await press(pilot, "a", "n")
            assert wizard.session.is_chosen

    asyncio.run(go())


def test_a_name_of_the_certificate_is_part_of_the_question_whether_to_write() -> None:
    async def go() -> None:
        engine = FakeEngine(plan=NAME)
        wizard = app(engine)
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "a")
            shown = screen(wizard)
            assert "Write this" in shown
            assert "erp.corp.test" in shown
            await press(pilot, "n")
            assert did(engine, "deploy") == []
            await press(pilot, "a", "y")
            assert did(engine, "deploy") == [NAME]

    asyncio.run(go())


def test_a_public_ca_is_a_question_of_its_own() -> None:
    public = Offer(
        OfferKind.PUBLIC_CA,
        ROUTE.id,
        remark(Point.PUBLIC_CA_NAMED, route="/", subject="CN=Public", pinned=("CN=Corp",)),
    )

    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, offers=(public, *NAME.offers)))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            assert "First answer" in wizard.obstacle
            wizard.decide(replace(wizard.session.decisions, trust="none"))
            await settle(pilot)
            await press(pilot, "a")
            assert "Trust a public CA" in screen(wizard)
            await press(pilot, "n")
            assert not isinstance(wizard.screen, ConfirmDialogue)
            await press(pilot, "a", "y")
            assert "Write this" in screen(wizard)
            assert did(engine, "deploy") == []
            await press(pilot, "y")
            assert len(did(engine, "deploy")) == 1

    asyncio.run(go())


# Another configuration, another route


def test_what_is_made_stays_with_its_configuration() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await write_slowly(engine, wizard, pilot)
            await until(pilot, lambda: "Writing" in screen(wizard))
            wizard.read_again(path=OTHER)
            await until(pilot, lambda: wizard.session.repair is not None)
            assert "Writing" not in screen(wizard)
            assert "written already" in wizard.obstacle
            engine.end.set()
            await settle(pilot)
            assert wizard.session.done is None
            assert "Repaired" not in screen(wizard)
            assert any("/etc/apache2: Applied" in one.message for one in wizard._notifications)
            assert wizard.obstacle == ""

    asyncio.run(go())


def test_what_was_made_is_gone_with_its_configuration() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            assert wizard.session.done is not None
            wizard.read_again(path=OTHER)
            await settle(pilot)
            assert wizard.session.done is None
            assert "Repaired" not in screen(wizard)

    asyncio.run(go())


def test_reading_again_meanwhile_is_still_the_same_configuration() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await write_slowly(engine, wizard, pilot)
            loads = len(did(engine, "load"))
            wizard.simulate_key("r")
            await until(pilot, lambda: len(did(engine, "load")) > loads)
            engine.end.set()
            await settle(pilot)
            assert "Repaired" in screen(wizard)

    asyncio.run(go())


def test_a_change_is_not_told_of_another_route() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await write_slowly(engine, wizard, pilot)
            wizard.choose(wizard.session.routes[1].id)
            engine.end.set()
            await settle(pilot)
            assert "Repaired" not in screen(wizard)
            assert any("example.com /: Applied" in one.message for one in wizard._notifications)

    asyncio.run(go())


# What fails


def test_after_a_failure_every_step_shows_what_is_now() -> None:
    class Fails(FakeEngine):
        def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
            raise ChangeError("somebody edited it")

    async def go() -> None:
        engine = Fails()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            loads = len(did(engine, "load"))
            await press(pilot, "a", "y")
            assert "somebody edited it" in text(wizard, DONE)
            assert "Nothing was changed." in screen(wizard)
            assert len(did(engine, "load")) == loads + 1
            await press(pilot, "escape")
            assert "wait" not in wizard.session.stops

    asyncio.run(go())


def test_what_was_left_half_done_is_not_called_unchanged() -> None:
    class Halts(FakeEngine):
        def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
            error = ChangeError("the disk is full")
            error.left = Left(CHANGE.id, "applying", new=(BUNDLE,), old=(FILE,))
            raise error

    async def go() -> None:
        wizard = app(Halts())
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            assert "the disk is full" in screen(wizard)
            assert "Nothing was changed" not in screen(wizard)

    asyncio.run(go())


WORKS = Holder(4711, "apply", 1_700_000_000)


class Busy(FakeEngine):
    """Another command works here until ``free`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    @contextmanager
    def locked(
        self, command: Command, waiting: Callable[[Holder, float], None] = lambda *_: None
    ) -> Iterator[Held]:
        assert command == "wizard"
        with telling(Store(Path("/nowhere"))):
            while not self.free.is_set():
                waiting(WORKS, 0.0)
                if self.stop.wait(0.01):
                    raise StoppedError
        yield Held(Path("/nowhere"))


@pytest.mark.parametrize("leave", ["escape", "q", ""])
def test_the_wait_for_another_command_is_told_and_can_be_left(leave: str) -> None:
    async def go() -> None:
        engine = Busy()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            loads = len(did(engine, "load"))
            await press(pilot, "a")
            wizard.simulate_key("y")
            await until(pilot, lambda: wizard.waits_for is not None)
            await until(pilot, lambda: "(process 4711) has been working" in text(wizard, DONE))
            if leave:
                wizard.simulate_key(leave)
            else:
                engine.free.set()
            if leave == "q":
                await until(pilot, lambda: not wizard.is_running)
                return
            await settle(pilot)
            assert wizard.waits_for is None
            assert "4711" not in screen(wizard)
            assert ("Nothing was changed" in screen(wizard)) == bool(leave)
            assert len(did(engine, "load")) == loads + (not leave)
        assert bool(did(engine, "deploy")) == (not leave)

    asyncio.run(go())


# Undoing and finishing


def test_undoing_reads_and_asks_again() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            loads = len(did(engine, "load"))
            await press(pilot, "u")
            assert did(engine, "roll back") == []
            await press(pilot, "y")
            assert did(engine, "roll back") == [CHANGE.id]
            assert "Undone" in screen(wizard)
            assert len(did(engine, "load")) == loads + 1
            assert wizard.changes == ((replace(CHANGE, state="undone"), None),)

    asyncio.run(go())


def test_the_question_whether_to_undo_shows_the_lines_first() -> None:
    class Secret(FakeEngine):
        def restoring(self, change: Change) -> tuple[bytes, dict[str, bytes]]:
            now = SITE + b"SetEnv DB_PASSWORD hunter2\n"
            return between(FILE, now, SITE.replace(b" Off", b" On")), {FILE: now}

    async def go() -> None:
        wizard = app(Secret())
        async with opened(wizard) as pilot:
            wizard.undo(CHANGE)
            await settle(pilot)
            shown = screen(wizard)
            assert "app.conf, line 7" in shown
            assert "7  - ProxyPreserveHost Off" in shown
            assert "7  + ProxyPreserveHost On" in shown
            assert "- SetEnv DB_PASSWORD ***" in shown
            assert "hunter2" not in shown
            assert shown.index("ProxyPreserveHost On") < shown.index("it repaired")
            assert "\ndiff --git" not in shown
            assert "@@" not in shown

    asyncio.run(go())


def test_the_question_whether_to_undo_does_not_follow_into_another_configuration() -> None:
    class Reads(FakeEngine):
        def __init__(self) -> None:
            super().__init__()
            self.read = threading.Event()

        def restoring(self, change: Change) -> tuple[bytes, dict[str, bytes]]:
            assert self.read.wait(MOMENT)
            return b"", {}

    async def go() -> None:
        engine = Reads()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.undo(CHANGE)
            wizard.read_again(path=OTHER)
            engine.read.set()
            await settle(pilot)
            assert not isinstance(wizard.screen, ConfirmDialogue)
            wizard.undo(CHANGE)
            wizard.undo(CHANGE)
            await settle(pilot)
            assert isinstance(wizard.screen, ConfirmDialogue)
            await press(pilot, "n")
            assert not isinstance(wizard.screen, ConfirmDialogue)
            assert did(engine, "roll back") == []

    asyncio.run(go())


@pytest.mark.parametrize(
    ("key", "done", "state", "word"),
    [("u", "roll back", "undone", "Undone"), ("f", "finish", "applied", "Applied")],
)
def test_an_interrupted_change_is_settled_and_that_is_shown(
    key: str, done: str, state: str, word: str
) -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.unfinished = replace(CHANGE, state="applying")
        engine.made.append(engine.unfinished)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            assert isinstance(wizard.screen, InterruptedDialogue)
            await press(pilot, key)
            assert did(engine, done) == [CHANGE.id]
            assert [change.state for change, _ in wizard.changes] == [state]
            assert wizard.session.done is not None
            assert wizard.session.done.route == wizard.session.current
            assert word in wizard.session.done.ended.text.plain
            assert "No httpd runs" not in screen(wizard)
            assert text(wizard, DONE)

    asyncio.run(go())


def test_a_change_that_is_settled_before_the_configuration_was_read_is_told_as_well() -> None:
    class Reads(FakeEngine):
        def __init__(self) -> None:
            super().__init__()
            self.read = threading.Event()
            self.unfinished = replace(CHANGE, state="applying")

        def load(self, seen: Any = None) -> Any:
            assert self.read.wait(MOMENT)
            return super().load(seen)

    async def go() -> None:
        engine = Reads()
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, lambda: isinstance(wizard.screen, InterruptedDialogue))
            wizard.simulate_key("u")
            await until(pilot, lambda: wizard.session.done is not None)
            engine.read.set()
            await settle(pilot)
            assert "Undone" in screen(wizard)

    asyncio.run(go())


def test_a_journal_that_was_read_again_meanwhile_is_not_overwritten_by_the_old_one() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            wizard.read_changes()
            await settle(pilot)
            wizard._have_changes(object(), ((CHANGE, None),), "")
            assert wizard.changes == ()

    asyncio.run(go())
