"""``explain`` beside Python's own start and beside grep on the same log, in the same run.

Run as ``python -m tests.benchmarks.bench_explain [LINES]``.
"""

from __future__ import annotations

import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

from tests.benchmarks import programs
from tests.benchmarks.programs import Cost

_RUNS = 7

_REQUEST = (
    "[ssl:info] {p} [remote 192.0.2.7:8443] AH01964: Connection to child 0 established (server a)",
    "[ssl:info] {p} [remote 192.0.2.7:8443] AH02276: Certificate Verification: Error (20): unable "
    "to get local issuer certificate [subject: CN=b / issuer: CN=c / serial: 01 / notbefore: x]",
    "[ssl:info] {p} [remote 192.0.2.7:8443] AH02003: SSL Proxy connect failed",
    "[ssl:info] {p} SSL Library Error: error:0A000086:SSL routines::certificate verify failed",
    "[ssl:info] {p} [remote 192.0.2.7:8443] AH01997: SSL handshake failed: sending 502",
    "[proxy:error] {p} (20014)Internal error (specific information not available): [client "
    "198.51.100.4:5] AH01084: pass request body failed to 192.0.2.7:8443 (backend.internal)",
    "[proxy:error] {p} [client 198.51.100.4:5] AH00898: Error during SSL Handshake with remote "
    "server returned by /",
)
_NOISE = (
    "[php:notice] {p} [client 198.51.100.4:5] PHP Notice: Undefined index {n} in /var/www/x.php"
)


def log_lines(count: int) -> Iterator[str]:
    """Failed requests of several threads, and as many lines that concern nobody."""
    chosen = random.Random(1)  # the same log in each run
    for number in range(count):
        place = f"[pid 4711:tid {chosen.randrange(64)}]"
        text = _REQUEST[number % 7] if number % 2 else _NOISE
        yield "[Wed Nov 25 02:17:05.485049 2026] " + text.format(p=place, n=number % 500) + "\n"


def best(runs: int, *command: str) -> Cost:
    """The least of several runs."""
    with tempfile.NamedTemporaryFile() as output:  # grep sees when nobody reads, and is lazy then
        costs = [programs.run(command, output=Path(output.name)) for _ in range(runs)]
    return Cost(*(min(values) for values in zip(*map(astuple, costs), strict=True)))


def main(count: int) -> None:
    wizard = [sys.executable, "-m", "wizard", "explain"]
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "error.log"
        with log.open("w") as file:
            file.writelines(log_lines(count))
        size = log.stat().st_size / 1e6
        argparse = best(_RUNS, sys.executable, "-c", "import argparse").cpu
        code = best(_RUNS, *wizard, "AH02276").cpu
        grep = best(3, "/usr/bin/grep", "-cE", r"AH0?[0-9]{5}: .*(Error|failed)", str(log)).cpu
        explained = best(3, *wizard, str(log))
    whole, peak = explained.cpu, explained.memory
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':38}{'CPU s':>8}{'ratio':>8}")
    print(f"{'python -c import argparse':38}{argparse:8.3f}{1:8.2f}")
    print(f"{'explain AH02276':38}{code:8.3f}{code / argparse:8.2f}")
    print(f"{f'grep -cE, {count} lines, {size:.0f} MB':38}{grep:8.3f}{1:8.2f}")
    print(f"{'explain FILE':38}{whole:8.3f}{whole / grep:8.2f}")
    print(f"{'':38}{whole / count * 1e6:8.1f} microseconds a line, {peak:.0f} MiB at most")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
