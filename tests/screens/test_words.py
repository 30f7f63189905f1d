"""What the screens say: no command of this program, no option, no key that leads to a key."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from screens.demo import DemoApp
from tests.screens.asking import opened, press, run, screen
from wizard.demo.lab import Lab

OWN = re.compile(
    r"(?<![\w-])--[a-z][\w-]+"
    r"|(?:proxy-wizard |`)(?:check|fix|prove|apply|rollback|rules|explain)\b"
    r"|[Pp]ress [0-9]|\d{4}-\d\d-\d\dT\d\d:"
)
OTHERS = re.compile(r"openssl|curl|diff --git|patch -p1|httpd |systemctl")
"""Lines of commands of other programs, and of a patch."""
LESSONS = ("internal-ca", "expired", "dead-at-start")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running, running.names():
        yield running


def said(app: DemoApp) -> str:
    """The screen, and what it would save."""
    step = app.step
    return "\n".join((screen(app), step.readable()[1] if step is not None else ""))


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_screen_names_commands_or_options(lab: Lab, lesson: str) -> None:
    async def go() -> None:
        app = DemoApp(lab, lesson, encoding="utf-8")
        found = []
        async with opened(app, (120, 60)) as pilot:
            await press(pilot, "enter")
            for key in ("0", "1", "2", "v", "v", "v", "3", "4", "5", "question_mark"):
                await press(pilot, key)
                found += [(key, line.strip()) for line in said(app).splitlines()
                          if OWN.search(line) and not OTHERS.search(line)]  # fmt: skip
        assert found == []

    run(go)


def test_a_certificates_dates_are_in_local_time(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        app = DemoApp(lab, "expired", encoding="utf-8")
        async with opened(app, (120, 60)) as pilot:
            await press(pilot, "enter", "3")
            shown = said(app)
            assert re.search(r"valid until \d{4}-\d\d-\d\d \d\d:\d\d \+0545", shown)
            assert " UTC" not in shown

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        run(go)
    finally:
        monkeypatch.undo()
        time.tzset()
