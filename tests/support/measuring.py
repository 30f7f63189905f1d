"""A command of the product in a process of its own: processor time and memory that it took."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping

MOST_MEMORY = 100 << 10
"""KiB of a process that explains; Python itself needs a tenth."""
SECONDS = 60
"""Of processor time for what should take one."""
_MEASURED = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}")
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts a command from a small process: ru_maxrss begins with the most that the parent had."""


def run(
    words: list[str],
    feed: Iterator[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[subprocess.CompletedProcess[bytes], float, int]:
    """Runs ``proxy-wizard``.

    Args:
        words: its arguments.
        feed: what is written to its standard input; None: nothing.
        environment: its own; None: this process's.

    Returns:
        What it wrote, the seconds of CPU that it took, and the most memory in KiB.
    """
    program = [sys.executable, "-m", "wizard"]
    with (
        tempfile.NamedTemporaryFile() as usage,
        tempfile.TemporaryFile() as said,  # not a pipe: nobody reads two of them at once here
        subprocess.Popen(
            [sys.executable, "-S", "-c", _MEASURED, usage.name, *program, *words],
            stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            preexec_fn=_limited,
            env=environment,
        ) as process,
    ):
        feeder = threading.Thread(target=_feed, args=(process, feed or iter(())))
        feeder.start()
        assert process.stdout is not None
        written = process.stdout.read()
        feeder.join()
        process.wait()
        seconds, memory = usage.read().split()
        said.seek(0)
        done = subprocess.CompletedProcess(words, process.returncode, written, said.read())
    return done, float(seconds), int(memory)


def _feed(process: subprocess.Popen[bytes], feed: Iterator[bytes]) -> None:
    if process.stdin is None:
        return
    try:
        for block in feed:
            process.stdin.write(block)
        process.stdin.close()
    except BrokenPipeError:
        return


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (600, 600))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
