"""One rehearsal (two servers: before and after) beside ``apache2 -t`` of the same configuration.

``python -m tests.benchmarks.bench_rehearsal [ROUNDS]``
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import programs
from tests.support import httpd
from tests.support.site import REQUIRE, standing_at_address
from wizard import config
from wizard.httpd.rehearse import rehearse, starts
from wizard.model.scope import Scope


def median(rounds: int, call: Callable[[], object]) -> float:
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as place, standing_at_address(Path(place)) as site:
        site.write(REQUIRE)
        scope = Scope(str(site.main))
        configuration = config.load(scope.path)
        before = site.vhost.read_bytes()
        line = b"SSLProxyCACertificateFile private/root.pem\n"
        after = {str(site.vhost): before.replace(b"</Virt", line + b"</Virt")}

        def rehearsal() -> None:
            (found,) = rehearse(scope, configuration.routes, after)
            assert found.after is not None
            assert (found.before.status, found.after.status) == (500, 200)

        def test() -> None:
            subprocess.run(
                [httpd.HTTPD, "-t", "-f", str(site.main)], check=True, capture_output=True
            )

        pairs = [("apache2 -t", median(rounds, test)), ("rehearsal", median(rounds, rehearsal))]
        pairs.append(("start only", median(rounds, lambda: starts(scope))))
    print(programs.machine())
    for name, seconds in pairs:
        print(f"{name:<12} {seconds * 1000:7.1f} ms  {seconds / pairs[0][1]:5.1f} x")


if __name__ == "__main__":
    main()
