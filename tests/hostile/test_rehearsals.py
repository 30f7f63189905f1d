"""What a hostile backend does to the throw-away httpd does not reach the machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from tests.hostile.test_answers import first_and_then
from tests.hostile.test_commands import configured
from tests.support import servers
from wizard.httpd.sandbox.sandbox import Sandbox

LEAST = 1 << 30
ENOUGH = 300 << 20
"""Bytes of memory in which httpd starts; header fields fill them within two seconds."""
LIMITS = """
import resource as r
print(*r.getrlimit(r.RLIMIT_DATA), *r.getrlimit(r.RLIMIT_CORE), *r.getrlimit(r.RLIMIT_FSIZE))
print(open("/proc/self/oom_score_adj").read())
"""


def test_memory_and_disk_are_left_to_others() -> None:
    """A quarter of what is free, at most; first to be ended where all is gone; no core file, and no
    log of more than 256 MiB."""
    with Sandbox(dict(os.environ), 30) as sandbox:
        sandbox.start("limits", [sys.executable, "-c", LIMITS])
        while not sandbox.ended("limits", 1):
            pass
        told = Path(sandbox.directory, "limits.stderr").read_text().split()
    numbers = [int(word) for word in told]
    data, core, file, score = set(numbers[:2]), set(numbers[2:4]), set(numbers[4:6]), numbers[6]
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert all(LEAST <= size <= max(LEAST, total // 4) for size in data), data
    assert core == {0}
    assert file == {256 << 20}
    assert score == 1000


def test_header_fields_without_end(tmp_path: Path) -> None:
    """httpd keeps them all: it ends where its memory does, and that is no proof."""
    made = servers.context(servers.evil())
    field = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 4000) for number in range(100))
    answer = first_and_then(b"HTTP/1.1 200 OK\r\n", field)
    with servers.serving(servers.answering(made, answer)) as port:
        site = Path(configured(tmp_path, port))
        site.write_text(site.read_text().replace("require", "none"))
        done = subprocess.run(
            [sys.executable, "-m", "wizard", "prove", "--current", str(site)],
            capture_output=True,
            text=True,
            timeout=100,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (ENOUGH, ENOUGH)),
        )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "the connection was closed without an answer" in done.stdout
