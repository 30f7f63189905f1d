"""The wizard where httpd answers by itself: nobody is told that a connection fails or works."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import FILE
from tests.screens.asking import opened, press, run, screen
from tests.screens.fake import CAUSE, FakeEngine, app
from wizard.model.barrier import Barrier
from wizard.model.config import Route, Source
from wizard.model.diagnosis import Diagnosis, Verdict

WORKS = Verdict("ok", status=200)
DENIED = Verdict("fail", "access", 403, reason="Require all denied lets nobody in.", behind=WORKS)
REDIRECTED = Verdict("ok", "rewrite", 301, reason="It sends every client to https.", behind=WORKS)
LINES = {
    "access": Barrier("access", 403, Source(FILE, 5), "Require all denied", everyone=True),
    "rewrite": Barrier(
        "rewrite", 301, Source(FILE, 5), "RewriteRule ^ https://app.test/ [R=301]", everyone=True
    ),
}
FINDING = replace(
    CAUSE,
    slug="access-denied",
    title="httpd lets nobody in",
    why="Require all denied counts here.",
    remedies=(),
)


class OwnAnswers(FakeEngine):
    """Its first route gets a verdict of the test's."""

    def __init__(self, verdict: Verdict, *, told: bool) -> None:
        super().__init__()
        self._verdict = verdict
        self._told = told
        first, *others = self.configuration.routes
        first = replace(first, barriers=(LINES[verdict.stage or ""],))
        self.configuration = replace(self.configuration, routes=(first, *others))

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        """See ``FakeEngine``."""
        found = super().diagnosis(route, index)
        own = Diagnosis(found.case, self._verdict, (FINDING,) if self._told else ())
        return found if index else own


def shown(verdict: Verdict, keys: str, size: tuple[int, int] = (80, 24)) -> str:
    """The screen after some keys."""
    seen = []

    async def go() -> None:
        wizard = app(OwnAnswers(verdict, told=verdict.outcome == "fail"))
        async with opened(wizard, size) as pilot:
            await press(pilot, *keys)
            seen.append(screen(wizard))

    run(go)
    return seen[0]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("verdict", "word"), [(DENIED, "Access ✗ 403"), (REDIRECTED, "Rewrite ✓ 301")]
)
def test_the_case_says_who_answers(verdict: Verdict, word: str, size: tuple[int, int]) -> None:
    text = shown(verdict, "", size)
    assert f"gets {verdict.status} from httpd itself." in text
    assert f"{word}   DNS –   TCP –   TLS –   HTTP –" in text
    assert "httpd ── https ── backend.internal:8443" in text  # neither an arrow nor a cross
    assert " 2 – " in text or "2 Probe – " in text


@pytest.mark.parametrize(
    ("verdict", "row"),
    [
        (DENIED, "✗ Access httpd itself answers 403: Require all denied"),
        (REDIRECTED, "✓ Rewrite httpd itself answers 301: RewriteRule ^ https://app.test/ [R=301]"),
    ],
)
def test_the_line_that_decides_stands_above_the_connection(verdict: Verdict, row: str) -> None:
    text = shown(verdict, "2")
    assert row in text
    assert text.index(row) < text.index("– DNS")
    assert "httpd does not get there" in text
    assert verdict.reason.removesuffix(".") in text


def test_why_is_told_of_httpd_and_not_of_the_backend() -> None:
    assert "The browser gets 403 from httpd itself. Require all denied" in shown(DENIED, "3")
    fine = shown(REDIRECTED, "3")
    assert "It sends every client to https." in fine
    assert "one HTTP request" not in fine  # nothing of the backend was checked for this answer
