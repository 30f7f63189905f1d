"""Keys come in their order, in any number, with and without bracketed paste."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.pty_terminal import Terminal
from tests.screens.tmux import Tmux
from tests.support.waiting import until
from tests.support.yardstick import slowness

CASE = "The browser gets 503."
PROGRAM = Path(sys.executable).with_name("proxy-wizard")
LINE = b"[proxy:error] AH00898: Error during SSL Handshake with remote server returned by /x\r"
MEGABYTE = 1 << 20
SECONDS = 20
"""Of processor time for a megabyte: five times what it takes; a letter at a time took an hour."""
MORE = 60 << 10
"""KiB more than before; a letter at a time took gigabytes."""


@pytest.fixture
def wizard(tmp_path: Path, one_route: Path) -> Iterator[Tmux]:
    with Tmux(tmp_path, [str(PROGRAM), str(one_route)]) as terminal:
        terminal.see(CASE)
        yield terminal


@pytest.fixture
def terminal(tmp_path: Path, one_route: Path) -> Iterator[Terminal]:
    env = {**os.environ, "PROXY_WIZARD_STATE": str(tmp_path / "state")}
    with Terminal([str(PROGRAM), str(one_route)], env) as found:
        found.see(CASE)
        yield found


def used(pid: int) -> tuple[float, int]:
    """Seconds of processor time so far, and KiB at most."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    most = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert most is not None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(most[1])


@pytest.mark.parametrize("how", ["letters", "lines", "bracketed", "control"])
def test_a_megabyte_that_is_pasted(terminal: Terminal, how: str) -> None:
    """It is explained once, the screen answers, and memory is bounded."""
    terminal.step("3", "[3 Diagnose")
    terminal.step("e", "Paste lines of an error log here")
    before = used(terminal.process.pid)
    data = {
        "letters": b"a" * MEGABYTE,
        "lines": LINE * (MEGABYTE // len(LINE)),
        "bracketed": b"\x1b[200~" + LINE * (20 * MEGABYTE // len(LINE)) + b"\x1b[201~",
        "control": b"\x01\x02\x1d" * 700,
    }[how]
    began = time.monotonic()
    for start in range(0, len(data), 4096):
        terminal.send(data[start : start + 4096])
    if how in ("lines", "bracketed"):
        terminal.see("Only the first 256 KiB were taken")
        terminal.see("The cause is hidden")
    if how == "control":
        terminal.step("the end", "the end")  # they are keys, one after another
    terminal.send(b"\x1b")
    time.sleep(0.5)  # a key that came together with Escape would be one with Alt
    terminal.step("1", "[1 Load")
    after = used(terminal.process.pid)
    assert after[0] - before[0] < SECONDS * slowness(), time.monotonic() - began
    assert after[1] - before[1] < MORE
    terminal.send(b"q")
    assert terminal.ended() == 0


@pytest.mark.parametrize(
    ("step", "key", "label"),
    [
        ("1", "o", "Configuration to open"),
        ("2", "h", "Host header of the client"),
        ("2", "p", "Path of the client's request"),
        ("3", "l", "Error log to explain"),
        ("5", "s", "Save as"),
    ],
)
def test_letters_typed_ahead_reach_the_field_that_a_key_opens(
    wizard: Tmux, step: str, key: str, label: str
) -> None:
    """All in one go: none is a command, none is lost; then the whole way through the steps."""
    typed = "/srv/quite/a/long/path/12345.txt"
    wizard.press(step, key, "C-u", typed)
    assert typed in wizard.see(lambda shown: label in shown and typed in shown.replace(" ", ""))
    wizard.press("Escape")
    wizard.see(lambda shown: label not in shown)
    wizard.press("q")
    wizard.see("exit=0")


def test_letters_typed_ahead_reach_the_field_of_a_tab(wizard: Tmux) -> None:
    wizard.press("3", "e", "AH00898: q and 1 and 5 are text")
    wizard.see(lambda shown: shown.count("AH00898: q and 1 and 5 are text") == 1)
    wizard.see("No line points to a fault between")
    wizard.press("Escape")
    wizard.see("Paste log")


def test_letters_typed_ahead_reach_the_field_of_a_filter(tmp_path: Path, one_route: Path) -> None:
    """A single route is nothing to filter."""
    with one_route.open("a") as file:
        file.write(one_route.read_text().replace("app.example.com", "other.example.com"))
    with Tmux(tmp_path, [str(PROGRAM), str(one_route)]) as wizard:
        wizard.see(CASE)
        wizard.press("1", "/", "nothing-is-called-so")
        wizard.see("nothing-is-called-so")


def test_letters_typed_ahead_reach_the_field_of_a_ca(tmp_path: Path) -> None:
    """Where a CA is asked for, in the case as in step 4."""
    typed = "/srv/quite/a/long/path/12345.txt"
    with Tmux(tmp_path, [str(PROGRAM), "demo", "internal-ca"]) as wizard:
        wizard.see("Ticket:")
        wizard.press("Enter")
        wizard.see("One question")
        for step in "04":
            wizard.press(step, "f", "C-u", typed)
            wizard.see(lambda shown: "CA certificate" in shown and typed in shown.replace(" ", ""))
            wizard.press("Escape")
            wizard.see(lambda shown: "CA certificate" not in shown)


def test_a_path_and_enter_in_one_go(tmp_path: Path, one_route: Path, wizard: Tmux) -> None:
    other = tmp_path / "other.conf"
    text = one_route.read_text()
    other.write_text(text.replace("app.example.com", "other.example.com"))
    wizard.press("o", str(other), "Enter")
    wizard.see("other.example.com")


def test_a_question_is_not_answered_before_it_is_seen(wizard: Tmux) -> None:
    """Whatever was typed ahead or pasted beside a field."""
    wizard.press("?", "12345")
    wizard.see("Keys of the case")
    wizard.press("Escape")
    wizard.see(CASE)


def test_a_key_that_is_held_down_answers_one_question(terminal: Terminal) -> None:
    """It opens the help; each repeat would close it, and open it again."""
    for _ in range(12):
        terminal.send(b"?")
        time.sleep(0.033)
    time.sleep(1)
    seen = len(terminal.text)
    terminal.step("?", CASE)  # closes it
    assert "Keys of the case" not in terminal.text[seen:]


@pytest.mark.parametrize("keys", [b"?\x11", b"?" * 9 + b"\x11", b"??\x02\x02\x11"])
def test_leaving_waits_for_no_question(terminal: Terminal, keys: bytes) -> None:
    """Ctrl-Q answers none: it counts although the question before it was not seen."""
    terminal.send(keys)
    assert terminal.ended(20) == 0


def test_text_beside_a_field_is_no_row_of_commands(terminal: Terminal) -> None:
    for _ in range(256):
        terminal.send(b"y" * 4096)
    terminal.see("Text came where no field is")
    time.sleep(2)  # what comes at once belongs to the same text
    terminal.step("2", "[2 Probe")
    terminal.send(b"q")
    assert terminal.ended() == 0


def test_4000_letters_in_a_path_field(terminal: Terminal) -> None:
    terminal.step("o", "Configuration to open")
    before = used(terminal.process.pid)[0]
    for _ in range(4000):
        terminal.send(b"a")
    terminal.send(b"\x15/etc/hostna")
    until(lambda: "/etc/hostname" in terminal.text.replace(" ", ""))  # it is completed
    assert used(terminal.process.pid)[0] - before < 1 * slowness()


def test_a_paste_in_a_field_of_one_line(terminal: Terminal) -> None:
    """Its first line counts, as far as a path may be long, without control characters."""
    terminal.step("2", "[2 Probe")
    terminal.step("h", "Host header of the client")
    terminal.step("\x1b[200~one.te\x07st\r\nq\r\n\x1b[31mtwo\x07\x1b[201~", "one.test")
    before = used(terminal.process.pid)
    terminal.send(b"\x15\x1b[200~")
    for _ in range(256):
        terminal.send(b"a" * 4096)
    terminal.step("\x1b[201~\x15three.test", "three.test")
    after = used(terminal.process.pid)
    assert after[0] - before[0] < SECONDS * slowness()
    assert after[1] - before[1] < MORE


def test_saving_where_the_directory_is_gone(tmp_path: Path, one_route: Path) -> None:
    (tmp_path / "gone").mkdir()
    command = f"cd {tmp_path}/gone && rmdir ../gone && exec {PROGRAM} {one_route}"
    with Tmux(tmp_path, ["sh", "-c", command]) as wizard:
        wizard.see(CASE)
        wizard.press("s")
        wizard.see("Save as")
        wizard.press("Enter")
        wizard.see("Not saved")
