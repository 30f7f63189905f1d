"""Every rule in docs/verification.md names a test, and that test exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verification.md").read_text("utf-8")
_LEGEND = re.compile(r"`(\w+)\[NAME\]` stands for\s+`(tests/[^`]+)\[NAME\]`")
_SHORT = re.compile(r"`(\w+)(\[[\w.-]+\])`")
_FULL = re.compile(r"`(tests/[\w/]+\.py::\w+(?:\[[\w.-]+\])?)`")


def _named() -> set[str]:
    legend = dict(_LEGEND.findall(PAGE))
    body = _LEGEND.sub("", PAGE)
    return set(_FULL.findall(body)) | {legend[a] + b for a, b in _SHORT.findall(body)}


def test_every_test_that_is_named_exists() -> None:
    named = _named()
    assert len(named) > 50
    files = sorted({name.partition("::")[0] for name in named})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},  # whoever runs the tests may want -v
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert named - set(done.stdout.splitlines()) == set()


def test_every_rule_has_a_proof() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    rules = [row for row in rows if not row.endswith("| proof |")]
    assert len(rules) > 50
    assert [row for row in rules if not _SHORT.search(row) and not _FULL.search(row)] == []
