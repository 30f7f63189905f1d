"""Step 3: the cause on one page, what it rests on folded, a log of the operator's beside it."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from screens.app import WizardApp
from screens.widgets.folds import Folds, Labelled
from screens.widgets.log_box import MOST
from tests.screens.asking import focused, opened, press, screen, settle, text, until
from tests.screens.fake import CAUSE, WEAK, FakeEngine, app
from wizard.model.config import Route
from wizard.model.diagnosis import Diagnosis
from wizard.model.scope import Scope

SIZES = ((60, 20), (120, 40))
LINE = (
    "[Tue Nov 24 06:42:20 2026] [ssl:info] [pid 8:tid 1] AH02411: SSL Proxy: Peer certificate does "
    "not match for hostname 192.0.2.1"
)


def part(wizard: WizardApp, name: str) -> str:
    """What a part of the page says."""
    return wizard.screen.query_one(f"#diagnose-{name}", Labelled).text.plain


def words(wizard: WizardApp) -> str:
    """The screen without the places where lines are folded."""
    return " ".join(screen(wizard).replace("│", " ").split())


def unfolded(wizard: WizardApp) -> str:
    """All that is unfolded."""
    bodies = wizard.screen.query(".fold-body").results(Static)
    return "\n".join(str(body.render()) for body in bodies if body.display)


def marked(wizard: WizardApp) -> str:
    """The line before which the mark stands."""
    return next(line for line in screen(wizard).splitlines() if "› " in line).strip("│ ")


def enter(wizard: WizardApp) -> str | None:
    """What the footer says of Enter."""
    label: str | None = wizard.screen.key_label("diagnose.enter")  # type: ignore[attr-defined]
    return label


async def until_focused(pilot: Pilot[None], name: str) -> None:
    await until(pilot, lambda: focused(pilot.app) == name)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_the_page_at_every_size(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "3")
            assert part(wizard, "cause") == f"{CAUSE.title}\n{CAUSE.slug}"
            assert part(wizard, "happens") == f"The browser gets 500. {CAUSE.why}"
            assert part(wizard, "seen") == "SSLProxyVerify require"
            assert part(wizard, "wrong").startswith("SSLProxyVerify none: ")
            assert "applies the change of step 4" in part(wizard, "helps")
            assert CAUSE.slug in screen(wizard)
            assert focused(wizard) == "diagnosis"
            if enter(wizard) == "More":  # what unfolds is below what is seen
                await press(pilot, "enter")
            assert marked(wizard).startswith("› ▸ info")
            assert enter(wizard) == "Unfold"
            is_wide = size[0] >= 100
            assert ("httpd's log ──" in screen(wizard)) is is_wide
            assert ("what httpd writes to its error log" in words(wizard).lower()) is is_wide
            assert ("2 of 2 asked" in screen(wizard) or "1 of 2 fails" in screen(wizard)) is (
                size[0] >= 160
            )

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_lines_unfold_and_fold(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "3")
            if enter(wizard) == "More":
                await press(pilot, "enter")
            assert WEAK.explanation not in unfolded(wizard)
            await press(pilot, "enter")
            assert marked(wizard).startswith("› ▾ info")
            assert enter(wizard) == "Fold"
            assert WEAK.explanation in unfolded(wizard)
            wizard.refresh_step()
            await settle(pilot)
            assert WEAK.explanation in unfolded(wizard)  # redrawing folds nothing
            await press(pilot, "enter")
            assert enter(wizard) == "Unfold"
            assert WEAK.title in words(wizard)
            assert WEAK.explanation not in unfolded(wizard)
            for _ in range(40):
                if "of evidence" in marked(wizard):
                    break
                await press(pilot, "down")
            assert marked(wizard).startswith("› ▸ 2 lines of evidence")
            await press(pilot, "enter")
            assert CAUSE.explanation in unfolded(wizard)
            assert CAUSE.evidence[1] in unfolded(wizard)
            wizard.choose(wizard.session.routes[1].id)
            wizard.choose(wizard.session.routes[0].id)
            await settle(pilot)
            assert CAUSE.evidence[1] not in unfolded(wizard)  # another route begins folded

    asyncio.run(go())


def test_arrows_scroll_through_what_is_longer_than_the_screen() -> None:
    class Long(FakeEngine):
        def diagnosis(self, route: Route, index: int) -> Diagnosis:
            found = super().diagnosis(route, index)
            lines = tuple(f"line {number} of it" for number in range(30))
            return replace(found, findings=(replace(CAUSE, evidence=lines), WEAK))

    async def go() -> None:
        wizard = app(Long())
        async with opened(wizard) as pilot:
            await press(pilot, "3")
            while "of evidence" not in marked(wizard):
                await press(pilot, "down")
            await press(pilot, "enter")
            assert "line 29 of it" not in screen(wizard)
            seen = set()
            for _ in range(20):
                seen |= {int(n) for n in re.findall(r"line (\d+) of it", screen(wizard))}
                await press(pilot, "down")
            assert seen == set(range(30))  # none is jumped over
            assert "explain a log" in marked(wizard)
            await press(pilot, "pageup")
            assert "› " not in screen(wizard)
            assert enter(wizard) == "More"
            await press(pilot, "enter")
            assert "explain a log" in marked(wizard)
            assert wizard.current_mode == "diagnose"

    asyncio.run(go())


def test_the_keys_of_the_page() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "3", "4")
            assert wizard.current_mode == "fix"
            await press(pilot, "3", "r")
            await until(pilot, lambda: wizard.session.repair is not None)
            assert [what for what, _ in wizard.engine.asked].count("load") == 2  # type: ignore[attr-defined]
            await settle(pilot)
            await press(pilot, "a")
            assert isinstance(wizard.screen, ModalScreen)  # the question before writing
            await press(pilot, "escape")
            assert not wizard.engine.made  # type: ignore[attr-defined]
            await press(pilot, "escape")
            assert wizard.current_mode == "case"

    asyncio.run(go())


def test_the_full_page_is_of_the_cause_or_of_the_marked_finding() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "enter", "m")
            await until(pilot, lambda: "Why it matters" in screen(wizard))
            assert WEAK.slug in screen(wizard)
            assert "#" not in screen(wizard)  # drawn, not as it is written
            await press(pilot, "c")
            assert "## Wrong fixes" in wizard.clipboard
            assert "proxy-wizard" not in wizard.clipboard
            await press(pilot, "escape", "enter", "m")
            await until(pilot, lambda: type(wizard.screen).__name__ == "PageDialogue")
            assert CAUSE.slug in text(wizard, ".title")
            await press(pilot, "y", "q")  # keys of a question, and of the end: none of a page
            assert type(wizard.screen).__name__ == "PageDialogue"
            await press(pilot, "escape")
            assert wizard.current_mode == "diagnose"

    asyncio.run(go())


def test_nothing_is_wrong() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            wizard.choose(wizard.session.routes[1].id)
            await press(pilot, "3")
            assert part(wizard, "cause") == "Nothing is wrong here."
            assert "Checked: the configuration" in words(wizard)
            assert "m" not in wizard.screen.active_bindings  # of nothing there is no page
            wizard.screen.query_one(Folds).move(1)
            assert enter(wizard) in ("Fix", "Paste log")

    asyncio.run(go())


def test_without_anything_to_unfold_enter_goes_on() -> None:
    class Silent(FakeEngine):
        def diagnosis(self, route: Route, index: int) -> Diagnosis:
            found = super().diagnosis(route, index)
            return replace(found, findings=(), verdict=replace(found.verdict, log=()))

    async def go() -> None:
        wizard = app(Silent())
        async with opened(wizard) as pilot:
            await press(pilot, "3")
            assert part(wizard, "cause") == "No finding explains it."
            assert enter(wizard) == "Fix"
            await press(pilot, "enter")
            assert wizard.current_mode == "fix"

    asyncio.run(go())


def test_who_was_not_asked_says_so_and_two_keys_ask() -> None:
    async def go(key: str) -> None:
        engine = FakeEngine()
        wizard = WizardApp(Scope("/etc/apache2", probe=False), engine=engine, encoding="utf-8")
        wizard.animation_level = "none"
        async with opened(wizard) as pilot:
            wizard.session.diagnoses.clear()
            await press(pilot, "3")
            wizard.session.diagnoses.clear()
            wizard.session.probe_error = "Cancelled. r asks the backend again."
            wizard.show_step()
            await settle(pilot)
            assert part(wizard, "cause") == "Cancelled. r asks the backend again."
            assert enter(wizard) == "Ask the backend"
            await press(pilot, key)
            assert part(wizard, "cause").startswith(CAUSE.title)

    for key in ("r", "enter"):
        asyncio.run(go(key))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_a_log_file(size: tuple[int, int], tmp_path: Path) -> None:
    log = tmp_path / "error.log"
    log.write_text("[proxy:error] AH00898: Error during SSL Handshake with remote server\n")

    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "3", "l")
            await until_focused(pilot, "path")
            wizard.screen.query_one("#path", Input).value = str(log)
            await press(pilot, "enter")
            await until_focused(pilot, "explained-pane")
            await until(pilot, lambda: "Reading" not in text(wizard, "#explained"))
            assert "error.log" in screen(wizard)
            page = wizard.screen.query_one("#diagnosis")
            assert page.display is (size[0] >= 100)  # the page stays beside it
            assert not wizard.screen.query_one("#paste").display
            await press(pilot, "pagedown")
            told = text(wizard, "#explained").strip()
            assert told in wizard.screen.readable()[1]  # type: ignore[attr-defined]
            await press(pilot, "escape")
            assert wizard.current_mode == "diagnose"
            assert focused(wizard) == "diagnosis"
            assert page.display
            assert CAUSE.slug in words(wizard), screen(wizard)
            assert len(told) > 40
            assert told not in wizard.screen.readable()[1]  # type: ignore[attr-defined]
            await press(pilot, "escape")
            assert wizard.current_mode == "case"

    asyncio.run(go())


def test_another_configuration_begins_with_its_own_page() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "e")
            await until_focused(pilot, "paste")
            await press(pilot, "escape", "o")
            await until_focused(pilot, "path")
            wizard.screen.query_one("#path", Input).value = "/srv/other"
            await press(pilot, "enter")
            await until(pilot, lambda: wizard.session.scope.path == "/srv/other")
            await settle(pilot)
            assert wizard.screen.query_one("#diagnosis").display
            assert not wizard.screen.query_one("#diagnose-explain").display
            assert part(wizard, "cause").startswith(CAUSE.title)

    asyncio.run(go())


def test_a_log_that_cannot_be_read_says_why() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "l")
            await until_focused(pilot, "path")
            wizard.screen.query_one("#path", Input).value = "/no/such/file"
            await press(pilot, "enter")
            await until(pilot, lambda: "/no/such/file" in text(wizard, "#explained"))
            await until(pilot, lambda: "Reading" not in text(wizard, "#explained"))

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_a_pasted_log(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "3", "e")
            await until_focused(pilot, "paste")
            await pilot.press(*"2qn5 ?")
            area = wizard.screen.query_one("#paste", TextArea)
            assert area.text == "2qn5 ?"  # keys are text in a field
            assert wizard.current_mode == "diagnose"
            area.text = "AH02276: Certificate Verification: Error (20): unable to get local issuer"
            await settle(pilot)
            assert "ca-not-trusted  (also found here by probing)" in text(wizard, "#explained")
            assert wizard.screen.key_label("step.back") == "Leave field"  # type: ignore[attr-defined]
            await press(pilot, "escape")
            assert focused(wizard) == "explained-pane"  # to read what was explained
            await press(pilot, "escape")
            assert focused(wizard) == "diagnosis"
            assert wizard.current_mode == "diagnose"

    asyncio.run(go())


def test_enter_on_the_line_opens_the_field() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3")
            while "explain a log" not in marked(wizard):
                await press(pilot, "down")
            assert enter(wizard) == "Paste log"
            await press(pilot, "enter")
            await until_focused(pilot, "paste")

    asyncio.run(go())


def test_a_long_log_is_taken_up_to_a_bound() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "e")
            await until_focused(pilot, "paste")
            long = f"{LINE}\n" * (300 * 1024 // (len(LINE) + 1))
            wizard.post_message(events.Paste(long))
            await until(pilot, lambda: "256 KiB were taken" in text(wizard, "#explained"))
            assert len(wizard.screen.query_one("#paste", TextArea).text) <= MOST
            assert "name-mismatch" in text(wizard, "#explained")

    asyncio.run(go())


def test_hostile_lines_are_shown_harmlessly(tmp_path: Path) -> None:
    evil = (
        f"{LINE} \x1b[31m\x1b]0;pwned\x07\u202e[bold]x[/bold][/][@click=app.quit]q[/]\x9b2J\udcff"
    )
    log = tmp_path / "error.log"
    log.write_bytes(evil.encode("utf-8", "surrogateescape"))

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "e")
            await until_focused(pilot, "paste")
            wizard.screen.query_one("#paste", TextArea).text = evil
            await until(pilot, lambda: "[bold]x[/bold][/]" in text(wizard, "#explained"))
            harmless(wizard)
            await press(pilot, "escape", "escape", "l")
            await until_focused(pilot, "path")
            wizard.screen.query_one("#path", Input).value = str(log)
            await press(pilot, "enter")
            await until(pilot, lambda: "[@click=app.quit]" in text(wizard, "#explained"))
            harmless(wizard)

    def harmless(wizard: WizardApp) -> None:
        told = wizard.screen.readable()[1]  # type: ignore[attr-defined]
        for char in (screen(wizard) + told).replace("\n", ""):
            assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"), repr(char)

    asyncio.run(go())


def test_what_is_copied_and_saved_is_all_of_it() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "3", "c")
            said = wizard.clipboard
            assert said.startswith("FAIL  app.example.com / -> https://")
            assert "browser gets 500" in said
            for finding in (CAUSE, WEAK):
                for told in (finding.slug, finding.title, finding.explanation, *finding.evidence):
                    assert told in said
            assert f"--> {CAUSE.place}" in said
            assert "What httpd writes to its error log" in said

    asyncio.run(go())
