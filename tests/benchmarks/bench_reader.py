"""How long reading takes, beside httpd's own ``-t -D DUMP_CONFIG`` in the same run.

Run as ``python tests/benchmarks/bench_reader.py [VHOSTS…]``. Each figure is the best of three;
memory is the peak of Python's allocations in a run of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from wizard.config.layout import Layout
from wizard.config.reader import read

BINARY = "/usr/sbin/apache2"
MODULES = [
    "mpm_event",
    "authz_core",
    "info",
    "proxy",
    "proxy_http",
    "headers",
    "socache_shmcb",
    "ssl",
    "alias",
]
STATIC = ("core_module", "so_module", "http_module", "version_module", "unixd_module")
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


def site(root: Path, count: int, *, one_file: bool) -> Path:
    """A generated site of that many virtual hosts."""
    main = root / "main.conf"
    lines = [f"ServerRoot {root}", f"DefaultRuntimeDir {root}", "ErrorLog /dev/null", "Listen 443"]
    lines += [f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES]
    lines += ["ServerName localhost", "IncludeOptional sites/*.conf"]
    main.write_text("\n".join(lines) + "\n")
    (root / "sites").mkdir()
    if one_file:
        text = "".join(VHOST.format(index) for index in range(count))
        (root / "sites/all.conf").write_text(text)
    else:
        for index in range(count):
            (root / f"sites/{index:05}.conf").write_text(VHOST.format(index))
    return main


def best(action: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def httpd(main: Path) -> None:
    """httpd's own reading, checking and printing."""
    subprocess.run(
        [BINARY, "-t", "-D", "DUMP_CONFIG", "-f", str(main)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def main(counts: list[int]) -> None:
    """Print the table."""
    print(
        f"{'vhosts':>7} {'files':>6} {'MB':>6} {'nodes':>7} {'read s':>7} {'httpd s':>8} "
        f"{'ratio':>6} {'peak MB':>8}"
    )
    for count in counts:
        for one_file in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                path = site(Path(folder), count, one_file=one_file)
                layout = Layout(
                    "file", str(path), folder, static_modules=STATIC, files=(str(path),)
                )
                tree = read(layout)
                nodes = sum(1 for _ in tree.walk())
                size = sum(len(file.data) for file in tree.files.values())
                files = len(tree.files)
                del tree
                ours = best(lambda: read(layout))
                theirs = best(lambda: httpd(path))
                tracemalloc.start()
                read(layout)
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            print(
                f"{count:7} {files:6} {size / 1e6:6.2f} {nodes:7} {ours:7.3f} {theirs:8.3f} "
                f"{ours / theirs:6.2f} {peak / 1e6:8.1f}"
            )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100, 1000, 5000])
