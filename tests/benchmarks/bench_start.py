"""Whole processes side by side: ``check`` on one backend, and the commands that connect to nothing.

``python -m tests.benchmarks.bench_start``; each is run in turn with what it is compared with, and
the median counts.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

from tests.benchmarks import programs
from wizard.demo.lab import HOST, Lab
from wizard.demo.lessons import LESSONS

ROUNDS = 15
OPENSSL = "/usr/bin/openssl"


def compare(label: str, ours: Sequence[str], theirs: Sequence[str], codes: Sequence[int]) -> None:
    pairs = [
        (programs.run(ours, codes=codes).wall, programs.run(theirs, codes=(0, 1)).wall)
        for _ in range(ROUNDS)
    ]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"| {label} | {mine * 1000:.0f} ms | {other * 1000:.0f} ms | {mine / other:.1f} |")


def main() -> None:
    program = [sys.executable, "-m", "wizard"]
    nothing = [sys.executable, "-c", "pass"]
    arguments = [sys.executable, "-c", "import argparse"]
    print("| proxy-wizard | it takes | beside | ratio |")
    print("|---|---|---|---|")
    with Lab() as lab, lab.names() as resolvable:
        assert resolvable, "libnss_wrapper is missing"
        config = lab.scope(next(each for each in LESSONS if each.name == "depth")).path
        port = next(b.port for n, b in lab._running.items() if n == "intermediate")
        client = [OPENSSL, "s_client", "-connect", f"{HOST}:{port}", "-servername", HOST]
        compare(
            "check, one backend / openssl s_client", [*program, "check", str(config)], client, (2,)
        )
        compare("--help / python -c pass", [*program, "--help"], nothing, (0,))
        compare("--help / import argparse", [*program, "--help"], arguments, (0,))
        compare("rules / import argparse", [*program, "rules"], arguments, (0,))
        compare(
            "explain AH02276 / import argparse", [*program, "explain", "AH02276"], arguments, (0,)
        )


if __name__ == "__main__":
    main()
