"""Text from outside is shown harmlessly: certificates, configuration, logs, names of files."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import DirectoryTree, Input, TextArea

from screens.texts.pieces import styled
from tests.cli.samples import FINDING
from tests.screens.asking import opened, press, screen, settle
from tests.screens.fake import LEAF, PROBED, REHEARSAL, SITE, FakeEngine, app
from wizard.errors import WizardError
from wizard.model.config import Problem, Route, SourceFile
from wizard.model.diagnosis import Diagnosis
from wizard.wording import rehearsal as wording

EVIL = "E\x1b[31m\x1b]0;pwned\x07\u202e[bold]x[/bold][/][@click=app.quit]q[/]\x9b2J\r\n\tF\udcff"
LONG = EVIL + "A" * 65536


def harmless(shown: str) -> None:
    """No control character, no mark that turns the order of letters round."""
    for char in shown.replace("\n", ""):
        assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"), repr(char)


class Evil(FakeEngine):
    """Everything that comes from outside is hostile."""

    def __init__(self, evil: str) -> None:
        super().__init__()
        assert PROBED.tls is not None
        leaf = replace(LEAF, subject=f"CN={evil}", issuer=evil, dns_names=(evil,), sha256="ef" * 32)
        tls = replace(PROBED.tls, chain=(leaf,), cipher=evil, without_sni_error=evil)
        self.probe = replace(PROBED, tls=tls, notes=(evil,))
        route = self.configuration.routes[0]
        bad = replace(
            route,
            path=f"/{evil}",
            client_host=evil,
            id=replace(route.id, server_name=evil),
            vhost=replace(route.vhost, server_name=evil, aliases=(evil,)),
            backend=replace(route.backend, url=evil, host=evil, check_name=evil, host_header=evil),
        )
        name = bad.source.file
        data = SITE + evil.encode("utf-8", "surrogateescape")
        self.configuration = replace(
            self.configuration,
            root=evil,
            routes=(bad,),
            problems=(Problem(evil, 3, evil, "config", evil, hint=evil),),
            files={name: SourceFile(name, name, data)},
        )
        self._finding = replace(FINDING, title=evil, evidence=(evil,) * 3, explanation=evil)

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        found = super().diagnosis(route, index)
        line = replace(found.verdict.log[0], text=self._finding.title)
        verdict = replace(found.verdict, reason=self._finding.title, log=(line,))
        return replace(found, verdict=verdict, findings=(self._finding,) * 50)


@pytest.mark.parametrize("evil", [EVIL, LONG], ids=["short", "64 KiB"])
def test_every_step(evil: str) -> None:
    async def go() -> None:
        wizard = app(Evil(evil))
        async with opened(wizard, (100, 30)) as pilot:
            for key in "012345":
                await press(pilot, key)
                shown = screen(wizard)
                harmless(shown)
                assert "pwned" in shown or key in "45", shown
                assert wizard.step is not None
                harmless(wizard.step.readable()[1])
            await press(pilot, "2", "h")
            harmless(screen(wizard))
            await press(pilot, "escape", "p")
            harmless(screen(wizard))
            await press(pilot, "escape", "question_mark")
            harmless(screen(wizard))

    asyncio.run(go())


def test_errors_are_sentences() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.refusal = WizardError(EVIL, file=EVIL, line=3, hint=EVIL)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "4")
            shown = screen(wizard)
            assert "pwned" in shown
            harmless(shown)

    asyncio.run(go())


def test_names_of_files_and_what_is_pasted(tmp_path: Path) -> None:
    (tmp_path / "x\x1b[2J\u202e[red]y").mkdir()
    (tmp_path / "x\x07z").write_text("")

    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "o")
            wizard.screen.query_one(DirectoryTree).path = tmp_path
            wizard.screen.query_one("#path", Input).value = f"{tmp_path}/x"
            await settle(pilot)
            await pilot.pause(0.2)
            shown = screen(wizard)
            assert "red" in shown
            harmless(shown)
            await press(pilot, "escape", "2", "3", "e")
            wizard.screen.query_one(TextArea).text = EVIL
            await settle(pilot)
            harmless(screen(wizard))

    asyncio.run(go())


def test_letters_beyond_ascii_are_read_as_such() -> None:
    assert REHEARSAL.after is not None
    for logged, shown in (
        (r"CN=M\\C3\\BCller & S\\C3\\B6hne", "CN=Müller & Söhne"),
        (r"CN=M\C3\BCller", "CN=Müller"),
        (r"CN=\\FF\\FE", r"CN=\\FF\\FE"),  # no letters
        (r"CN=\\1B[2J", r"CN=\x1b[2J"),
    ):
        run = replace(REHEARSAL.after, certificates=(logged,))
        assert f"| {shown}\n" in styled(wording.run("After", run)).plain
