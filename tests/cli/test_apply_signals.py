"""A signal during ``apply``, ``apply --finish`` and ``rollback``: before the first write it ends
them at once, from then on the change is finished first."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.test_apply import interrupted
from tests.screens.pty_terminal import Terminal
from tests.support import command
from tests.support.site import REQUIRE, Site
from tests.support.waiting import until

ENDING = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
HELD = "is being written and will be finished first"


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    site.write(REQUIRE)
    with site.running():
        yield site


class Running:
    """A command in a process group of its own, as a shell starts it."""

    def __init__(self, site: Site, *words: str) -> None:
        self.said = site.directory / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [*command.WIZARD, *words], env=site.environment, stdout=subprocess.PIPE,
                stderr=said, text=True, start_new_session=True,
            )  # fmt: skip

    def see(self, what: str) -> None:
        until(lambda: what in self.said.read_text(), 60, self.said.read_text)

    def interrupt(self, number: int) -> None:
        """As a terminal does: everybody in the group gets it."""
        os.killpg(self.process.pid, number)

    def ended(self) -> tuple[int, str, str]:
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, out.strip(), self.said.read_text()


@pytest.mark.parametrize(("number", "code"), ENDING)
def test_a_change_that_is_being_written_is_finished_first(
    site: Site, number: int, code: int
) -> None:
    with site.backend.waiting() as asked:
        site.backend._answers.set()
        apply = Running(site, "apply", str(site.main), "--yes", *site.ca)
        apply.see("testing the configuration")
        site.backend._answers.clear()
        apply.see("asking the running server")
        assert asked.is_set()
        for _ in range(3):
            apply.interrupt(number)
        apply.see(HELD)
        assert apply.process.poll() is None
    ended, identifier, said = apply.ended()
    assert ended == code, said
    assert "answers app.test /: 200" in said
    assert site.answer() == 200
    listed = site.wizard("rollback", "--list").stdout
    assert listed.startswith(f"{identifier}  ")
    assert "  applied  " in listed


@pytest.mark.parametrize(("number", "code"), ENDING)
def test_before_the_first_write_a_signal_ends_it_at_once(
    site: Site, number: int, code: int
) -> None:
    before = site.vhost.read_bytes()
    with site.backend.waiting() as asked:
        apply = Running(site, "apply", str(site.main), "--yes", *site.ca)
        until(asked.is_set)
        apply.interrupt(number)
        ended, out, said = apply.ended()
    assert (ended, out) == (code, "")
    assert HELD not in said
    assert site.vhost.read_bytes() == before
    assert site.wizard("rollback", "--list").stdout == ""


@pytest.mark.parametrize(("number", "code"), ENDING)
@pytest.mark.parametrize("name", ["rollback", "finish"])
def test_what_settles_a_change_is_finished_first(
    site: Site, name: str, number: int, code: int
) -> None:
    """The signal comes as soon as the journal says that it was begun."""
    words: tuple[str, ...]
    if name == "finish":
        identifier = interrupted(site)
        words = ("apply", "--finish")
    else:
        done = site.wizard("apply", str(site.main), "--yes", *site.ca)
        identifier = done.stdout.strip()
        words = ("rollback",)
    journal = site.directory / "state" / identifier / "journal.json"
    before = journal.read_bytes()
    running = Running(site, *words)
    until(lambda: journal.read_bytes() != before)
    running.interrupt(number)
    ended, out, said = running.ended()
    assert (ended, out) == (code, identifier), said
    assert "finished first" in said
    wanted = (500, "undone") if name == "rollback" else (200, "applied")
    assert (site.answer(), site.wizard("rollback", "--list").stdout.split()[1]) == wanted


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["plain", "nohup"])
def test_a_change_is_finished_without_its_terminal(site: Site, ignored: tuple[int, ...]) -> None:
    words = (*command.WIZARD, "apply", str(site.main), "--yes", *site.ca)
    with site.backend.waiting() as asked:
        site.backend._answers.set()
        with Terminal(words, site.environment, ignored) as terminal:
            terminal.see("testing the configuration")
            site.backend._answers.clear()
            terminal.see("asking the running server")
            until(asked.is_set)
            terminal.hang_up()
            assert terminal.process.poll() is None
            site.backend._answers.set()
            assert terminal.ended() in (3, 129)  # its id could be written nowhere
    assert "  applied  " in site.wizard("rollback", "--list").stdout
    assert site.answer() == 200
