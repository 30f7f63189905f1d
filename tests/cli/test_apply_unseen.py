"""Nobody looks on: what is told cannot be written, and the change is whole all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import command
from tests.support.site import REQUIRE, Site
from wizard.change.journal import Store


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


GONE = {
    "2>/dev/full": 0,
    "2>&-": 0,
    "<&- 2>&1 >/dev/null | true": 0,  # of a reader that reads nothing
    ">/dev/full": 3,
    ">&-": 0,
    "| true": 141,
    ">/dev/full 2>&1": 3,
    ">&- 2>&-": 0,
}


@pytest.mark.parametrize("where", GONE)
def test_a_change_is_whole_although_nobody_hears_of_it(site: Site, where: str) -> None:
    words = " ".join([*command.WIZARD, "apply", str(site.main), "--yes", *site.ca])
    with site.running():
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; sleep 0.2; {words} {where}"],
            env=site.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        changes = Store(site.directory / "state").changes()
        assert [change.state for change in changes] == ["applied"], done
        assert done.returncode == GONE[where], done
        assert "Traceback" not in done.stderr
        assert "fault of proxy-wizard" not in done.stderr
        if where in (">/dev/full", "| true"):
            assert f"The change {changes[0].id} is applied" in done.stderr
        assert site.answer() == 200
        undone = subprocess.run(
            ["bash", "-c", f"{' '.join(command.WIZARD)} rollback {where}"],
            env=site.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert Store(site.directory / "state").changes()[0].state == "undone", undone
        assert "Traceback" not in undone.stderr
        assert site.answer() == 500


RAISING = """
import sys
from wizard.cli import outcome
from wizard.cli.main import main

def step(reached):
    if sys.argv[2] in (reached, "each"):
        raise {"OSError": OSError(5, "Input/output error"), "RuntimeError": RuntimeError("gone"),
               "KeyboardInterrupt": KeyboardInterrupt(), "SystemExit": SystemExit(143)}[sys.argv[1]]

outcome.step = step
raise SystemExit(main(sys.argv[3:]))
"""
"""A command whose display fails at a step."""


STEPS = ("start", "write", "test", "reload", "look", "each")
FAULTS = [
    *(("OSError", 0, step) for step in STEPS),
    ("RuntimeError", 0, "each"),
    *(("KeyboardInterrupt", 130, step) for step in ("test", "look")),
    ("SystemExit", 143, "reload"),
]


@pytest.mark.parametrize(("kind", "code", "step"), FAULTS)
def test_who_looks_on_can_undo_nothing(site: Site, kind: str, code: int, step: str) -> None:
    apply = ("apply", str(site.main), "--yes", *site.ca)
    with site.running():
        done = subprocess.run(
            [sys.executable, "-c", RAISING, kind, step, *apply],
            env=site.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        changes = Store(site.directory / "state").changes()
        assert [change.state for change in changes] == ["applied"]
        assert site.answer() == 200
        if code == 0:
            assert done.stdout.strip() == changes[0].id
            assert "The steps could not all be shown: " in done.stderr


@pytest.mark.parametrize("step", ["start", "write"])
def test_who_ends_the_command_before_it_writes_ends_it(site: Site, step: str) -> None:
    old = site.vhost.read_bytes()
    apply = ("apply", str(site.main), "--yes", *site.ca)
    with site.running():
        done = subprocess.run(
            [sys.executable, "-c", RAISING, "KeyboardInterrupt", step, *apply],
            env=site.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert site.vhost.read_bytes() == old
    assert Store(site.directory / "state").unfinished() is None
