"""How long ``proxy-wizard check --no-probe --format json`` takes beside httpd's own reading.

Run as ``python tests/benchmarks/bench_check.py [VHOSTS…]``. Both programs run whole, in turn, on
the same generated site; each figure is the best of five runs: wall-clock and processor seconds
(user and system), and the largest resident set of the process. Python's compiled bytecode is
there before, as after ``pip install``.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HTTPD = "/usr/sbin/apache2"
WIZARD = str(Path(sys.executable).with_name("proxy-wizard"))
MODULES = (
    *("mpm_event", "authz_core", "info", "proxy", "proxy_http", "headers", "socache_shmcb"),
    *("ssl", "alias"),
)
VHOST = """<VirtualHost *:443>
    # Application {0}
    ServerName app{0}.example.com
    ServerAlias www.app{0}.example.com
    DocumentRoot /var/www

    SSLProxyEngine On
    SSLProxyVerify require
    SSLProxyVerifyDepth 2
    ProxyPreserveHost On
    <Location "/api">
        ProxyPass https://backend{0}.internal:8443/api
        ProxyPassReverse https://backend{0}.internal:8443/api
        RequestHeader set X-Forwarded-Proto https
    </Location>
    CustomLog /dev/null common
</VirtualHost>

"""
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
ROUNDS = 5


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds of the clock, of the processor, and MB of memory at most."""

    wall: float
    processor: float
    megabytes: float


def site(root: Path, count: int, *, one_file: bool) -> Path:
    """A generated site of that many virtual hosts, each with one route.

    Returns:
        Its main file. The virtual hosts stand in one file, or each in a file of its own.
    """
    main = root / "main.conf"
    lines = [f"ServerRoot {root}", f"DefaultRuntimeDir {root}", "ErrorLog /dev/null", "Listen 443"]
    lines += [f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES]
    lines += ["ServerName localhost", "SSLProxyCACertificateFile ca.pem"]
    main.write_text("\n".join([*lines, "IncludeOptional sites-enabled/*.conf", ""]))
    authority, end, _ = AUTHORITIES.read_text().partition("-----END CERTIFICATE-----\n")
    (root / "ca.pem").write_text(authority + end)
    sites = root / "sites-enabled"
    sites.mkdir()
    texts = [VHOST.format(index) for index in range(count)]
    if one_file:
        (sites / "all.conf").write_text("".join(texts))
    else:
        for index, text in enumerate(texts):
            (sites / f"{index:05}.conf").write_text(text)
    return main


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """One run of a program, its output thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 2):
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(main: Path, environment: Mapping[str, str]) -> tuple[Cost, Cost]:
    """The best of the wizard's runs and of httpd's, taken in turn."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        command = [WIZARD, "check", "--no-probe", "--format", "json", str(main)]
        ours.append(run(command, environment))
        theirs.append(run([HTTPD, "-t", "-D", "DUMP_CONFIG", "-f", str(main)], environment))
    return _best(ours), _best(theirs)


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.processor for cost in costs),
        max(cost.megabytes for cost in costs),
    )


def main(counts: Sequence[int]) -> None:
    """Print the table as Markdown."""
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}\n")
    print("| virtual hosts | files | check s | httpd s | ratio | check CPU s | httpd CPU s | ratio "
          "| check MB | httpd MB |")  # fmt: skip
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPYCACHEPREFIX": bytecode}
        for count in counts:
            for one_file in (True, False):
                with tempfile.TemporaryDirectory() as folder:
                    path = site(Path(folder), count, one_file=one_file)
                    ours, theirs = compare(path, environment)
                print(
                    f"| {count} | {1 if one_file else count} "
                    f"| {ours.wall:.2f} | {theirs.wall:.2f} | {ours.wall / theirs.wall:.1f} "
                    f"| {ours.processor:.2f} | {theirs.processor:.2f} "
                    f"| {ours.processor / theirs.processor:.1f} "
                    f"| {ours.megabytes:.0f} | {theirs.megabytes:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100, 1000, 5000])
