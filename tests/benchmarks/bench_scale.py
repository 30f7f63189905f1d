"""The whole ``proxy-wizard check``, on one backend beside sslyze, and on many beside a bare loop.

Run as ``python -m tests.benchmarks.bench_scale [--sslyze PYTHON] [BACKENDS…]``. Every backend has a
port, name and certificate of its own and a virtual host before it; they live in a process of their
own. ``check`` is a whole process, start and JSON included. The bare
loop (``bench_probe.bare``) makes one pyOpenSSL handshake each, one after the other; a check makes
two handshakes (with SNI and without) and an HTTP request. ``+silent`` adds 50 backends that
never answer, with a timeout of two seconds; ``one`` is as many routes to a single backend.

``--sslyze`` names a Python that has sslyze (no dependency of the project): a venv of its own, and
``VENV/bin/python -m sslyze --certinfo`` for the same single backend.
Wall time is the best of three; CPU is that of the process itself.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import programs
from tests.benchmarks.bench_probe import SILENT, TIMEOUT, bare, best, name, serve
from tests.benchmarks.programs import Cost

ROUNDS = 3
PROGRAM = """
import sys
from wizard.engine.engine import Engine
from wizard.cli.main import main
from wizard.probe.resolve import FixedResolver
names = dict.fromkeys(open(sys.argv.pop(1)).read().split(), ["127.0.0.1"])
Engine.__init__.__kwdefaults__['resolver'] = FixedResolver(names)
sys.exit(main())
"""
"""``proxy-wizard`` with names of its own: nss_wrapper has room for about a hundred."""


@dataclass(frozen=True)
class World:
    """The backends, and a directory with their CA and names."""

    directory: Path
    ports: list[int]
    silent: int

    def site(self, hosts: Sequence[tuple[str, int]]) -> str:
        """A file with a virtual host before each of some backends."""
        file = self.directory / "site.conf"
        file.write_text(
            "".join(
                f"<VirtualHost *:443>\n  ServerName v{number}.example.com\n  SSLProxyEngine on\n"
                f"  SSLProxyVerify require\n  SSLProxyCACertificateFile {self.directory}/ca.pem\n"
                f"  ProxyPass / https://{host}:{port}/\n</VirtualHost>\n"
                for number, (host, port) in enumerate(hosts)
            )
        )
        names = dict.fromkeys(host for host, _ in hosts)
        (self.directory / "names").write_text("\n".join(names))
        return str(file)

    def run(self, *words: str) -> tuple[Cost, bytes]:
        """The fastest of some rounds of a whole process, and what it wrote."""
        variables = programs.environment(
            LD_PRELOAD="libnss_wrapper.so", NSS_WRAPPER_HOSTS=str(self.directory / "hosts")
        )
        output = self.directory / "output"
        costs = [programs.run(words, variables, output=output) for _ in range(ROUNDS)]
        return min(costs), output.read_bytes()

    def check(self, hosts: Sequence[tuple[str, int]], well: int) -> Cost:
        """``proxy-wizard check``; so many routes must be well."""
        words = ["check", self.site(hosts), "--timeout", str(TIMEOUT), "--format", "json"]
        taken, written = self.run(
            sys.executable, "-c", PROGRAM, str(self.directory / "names"), *words
        )
        counts = json.loads(written)["summary"]
        assert (counts["routes"], counts["ok"]) == (len(hosts), well), counts
        return taken


def row(world: World) -> str:
    """The measures of one number of backends."""
    count = len(world.ports)
    good = [(name(number), port) for number, port in enumerate(world.ports)]
    ca = str(world.directory / "ca.pem")
    loop, loop_cpu = best(lambda: bare(world.ports, ca), ROUNDS)
    plain = world.check(good, count)
    step = max(1, count // SILENT)
    mixed = list(good)
    for number in range(SILENT):
        mixed.insert(number * (step + 1), (f"silent{number}.internal", world.silent))
    late = world.check(mixed, count)
    one = world.check([good[0]] * count, count)
    return (
        f"| {count} | {loop:.2f} | {loop_cpu:.2f} | {plain.wall:.2f} | {plain.cpu:.2f} "
        f"| {plain.wall / loop:.2f} | {late.wall - plain.wall:.2f} | {one.wall:.2f} "
        f"| {plain.memory:.0f} |"
    )


def against_sslyze(world: World, python: str) -> str:
    """One backend, whole processes."""
    host, port = name(0), world.ports[0]
    ours = world.check([(host, port)], 1)
    report = world.directory / "sslyze.json"
    (world.directory / "hosts").write_text(f"127.0.0.1 {host}\n")
    words = ["-m", "sslyze", "--certinfo", f"--json_out={report}", f"{host}:{port}"]
    theirs, _ = world.run(python, *words)
    result = json.loads(report.read_text())["server_scan_results"][0]
    assert result["scan_result"]["certificate_info"]["status"] == "COMPLETED", result
    return (
        f"| {ours.wall:.2f} | {theirs.wall:.2f} | {ours.wall / theirs.wall:.2f} | {ours.cpu:.2f} "
        f"| {theirs.cpu:.2f} | {ours.cpu / theirs.cpu:.2f} | {ours.memory:.0f} "
        f"| {theirs.memory:.0f} |"
    )


def measure(count: int, sslyze: str | None) -> str:
    """Backends of a process of their own, and a row of a table about them."""
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory:
        here, there = spawning.Pipe()
        process = spawning.Process(target=serve, args=(count, directory, there), daemon=True)
        process.start()
        try:
            ports, silent = here.recv()
            world = World(Path(directory), ports, silent)
            return against_sslyze(world, sslyze) if sslyze else row(world)
        finally:
            process.terminate()
            process.join()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sslyze", metavar="PYTHON")
    parser.add_argument("backends", type=int, nargs="*")
    arguments = parser.parse_args()
    print(programs.machine())
    print("| backends | bare s | CPU s | check s | CPU s | ratio | +silent s | one s | MB |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for count in arguments.backends or [1, 10, 100, 1000]:
        print(measure(count, None), flush=True)
    if arguments.sslyze:
        print("\n| check s | sslyze s | ratio | check CPU s | sslyze CPU s | ratio | MB | MB |")
        print("|--:|--:|--:|--:|--:|--:|--:|--:|")
        print(measure(1, arguments.sslyze))


if __name__ == "__main__":
    main()
