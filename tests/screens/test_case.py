"""The case: everything from load to proof on one screen, and two keys to the change."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from screens.app import WizardApp
from screens.decisions import Decisions
from screens.texts.case import LOOKING
from tests.cli.samples import ROUTE
from tests.screens.asking import MOMENT, focused, opened, press, running, screen, settle, until
from tests.screens.fake import NO_CA, PLAN, ROOT, FakeEngine, app
from wizard.model.config import Configuration, Route
from wizard.model.diagnosis import Case, Diagnosis, Report
from wizard.model.plan import Authorities, Condition, FixChoice, FixPlan, Repair
from wizard.model.rehearsal import Rehearsal
from wizard.wording import condition

SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]
DIGITS = ":".join(["CD"] * 32)


def names(engine: FakeEngine) -> list[str]:
    """What the engine was asked, in order."""
    return [name for name, _ in engine.asked]


def top(wizard: WizardApp) -> str:
    """The class of the screen in view."""
    return type(wizard.screen).__name__


@pytest.mark.parametrize("size", SIZES)
def test_nothing_pressed_yet(size: tuple[int, int]) -> None:
    """Verdict, connection, change and proof are in view."""

    async def go() -> None:
        wizard = app()
        async with opened(wizard, size):
            shown = screen(wizard)
            assert "The browser gets 500." in shown
            assert "httpd ── https ──✗ backend.internal:8443" in shown
            assert "DNS ✓" in shown
            assert "+ " in shown
            assert "SSLProxyCACertificateFile" in shown
            assert "200 from the backend" in shown
            assert "a Apply…" in shown
            assert "1/2" in shown

    asyncio.run(go())


def test_two_keys_from_open_to_written() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            assert "deploy" not in names(engine)
            await press(pilot, "a")
            assert "deploy" not in names(engine), "a only asks"
            await press(pilot, "y")
            assert names(engine).count("deploy") == 1
            shown = screen(wizard)
            assert "Repaired. The running server answers 200 (was 500)." in shown
            assert "written" in shown
            assert engine.made[0].id in shown

    asyncio.run(go())


@pytest.mark.parametrize("answer", ["n", "escape", "enter"])
def test_only_y_writes(answer: str) -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "a", answer)
            assert "deploy" not in names(engine)
            assert top(wizard) == "CaseScreen"

    asyncio.run(go())


def test_y_and_n_mean_nothing_outside_a_question() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            for step in ("0", "1", "2", "3", "4", "5"):
                await press(pilot, step)
                before = screen(wizard), list(engine.asked)
                await press(pilot, "y", "n")
                assert (screen(wizard), list(engine.asked)) == before, step

    asyncio.run(go())


class Slow(FakeEngine):
    """Whose rehearsal waits."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        assert self.go_on.wait(60)
        return super().rehearse(repair, asked)


def test_a_key_that_came_before_the_rehearsal_asks_after_it() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, lambda: "rehearsal" in wizard.session.stops)
            wizard.simulate_key("a")
            await until(pilot, lambda: wizard.session.is_wanted)
            assert top(wizard) == "CaseScreen"
            engine.go_on.set()
            await until(pilot, lambda: top(wizard) != "CaseScreen")
            assert "deploy" not in names(engine)

    asyncio.run(go())


def test_escape_takes_back_a_key_that_came_too_soon() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, lambda: "rehearsal" in wizard.session.stops)
            wizard.simulate_key("a")
            await until(pilot, lambda: wizard.session.is_wanted)
            wizard.simulate_key("escape")
            await until(pilot, lambda: not wizard.session.is_wanted)
            engine.go_on.set()
            await settle(pilot)
            assert top(wizard) == "CaseScreen"

    asyncio.run(go())


class ThreeFaults(FakeEngine):
    """Every route but the second fails."""

    def __init__(self) -> None:
        super().__init__(4)

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        return super().diagnosis(route, 1 if index == 1 else 0)

    def repair(self, choice: FixChoice) -> Repair:
        made = super().repair(choice)
        target = self.scope.target
        assert target is not None
        found = self.diagnosis(target, 0)
        before = Report(self.configuration, (found,), 0.5)
        resolved = tuple(replace(one, route=target.id) for one in made.plan.resolved)
        return Repair(before, replace(made.plan, resolved=resolved), before)

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        assert asked is not None
        return tuple(replace(one, route=asked.id) for one in super().rehearse(repair, asked))


def test_the_worst_first_and_the_next_fault_after_a_change() -> None:
    async def go() -> None:
        engine = ThreeFaults()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            ids = [route.id for route in wizard.session.routes]
            assert wizard.session.current == ids[0]
            await press(pilot, "down")
            assert wizard.session.current == ids[2], "the next fault, not the next line"
            await press(pilot, "down", "down")
            assert wizard.session.current == ids[1], "what works comes last"
            assert "Nothing is wrong here" in screen(wizard)
            await press(pilot, "up", "up", "up")
            await press(pilot, "a", "y")
            shown = screen(wizard)
            assert "more routes of this configuration fail" in shown
            assert "Next fault" in shown
            await press(pilot, "enter")
            assert wizard.session.current == ids[2]
            assert wizard.session.done is None
            assert "a Apply…" in screen(wizard)

    asyncio.run(go())


def test_an_exception_does_not_stick_to_the_next_route_or_configuration() -> None:
    async def go() -> None:
        engine = ThreeFaults()
        wizard = app(engine)

        def policies() -> list[str]:
            return [what.policy for name, what in engine.asked if name == "repair"]

        async with opened(wizard) as pilot:
            wizard.decide(Decisions("temporary", until="2030-01-01"))
            await settle(pilot)
            assert policies()[-1] == "temporary"
            await press(pilot, "down")
            assert policies()[-1] == "production"
            assert wizard.session.decisions == Decisions()
            wizard.decide(Decisions("temporary", until="2030-01-01"))
            await settle(pilot)
            wizard.read_again(path="/etc/httpd")
            await settle(pilot)
            assert policies()[-1] == "production"
            assert wizard.session.decisions == Decisions()

    asyncio.run(go())


class WithoutCa(FakeEngine):
    """That plans once it is told which CA to trust."""

    def __init__(self) -> None:
        super().__init__(plan=NO_CA)

    def repair(self, choice: FixChoice) -> Repair:
        self.plan: FixPlan = PLAN if choice.ca_files or choice.accept_fingerprint else NO_CA
        return super().repair(choice)

    @property
    def choice(self) -> FixChoice:
        """The last one that a plan was asked for."""
        found = [value for name, value in self.asked if name == "repair"][-1]
        assert isinstance(found, FixChoice)
        return found


class Looks(WithoutCa):
    """Looks for CAs on this machine until the test lets it find them."""

    def __init__(self) -> None:
        super().__init__()
        self.found = threading.Event()

    def authorities(self, case: Case, configuration: Configuration) -> Authorities:
        assert self.found.wait(MOMENT)
        return super().authorities(case, configuration)


def test_enter_takes_no_answer_that_is_still_looked_for() -> None:
    async def go() -> None:
        engine = Looks()
        wizard = app(engine)

        told: list[str] = []  # a notice goes after a moment

        def notify(message: str, **_: object) -> None:
            told.append(message)

        wizard.notify = notify  # type: ignore[method-assign]  # what is told is all that matters

        async with running(wizard) as pilot:
            try:
                await until(pilot, lambda: "Looking for it on this machine" in screen(wizard))
                wizard.simulate_key("enter")
                await until(pilot, lambda: told == [LOOKING])
                assert "Enter Trust it" not in screen(wizard)
                engine.found.set()
                await until(pilot, lambda: "Enter Trust it" in screen(wizard))
                assert "One question" in screen(wizard)
                assert not wizard.session.decisions.ca_file
                # an answer to this question is none to one that comes
                engine.found.clear()
                wizard.session.authorities = None
                wizard.search()
                wizard.refresh_step()
                await until(pilot, lambda: "Looking for it on this machine" in screen(wizard))
                wizard.simulate_key("enter")
                await until(
                    pilot, lambda: told == [LOOKING] * 2 or bool(wizard.session.decisions.ca_file)
                )
                assert not wizard.session.decisions.ca_file
            finally:
                engine.found.set()
            await settle(pilot)
            await press(pilot, "enter")
            assert wizard.session.decisions.ca_file

    asyncio.run(go())


def test_a_missing_decision_is_one_question_whose_best_answer_is_marked() -> None:
    async def go() -> None:
        engine = WithoutCa()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            shown = screen(wizard)
            assert "One question: which file holds Corp Root?" in shown
            assert "a Apply…" not in shown
            assert focused(wizard) == "answers"
            await press(pilot, "enter")
            assert engine.choice.ca_files == ("/usr/local/share/ca-certificates/corp.crt",)
            assert "One question" not in screen(wizard)
            assert "200 from the backend" in screen(wizard)
            await press(pilot, "a", "y")
            assert "Repaired" in screen(wizard)

    asyncio.run(go())


async def answer(pilot: Pilot[Any], kind: str) -> None:
    """Mark an answer, and take it."""
    from screens.widgets.question import Question

    question = pilot.app.screen.query_one(Question)
    kinds = [one.kind for one in question._answers]
    pilot.app.screen.query_one("#answers", OptionList).highlighted = kinds.index(kind)  # type: ignore[arg-type]  # a kind of the test's
    await press(pilot, "enter")


def test_a_ca_that_would_not_help_is_not_taken() -> None:
    async def go() -> None:
        engine = WithoutCa()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await answer(pilot, "refused")
            assert any("go on refusing" in one.message for one in wizard._notifications)
            assert wizard.session.decisions == Decisions()
            assert "One question" in screen(wizard)

    asyncio.run(go())


def test_a_fingerprint_counts_when_its_owner_told_it() -> None:
    async def go() -> None:
        engine = WithoutCa()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await answer(pilot, "fingerprint")
            assert top(wizard) == "FingerprintDialogue"
            field = wizard.screen.query_one("#fingerprint", Input)
            field.value = "ab" * 32
            await press(pilot, "enter")
            assert "mistyped" in screen(wizard)
            field.value = DIGITS
            await press(pilot, "enter")
            assert engine.choice.accept_fingerprint == DIGITS

    asyncio.run(go())


def test_a_fingerprint_copied_from_the_screen_confirms_nothing() -> None:
    async def go() -> None:
        engine = WithoutCa()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            wizard.copy_to_clipboard(
                f"the backend shows\nSHA-256 {DIGITS[:48]}\n        {DIGITS[48:]}"
            )
            await answer(pilot, "fingerprint")
            wizard.screen.query_one("#fingerprint", Input).value = DIGITS
            await press(pilot, "enter")
            assert top(wizard) == "FingerprintDialogue"
            assert "copied from this screen" in screen(wizard)
            await press(pilot, "escape")
            assert engine.choice.accept_fingerprint is None

    asyncio.run(go())


class ShowsNoCa(WithoutCa):
    """Whose backend sends its own certificate alone."""

    def __init__(self) -> None:
        super().__init__()
        tls = self.probe.tls
        assert tls is not None
        self.probe = replace(self.probe, tls=replace(tls, chain=tls.chain[:1]))


def test_no_fingerprint_is_asked_for_where_the_backend_shows_no_ca() -> None:
    async def go() -> None:
        wizard = app(ShowsNoCa())
        async with opened(wizard):
            assert "fingerprint with" not in screen(wizard)
            assert "One question" in screen(wizard)

    asyncio.run(go())


def test_nobody_gives_a_ca_so_its_owner_gets_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def go() -> None:
        engine = WithoutCa()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await answer(pilot, "owner")
            shown = screen(wizard)
            assert "owner" in shown
            assert "s saves it, c copies it" in shown
            await press(pilot, "s", "enter")
            saved = (tmp_path / "for-the-owner.txt").read_text()
            assert saved.startswith("Route    app.example.com /\nBackend  https://backend.internal")
            assert not list(tmp_path.glob("*.patch")), "nothing that is no patch is saved as one"
            await press(pilot, "escape")
            assert "One question" in screen(wizard)

    asyncio.run(go())


def test_the_patch_is_saved_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "s", "enter")
            assert (tmp_path / "proxy-wizard.patch").read_bytes() == wizard.session.patch

    asyncio.run(go())


class Unasked(FakeEngine):
    """That was told to ask no backend."""

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        **options: Any,
    ) -> Report:
        report = super().diagnose(configuration, routes, **options)
        if self.scope.probe:
            return report
        silent = tuple(
            replace(one, case=replace(one.case, probe=None),
                    verdict=replace(one.verdict, outcome="unknown", stage=None, status=None),
                    findings=())
            for one in report.diagnoses
        )  # fmt: skip
        return replace(report, diagnoses=silent)


def test_no_backend_is_asked_before_the_operator_wants_it() -> None:
    async def go() -> None:
        engine = Unasked()
        wizard = app(engine)
        wizard.session.scope = replace(wizard.session.scope, probe=False)
        async with opened(wizard) as pilot:
            assert "repair" not in names(engine), "a plan would ask"
            assert "Ask the backend" in screen(wizard)
            await press(pilot, "enter")
            assert "repair" in names(engine)
            assert "200 from the backend" in screen(wizard)

    asyncio.run(go())


def test_step_by_step_nothing_runs_before_its_step_is_opened() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = WizardApp(app().session.scope, encoding="utf-8", engine=engine, step_by_step=True)
        wizard.animation_level = "none"
        async with opened(wizard) as pilot:
            assert top(wizard) == "LoadScreen"
            assert names(engine) == ["load"]
            await press(pilot, "2")
            assert names(engine)[1:] == ["diagnose"]
            await press(pilot, "3")
            assert "repair" not in names(engine)
            await press(pilot, "4")
            assert "repair" in names(engine)
            assert "rehearse" not in names(engine)
            await press(pilot, "5")
            assert "rehearse" in names(engine)

    asyncio.run(go())


def test_undo_brings_the_old_state_back_and_asks_again() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            engine.asked.clear()
            await press(pilot, "u")
            assert "roll back" not in names(engine), "u asks first"
            await press(pilot, "y")
            assert "roll back" in names(engine)
            assert "diagnose" in names(engine), "asked again by itself"
            assert "Undone" in screen(wizard)

    asyncio.run(go())


def test_what_belongs_to_a_configuration_goes_with_it() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "a", "y")
            assert wizard.session.done is not None
            wizard.read_again(path="/etc/httpd")
            await settle(pilot)
            assert wizard.session.done is None
            assert "Repaired" not in screen(wizard)

    asyncio.run(go())


def test_the_fingerprint_of_the_fake_is_that_of_its_root() -> None:
    assert ROOT.sha256 == DIGITS.replace(":", "").lower()


def test_what_has_to_be_so_first_is_said_with_its_command() -> None:
    leads = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))

    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, conditions=(leads,)))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            shown = screen(wizard)
            assert "First, on this machine" in shown
            assert condition.command(leads) in shown
            await press(pilot, "a")
            assert top(wizard) == "CaseScreen"
            assert any("until the name leads" in one.message for one in wizard._notifications)
            before = names(engine).count("load")
            await press(pilot, "r")
            assert names(engine).count("load") == before + 1

    asyncio.run(go())
