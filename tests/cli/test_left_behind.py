"""Commands ended at every stage: no process runs on, and no directory stays."""

from __future__ import annotations

import os
import random
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.screens.tmux import Tmux
from tests.support import running
from tests.support.command import WIZARD
from tests.support.site import REQUIRE, Site
from tests.support.waiting import until

ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT]
SITE = {
    "fix": ("fix",),
    "prove": ("prove",),
    "apply": ("apply", "--yes", "--no-reload"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory for temporary files; nothing may run with it in the end."""
    made = tmp_path.resolve() / "temporary"
    made.mkdir()
    monkeypatch.setenv("TMPDIR", str(made))
    yield made
    running.end(running.with_temporary(made), signal.SIGKILL)


def left(place: Path) -> list[str]:
    return [path.name for path in place.iterdir() if path.name.startswith("proxy-wizard-")]


def nothing_runs(place: Path) -> None:
    until(lambda: not running.with_temporary(place), 20, lambda: str(running.with_temporary(place)))


def swept(place: Path) -> None:
    """The next command, whatever it is."""
    subprocess.run([*WIZARD, "rules"], capture_output=True, timeout=60, check=True)
    assert not list(place.iterdir())


def begun(words: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*WIZARD, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def has_made(place: Path, process: subprocess.Popen[bytes]) -> Callable[[], bool]:
    return lambda: bool(left(place)) or process.poll() is not None


def interrupt(
    place: Path, process: subprocess.Popen[bytes], number: signal.Signals, seconds: float
) -> None:
    """End a command at any moment of so many seconds, from the one on when there is a directory.

    SIGKILL is for all that runs, but httpd.
    """
    until(has_made(place, process))
    time.sleep(random.random() * seconds)
    if number is signal.SIGKILL:
        theirs = running.with_temporary(place)
        running.end({p: w for p, w in theirs.items() if "apache2" not in w}, number)
    else:
        process.send_signal(number)


@pytest.mark.parametrize("number", [*ENDING, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("command", SITE)
def test_commands_at_any_moment(
    site: Site, place: Path, command: str, number: signal.Signals
) -> None:
    site.write(REQUIRE)
    environment = {**site.environment, "TMPDIR": str(place)}
    name, *options = SITE[command]
    with begun((name, str(site.main), *options, *site.ca), environment) as process:
        interrupt(place, process, number, 0.8)
    nothing_runs(place)
    assert number is signal.SIGKILL or not left(place)
    swept(place)


class SilentInBetween:
    """A backend's context that makes no handshake while a command has a temporary directory."""

    def __init__(self, context: ssl.SSLContext, place: Path) -> None:
        self._context = context
        self._place = place
        self.asked = threading.Event()

    def wrap_socket(self, connection: socket.socket, *, server_side: bool) -> ssl.SSLSocket:
        if left(self._place):
            self.asked.set()
            connection.recv(1 << 16, socket.MSG_WAITALL)  # until the other side hangs up
        return self._context.wrap_socket(connection, server_side=server_side)


@pytest.mark.parametrize("number", [*ENDING, signal.SIGKILL], ids=lambda number: number.name)
def test_the_second_probe(
    site: Site, place: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Of ``fix``, whose new files lie in a directory for the moment."""
    site.write(REQUIRE)
    context = SilentInBetween(site.backend._own, place)
    monkeypatch.setattr(site.backend, "_own", context)
    environment = {**site.environment, "TMPDIR": str(place)}
    with begun(("fix", str(site.main), *site.ca), environment) as process:
        assert context.asked.wait(60)
        assert [path.name for path in place.glob("*/*/*.pem")] == ["0.pem"]
        process.send_signal(number)
    nothing_runs(place)
    assert bool(left(place)) == (number is signal.SIGKILL)
    swept(place)


@pytest.mark.parametrize("number", [*ENDING, signal.SIGKILL], ids=lambda number: number.name)
def test_a_demo_without_a_screen(place: Path, number: signal.Signals) -> None:
    with begun(("demo", "--check"), dict(os.environ)) as process:
        interrupt(place, process, number, 4)
    nothing_runs(place)
    assert number is signal.SIGKILL or not left(place)
    swept(place)


def closed(terminal: Tmux, place: Path) -> None:
    terminal.end()


def ended(number: signal.Signals) -> Callable[[Tmux, Path], None]:
    def end(_: Tmux, place: Path) -> None:
        theirs = running.with_temporary(place)
        running.end({p: w for p, w in theirs.items() if "wizard demo" in w}, number)

    return end


def all_killed(_: Tmux, place: Path) -> None:
    theirs = running.with_temporary(place)
    running.end({p: w for p, w in theirs.items() if "apache2" not in w}, signal.SIGKILL)


HOW: dict[str, Callable[[Tmux, Path], None]] = {
    "closed": closed,
    "SIGTERM": ended(signal.SIGTERM),
    "SIGHUP": ended(signal.SIGHUP),
    "SIGKILL": all_killed,
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("keys", ["", "2", "24", "245"])
def test_a_demo_whose_terminal_is_gone(place: Path, tmp_path: Path, keys: str, how: str) -> None:
    """In each step, at the moment in which it begins to work."""
    with Tmux(tmp_path, [*WIZARD, "demo", "depth"]) as terminal:
        terminal.see("app.example.com")
        assert len(left(place)) == 2
        for key in keys:
            terminal.press(key)
            time.sleep(random.random())
        HOW[how](terminal, place)
        until(lambda: not _shown(place), 20, lambda: str(_shown(place)))
        assert how == "SIGKILL" or not left(place)
        swept(place)


def _shown(place: Path) -> dict[int, str]:
    """What runs, but for the terminal itself."""
    theirs = running.with_temporary(place)
    return {
        p: w for p, w in theirs.items() if "tmux" not in w and not w.startswith(("sh ", "cat "))
    }
