"""A second command at every moment of a first one, which is stopped there and goes on, or dies."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import command
from tests.support.site import REQUIRE, Site
from tests.support.waiting import until
from wizard.change.journal import Store

STOPPING = """
import os, signal, sys
from wizard.change import activation
from wizard.change.journal import Held
from wizard.cli import outcome
from wizard.cli.main import main

def stopping(call, reached):
    def instead(*args):
        result = call(*args)
        if reached(*args) == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGSTOP)
        return result
    return instead

activation.again = stopping(activation.again, lambda *_: "reloaded")
outcome.step = stopping(outcome.step, lambda step: step)
Held._save = stopping(Held._save, lambda _, change: change.state)
raise SystemExit(main(sys.argv[2:]))
"""
"""A command that stops itself at a step of a change, or at a state of its journal."""
HALF_MADE = {"prepared", "applying", "written", "undoing", "test", "reload", "look", "reloaded"}
"""Moments at which the journal holds a change that is neither done nor undone."""


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


def store(site: Site) -> Store:
    return Store(site.directory / "state")


def run(site: Site, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*command.WIZARD, *words],
        env=site.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@contextlib.contextmanager
def stopped(site: Site, moment: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that waits at a moment for SIGCONT."""
    first = subprocess.Popen(
        [sys.executable, "-c", STOPPING, moment, *words],
        env=site.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: state(first) == "T" or first.poll() is not None)
        assert first.poll() is None, first.communicate()
        yield first
    finally:
        first.kill()
        first.communicate()


def state(process: subprocess.Popen[str]) -> str:
    text = Path(f"/proc/{process.pid}/stat").read_text()
    return text.rpartition(")")[2].split()[0]


def waiting(process: subprocess.Popen[str]) -> str:
    """What a second command says, once it waits."""
    assert process.stderr is not None
    said = process.stderr.readline()
    time.sleep(0.3)
    assert process.poll() is None, said
    return said


def prepare(site: Site, moment: str, first: str) -> tuple[str, ...]:
    """What must come before the first command; its words."""
    apply = ("apply", str(site.main), "--yes", *site.ca)
    if first == "apply":
        return apply
    if first == "rollback":
        assert site.wizard(*apply).returncode == 0
        return ("rollback",)
    with stopped(site, "applying", *apply):
        pass  # killed
    return ("apply", "--finish")


MOMENTS = [
    *(("apply", moment) for moment in
      ("start", "prepared", "applying", "written", "test", "reload", "look", "applied")),
    *(("finish", moment) for moment in ("applying", "written", "reload")),
    *(("rollback", moment) for moment in ("undoing", "reloaded", "undone")),
]  # fmt: skip


@pytest.mark.parametrize(("first", "moment"), MOMENTS)
def test_the_others_wait_and_the_first_is_whole(site: Site, first: str, moment: str) -> None:
    apply = ("apply", str(site.main), "--yes", *site.ca)
    seconds = [apply, ("apply", "--finish")]
    if moment not in ("start", "undone"):  # there is something to undo
        seconds.append(("rollback",))
    with site.running():
        words = prepare(site, moment, first)
        with stopped(site, moment, *words) as one:
            before = site.vhost.read_bytes()
            others = [run(site, *second) for second in seconds]
            name = "rollback" if first == "rollback" else "apply"
            for other in others:
                assert waiting(other).startswith(
                    f"proxy-wizard: `proxy-wizard {name}` (process {one.pid}) "
                    "has been working here since "
                )
            listed = site.wizard("rollback", "--list")
            assert listed.returncode == 0
            making = f"    being made by process {one.pid} since "
            assert (making in listed.stdout) == (moment in HALF_MADE), listed.stdout
            for other in others:
                other.send_signal(signal.SIGINT)
                assert other.wait(30) == 130
                other.communicate()
            assert site.vhost.read_bytes() == before
            one.send_signal(signal.SIGCONT)
            out, said = one.communicate(timeout=60)
            assert one.returncode == 0, said
        made = store(site).changes()[-1]
        assert out.strip() == made.id
        assert made.state == ("undone" if first == "rollback" else "applied")
        assert site.answer() == (500 if first == "rollback" else 200)


@pytest.mark.parametrize(("first", "moment"), MOMENTS)
def test_whoever_waited_for_one_that_is_killed_goes_on(site: Site, first: str, moment: str) -> None:
    with site.running():
        old = site.vhost.read_bytes()
        words = prepare(site, moment, first)
        with stopped(site, moment, *words) as one:
            known = {change.id: change.state for change in store(site).changes()}
            other = run(site, "apply", "--finish")
            waiting(other)
            one.kill()
            _, said = other.communicate(timeout=60)
        if moment in HALF_MADE and known:
            assert other.returncode == 0, said
            assert store(site).changes()[-1].state == "applied"
            assert site.answer() == 200
        else:
            assert other.returncode == 3
            assert "no change was interrupted" in said
            assert {c.id: c.state for c in store(site).changes()} == known
        if store(site).changes() and store(site).changes()[-1].state == "applied":
            assert site.wizard("rollback").returncode == 0
        assert site.vhost.read_bytes() == old
        assert site.answer() == 500


def test_what_was_made_while_a_rollback_waited_was_not_meant(site: Site) -> None:
    apply = ("apply", str(site.main), "--yes", *site.ca)
    with site.running(), stopped(site, "reload", *apply) as one:
        other = run(site, "rollback")
        waiting(other)
        one.send_signal(signal.SIGCONT)
        assert one.wait(60) == 0
        _, said = other.communicate(timeout=60)
        made = store(site).changes()[-1]
        assert other.returncode == 3
        assert f"the change {made.id} is applied by now" in said
        assert f"proxy-wizard rollback {made.id}" in said
        assert made.state == "applied"
        assert site.answer() == 200


def test_a_second_apply_waits_and_finds_nothing_to_do(site: Site) -> None:
    apply = ("apply", str(site.main), "--yes", *site.ca)
    with site.running(), stopped(site, "written", *apply) as one:
        other = run(site, *apply)
        waiting(other)
        one.send_signal(signal.SIGCONT)
        assert one.wait(60) == 0
        _, said = other.communicate(timeout=60)
        assert other.returncode == 1, said
        assert len(store(site).changes()) == 1


def test_the_wait_is_bounded(site: Site) -> None:
    with site.running(), stopped(site, "look", "apply", str(site.main), "--yes", *site.ca) as one:
        before = site.vhost.read_bytes()
        began = time.monotonic()
        others = [run(site, *words) for words in (("rollback",), ("apply", "--finish"))]
        for other in others:
            _, said = other.communicate(timeout=60)
            assert other.returncode == 3
            assert said.count("\n") == 2, said
            assert f"(process {one.pid}) has been working here since" in said
            assert "Nothing was changed." in said
        assert 29 < time.monotonic() - began < 45
        assert site.vhost.read_bytes() == before


def test_the_operator_who_is_asked_holds_it(site: Site) -> None:
    """Like apt: what was shown is what will be written."""
    old = site.vhost.read_bytes()
    controller, terminal = pty.openpty()
    with site.running(), subprocess.Popen(
        [*command.WIZARD, "apply", str(site.main), *site.ca],
        env=site.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as one:  # fmt: skip
        assert one.stderr is not None
        os.set_blocking(one.stderr.fileno(), True)
        said = ""
        while "[y/N]" not in said:
            letter = one.stderr.read(1)
            assert letter, said
            said += letter
        other = run(site, "apply", str(site.main), "--yes", *site.ca)
        assert f"(process {one.pid})" in waiting(other)
        os.write(controller, b"n\n")
        one.communicate(timeout=30)
        _, told = other.communicate(timeout=60)
        assert one.returncode == 3
        assert other.returncode == 0, told
        assert site.vhost.read_bytes() != old
    os.close(controller)
    os.close(terminal)
