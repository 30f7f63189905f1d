"""Whole programs, run as they run where they are installed, and what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_BYTECODE = tempfile.TemporaryDirectory()
_LAUNCHER = """
import os, sys, time
began = time.perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - began
with open(sys.argv[1], "w") as file:
    file.write(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process starts the program: ru_maxrss begins with the most that the parent had."""


@dataclass(frozen=True, order=True)
class Cost:
    """What a run took: seconds of the clock, of the processor, and MB of memory at most."""

    wall: float
    cpu: float
    memory: float


def environment(**more: str) -> dict[str, str]:
    """This process's environment, in which Python keeps bytecode, as ``pip install`` makes it.

    Args:
        more: variables that are set besides.
    """
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": _BYTECODE.name, **more}


def run(
    command: Sequence[str],
    variables: Mapping[str, str] | None = None,
    *,
    codes: Sequence[int] = (0, 1, 2),
    output: Path | None = None,
) -> Cost:
    """One run of a program.

    Args:
        command: its path and arguments.
        variables: its environment; None: ``environment()``.
        codes: exit codes that are no fault.
        output: where its standard output goes; None: nowhere.

    Raises:
        SystemExit: it ended otherwise.
    """
    with tempfile.NamedTemporaryFile() as usage, (output or Path(os.devnull)).open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-S", "-c", _LAUNCHER, usage.name, *command],
            env=environment() if variables is None else variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode not in codes:
            raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr!r}")
        return Cost(*map(float, usage.read().split()))
