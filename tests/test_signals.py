"""Signals end a command in order, wait until a change is whole, and stay ignored under nohup."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import until

ENDING = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
PROGRAM = """
import sys, time
from pathlib import Path
from wizard import signals
from wizard.cli import diagnostics
directory = Path(sys.argv[1])
def work():
    (directory / "begun").touch()
    while not (directory / "end").exists():
        sys.stderr.write("x" * 5000)  # a handler interrupts a write more often than not
    (directory / "whole").touch()
try:
    signals.end_in_order()
    if sys.argv[2] == "held":
        with signals.held(lambda: diagnostics.at_once("wait")):
            work()
        (directory / "after").touch()
    else:
        work()
except KeyboardInterrupt:
    raise SystemExit(130)
finally:
    (directory / "closed").touch()
"""


def program(directory: Path, how: str, ignored: int | None = None) -> subprocess.Popen[bytes]:
    def settle() -> None:
        for number, _ in ENDING:
            signal.signal(number, signal.SIG_DFL if number != ignored else signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    words = [sys.executable, "-c", PROGRAM, str(directory), how]
    with (directory / "said").open("wb") as said:
        process = subprocess.Popen(words, stderr=said, preexec_fn=settle)
    until(lambda: (directory / "begun").exists())
    return process


def names(directory: Path) -> set[str]:
    return {file.name for file in directory.iterdir()} - {"said"}


@pytest.mark.parametrize(("number", "code"), ENDING)
def test_a_signal_ends_in_order(tmp_path: Path, number: int, code: int) -> None:
    process = program(tmp_path, "open")
    process.send_signal(number)
    assert process.wait(30) == code
    assert names(tmp_path) == {"begun", "closed"}


@pytest.mark.parametrize(("number", "code"), ENDING)
def test_a_signal_waits_until_all_is_whole_and_each_is_answered(
    tmp_path: Path, number: int, code: int
) -> None:
    process = program(tmp_path, "held")
    said = tmp_path / "said"
    for times in (1, 2, 3):
        process.send_signal(number)
        until(lambda times=times: said.read_bytes().count(b"wait\n") == times)  # type: ignore[misc]  # a default has no type
    assert process.poll() is None
    (tmp_path / "end").touch()
    assert process.wait(30) == code
    assert names(tmp_path) == {"begun", "end", "whole", "closed"}
    assert b"Traceback" not in said.read_bytes()


@pytest.mark.parametrize("how", ["open", "held"])
def test_what_nohup_ignores_stays_ignored(tmp_path: Path, how: str) -> None:
    process = program(tmp_path, how, signal.SIGHUP)
    for _ in range(3):
        process.send_signal(signal.SIGHUP)
    (tmp_path / "end").touch()
    assert process.wait(30) == 0
    assert b"wait" not in (tmp_path / "said").read_bytes()
