"""The wizard ends, whatever ends it, with the terminal as it was: the real entry point on a
pseudo-terminal, at each moment of a walk to the end of a change."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.screens.pty_terminal import Terminal
from tests.support.command import WIZARD
from tests.support.site import Site
from tests.support.waiting import until

ENDING = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130, signal.SIGQUIT: 131}
ALTERNATE = "\x1b[?1049h"
WAITS = "be finished first"


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    """One that is repaired without a CA to choose."""
    site.write("SSLProxyVerify require\n    SSLProxyCACertificateFile private/root.pem")
    with site.running():
        yield site


@contextlib.contextmanager
def opened(site: Site, *words: str, ignored: tuple[int, ...] = ()) -> Iterator[Terminal]:
    words = words or (*WIZARD, str(site.main))
    with Terminal(words, site.environment, ignored) as terminal:
        terminal.see("5 Prove")
        yield terminal


def loaded(_: Site, __: Terminal) -> None:
    return


def dialogue(_: Site, terminal: Terminal) -> None:
    terminal.step("o", "Configuration to open")


def probing(site: Site, terminal: Terminal) -> None:
    rehearsed(terminal)
    site.backend._asked.clear()
    site.backend._answers.clear()
    terminal.step("r", "The backend is being asked")
    until(site.backend._asked.is_set)


def rehearsing(site: Site, terminal: Terminal) -> None:
    rehearsed(terminal)
    terminal.step("5", "500 becomes 200")
    site.backend._asked.clear()
    site.backend._answers.clear()
    terminal.step("r", "is asked, before and after")
    until(site.backend._asked.is_set)


def refused(site: Site, terminal: Terminal) -> None:
    """In the question for the name of a refusal."""
    rehearsing(site, terminal)
    terminal.step("\x1b", "Cancelled")
    site.backend._answers.set()
    terminal.step("a", "not-rehearsed")


MOMENTS = [loaded, dialogue, probing, rehearsing, refused]


def rehearsed(terminal: Terminal) -> None:
    """The program did everything by itself."""
    terminal.see("200 from the backend")


@contextlib.contextmanager
def writing(site: Site, terminal: Terminal) -> Iterator[None]:
    """Within, a change is being made: the running server is asked and does not answer yet."""
    rehearsed(terminal)
    terminal.step("a", "Write this")
    with site.backend.waiting() as asked:
        terminal.step("y", "asking the running server")
        until(asked.is_set)
        yield


def children(pid: int) -> set[str]:
    found = os.listdir("/proc") if os.path.exists("/proc") else []  # noqa: PTH110, PTH208  # a moment counts
    mine = set()
    for name in filter(str.isdigit, found):
        with contextlib.suppress(OSError):
            stat = Path("/proc", name, "stat").read_text()
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                mine.add(name)
    return mine


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("number", ENDING, ids=lambda each: each.name)
def test_a_signal_at_any_moment_leaves_the_terminal_as_it_was(
    site: Site, moment: Callable[[Site, Terminal], None], number: signal.Signals
) -> None:
    before = site.vhost.read_bytes()
    with opened(site) as terminal:
        try:
            moment(site, terminal)
            assert terminal.attributes != terminal.before
            assert terminal.modes[1049]
            started = children(terminal.process.pid)
            terminal.process.send_signal(number)
            assert terminal.ended(20) == ENDING[number]
        finally:
            site.backend._answers.set()
        assert terminal.is_restored()
        until(lambda: not any(Path("/proc", child).exists() for child in started))
    assert site.vhost.read_bytes() == before


@pytest.mark.parametrize("milliseconds", range(0, 1500, 150))
def test_a_signal_while_it_starts(site: Site, milliseconds: int) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Terminal((*WIZARD, str(site.main)), site.environment) as terminal:
            time.sleep(milliseconds / 1000)
            terminal.process.send_signal(number)
            # before its first line Python is as any program is
            assert terminal.ended(20) in (ENDING[number], -number)
            assert terminal.is_restored()


def test_a_signal_as_soon_as_it_has_the_terminal(site: Site) -> None:
    with Terminal((*WIZARD, str(site.main)), site.environment) as terminal:
        until(lambda: ALTERNATE.encode() in terminal.bytes)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended(20) == 143
        assert terminal.is_restored()


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["plain", "nohup"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.__name__)
def test_without_its_terminal_it_ends(
    site: Site, moment: Callable[[Site, Terminal], None], ignored: tuple[int, ...]
) -> None:
    with opened(site, ignored=ignored) as terminal:
        try:
            moment(site, terminal)
            terminal.hang_up()
            assert terminal.ended(20) == 129
        finally:
            site.backend._answers.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_the_demo_too(site: Site, number: signal.Signals) -> None:
    with Terminal((*WIZARD, "demo"), site.environment) as terminal:
        terminal.see("Lessons: Enter opens")
        terminal.process.send_signal(number)
        assert terminal.ended(30) == ENDING[number]
        assert terminal.is_restored()


# A change


@pytest.mark.parametrize("keys", ["q", "qqq", "\x11", "\x11q\x1bq"])
def test_leaving_waits_for_a_change(site: Site, keys: str) -> None:
    with opened(site) as terminal:
        with writing(site, terminal):
            terminal.step(keys, WAITS)
            assert terminal.process.poll() is None
        assert terminal.ended() == 0
        assert terminal.is_restored()
    last = "".join(terminal.bytes.decode().rpartition("\x1b[?1049l")[1:])
    assert "Applied: " in last
    assert "answers app.test /: 200" in last
    assert site.answer() == 200
    identifier = last.split()[-1].rpartition("\x1b")[2]
    assert f"{identifier}  " in site.wizard("rollback", "--list").stdout


@pytest.mark.parametrize("number", ENDING, ids=lambda each: each.name)
def test_a_signal_waits_for_a_change(site: Site, number: signal.Signals) -> None:
    with opened(site) as terminal:
        with writing(site, terminal):
            for _ in range(3):
                terminal.process.send_signal(number)
            terminal.see(WAITS)
            assert terminal.process.poll() is None
        assert terminal.ended() == ENDING[number]
        assert terminal.is_restored()
        assert "answers app.test /: 200" in terminal.text
    assert "  applied  " in site.wizard("rollback", "--list").stdout


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["plain", "nohup"])
def test_a_change_is_finished_without_its_terminal(site: Site, ignored: tuple[int, ...]) -> None:
    with opened(site, ignored=ignored) as terminal:
        with writing(site, terminal):
            terminal.hang_up()
            time.sleep(1)
            assert terminal.process.poll() is None
            spent = os.times().children_user
        assert terminal.ended() == 129
        assert os.times().children_user - spent < 20  # it waited, and did not spin
    assert "  applied  " in site.wizard("rollback", "--list").stdout
    assert site.answer() == 200


def test_a_change_after_which_the_server_fails_is_red_and_can_be_taken_back(site: Site) -> None:
    before = site.vhost.read_bytes()
    with opened(site) as terminal:
        rehearsed(terminal)
        site.backend.impostor = True  # from now on: the running server answers 500
        terminal.step("a", "Write this")
        terminal.step("y", "Written, but the running server answers 500")
        terminal.send(b"q")
        assert terminal.ended() == 2
        assert "answers app.test /: 500" in terminal.text
        assert "to undo it: proxy-wizard rollback" in terminal.text
    with opened(site) as terminal:
        terminal.step("5", "applied")
        terminal.step("u", "Yes (y)")
        terminal.step("y", "Undone")
        terminal.send(b"q")
        assert terminal.ended() == 0
    assert site.vhost.read_bytes() == before


# What a terminal sends

BYTES = {
    "latin-1": b"\xfc",
    "cut": b"\xc3",
    "cut later": b"\xf0\x9f\x94",
    "overlong": b"\xc0\x80\xed\xa0\x80\xf5\xff\xfe",
    "nul": b"\x00" * 100,
    "c1": b"\x9b31m\x90\x9d\x9c",
    "no character": b"\x1b[99999999999999999999u",
    "alternate keys": b"\x1b[97:65;2u",
    "surrogate": b"\x1b[97;1;55296u",
    "no size": b"\x1b[48;0;0;0;0t\x1b[<0;5;5M\x1b[<0;5;5m",
    "huge size": b"\x1b[48;99999;99999;1;1t",
    "far click": b"\x1b[<0;99999999999;99999999999M\x1b[<0;1;1m",
    "long": b"\x1b[" + b"1;" * 500 + b"m",
    "pasted": b"\x1b[200~caf\xe9 \xfc\x00\x9b\x1b[99999999999u\x1b[201~",
}


@pytest.mark.parametrize("moment", [loaded, dialogue, refused], ids=lambda each: each.__name__)
def test_no_bytes_end_it(site: Site, moment: Callable[[Site, Terminal], None]) -> None:
    with opened(site) as terminal:
        moment(site, terminal)
        for data in BYTES.values():
            for piece in (data[:1], data[1:], data):  # split over two reads as well
                terminal.send(piece)
                time.sleep(0.15)
            assert terminal.process.poll() is None, (data, terminal.text[-2000:])
        terminal.send(b"\x11")
        assert terminal.ended() == 0
        assert terminal.is_restored()


def test_bytes_that_are_no_utf_8_during_a_change(site: Site) -> None:
    with opened(site) as terminal:
        with writing(site, terminal):
            for data in BYTES.values():
                terminal.send(data)
            terminal.step("\x11", WAITS)
        assert terminal.ended() == 0
    assert "  applied  " in site.wizard("rollback", "--list").stdout


def test_letters_of_other_encodings_are_text(site: Site) -> None:
    with opened(site) as terminal:
        terminal.step("o", "Configuration to open")
        terminal.step("\x15", " path ")
        terminal.send(b"/caf\xe9-")
        terminal.see("/caf\N{REPLACEMENT CHARACTER}-")
        terminal.send("\u00fc".encode()[:1])
        time.sleep(0.3)
        terminal.send("\u00fc".encode()[1:])
        terminal.see("\u00fc")


# Faults

FAULTS = {
    "a key's action": "WizardApp.action_theme_toggle = fail",
    "a worker": "WizardApp.action_theme_toggle = lambda app: app.run_worker("
    "lambda: fail(), thread=True, exit_on_error=False) and None",
    "Textual's reader": "Driver.process_message = lambda self, message: ("
    "fail() if getattr(message, 'key', '') == 'd' else LinuxDriver.process_message(self, message))",
    "a timer": "WizardApp.action_theme_toggle = lambda app: app.set_timer(0.01, fail) and None",
    "a widget": "WizardApp.action_theme_toggle = lambda app: ("
    "setattr(type(app.focused), 'render_lines', fail), app.focused.refresh()) and None",
    "with a message of its own": "WizardApp.action_theme_toggle = lambda app: ("
    "app.stylesheet.add_source('this is { no: CSS }'), app.stylesheet.parse()) and None",
}
PROGRAM = """
import sys
from textual.drivers.linux_driver import LinuxDriver
from screens.app import WizardApp
from screens.terminal.driver import Driver
from wizard.cli.main import main
def fail(*_, **__):
    password = "hunter2-secret"
    raise ZeroDivisionError("on purpose")
FAULT
sys.exit(main())
"""


def broken(site: Site, fault: str) -> tuple[str, ...]:
    return (sys.executable, "-c", PROGRAM.replace("FAULT", FAULTS[fault]), str(site.main))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_on_a_terminal_that_is_restored(site: Site, fault: str) -> None:
    with opened(site, *broken(site, fault)) as terminal:
        terminal.send(b"d")
        assert terminal.ended() == 3
        assert terminal.is_restored()
        last = terminal.bytes.decode().rpartition("\x1b[?1049l")[2]
    assert "no change was begun" in last
    assert "this is a fault of proxy-wizard; please report it" in last
    assert "hunter2" not in last
    assert "╭" not in last  # Textual's own, with the values of variables


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_during_a_change_does_not_break_it(site: Site, fault: str) -> None:
    with opened(site, *broken(site, fault)) as terminal:
        with writing(site, terminal):
            terminal.send(b"d")
            time.sleep(2)
            assert terminal.process.poll() is None
        assert terminal.ended() == 3
        assert terminal.is_restored()
        last = terminal.bytes.decode().rpartition("\x1b[?1049l")[2]
    assert last.index("Applied: ") < last.index("this is a fault of proxy-wizard")
    assert "  applied  " in site.wizard("rollback", "--list").stdout
    assert site.answer() == 200


# Stopped and continued


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP], ids=lambda each: each.name)
def test_it_goes_on_after_it_was_stopped(site: Site, number: signal.Signals) -> None:
    with opened(site) as terminal:
        for _ in range(2):
            terminal.process.send_signal(number)
            stat = Path("/proc", str(terminal.process.pid), "stat")
            until(lambda stat=stat: stat.read_text().rpartition(")")[2].split()[0] == "T")  # type: ignore[misc]  # a default has no type
            if number == signal.SIGTSTP:
                until(terminal.is_restored)
            seen = len(terminal.bytes)
            terminal.process.send_signal(signal.SIGCONT)
            until(lambda seen=seen: ALTERNATE.encode() in terminal.bytes[seen:])  # type: ignore[misc]  # a default has no type
            assert terminal.attributes != terminal.before
        terminal.step("1", "In force for")
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.is_restored()
