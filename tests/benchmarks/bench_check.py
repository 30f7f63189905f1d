"""How long ``proxy-wizard check --no-probe --format json`` takes beside httpd's own reading.

Run as ``python -m tests.benchmarks.bench_check [VHOSTS…]``. Both programs run whole, in turn, on
the same generated site; each figure is the best of five runs: wall-clock and processor seconds
(user and system), and the largest resident set of the process. Python's compiled bytecode is
there before, as after ``pip install``.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import programs
from tests.benchmarks.programs import Cost

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


def compare(main: Path) -> tuple[Cost, Cost]:
    """The best of the wizard's runs and of httpd's, taken in turn."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        command = [WIZARD, "check", "--no-probe", "--format", "json", str(main)]
        ours.append(programs.run(command))
        theirs.append(programs.run([HTTPD, "-t", "-D", "DUMP_CONFIG", "-f", str(main)]))
    return _best(ours), _best(theirs)


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(
        min(cost.wall for cost in costs),
        min(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )


def main(counts: Sequence[int]) -> None:
    """Print the table as Markdown."""
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}\n")
    print("| virtual hosts | files | check s | httpd s | ratio | check CPU s | httpd CPU s | ratio "
          "| check MB | httpd MB |")  # fmt: skip
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for count in counts:
        for one_file in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                ours, theirs = compare(site(Path(folder), count, one_file=one_file))
            print(
                f"| {count} | {1 if one_file else count} "
                f"| {ours.wall:.2f} | {theirs.wall:.2f} | {ours.wall / theirs.wall:.1f} "
                f"| {ours.cpu:.2f} | {theirs.cpu:.2f} | {ours.cpu / theirs.cpu:.1f} "
                f"| {ours.memory:.0f} | {theirs.memory:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100, 1000, 5000])
