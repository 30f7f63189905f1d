"""What is installed beside the product is what it says, uses, and can work with; nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
THROUGH = {"rich": "textual", "ply": "apacheconfig"}
"""What comes with a dependency that is built on it, and pins it."""
EXCEPTION = re.compile(r"# (?:noqa: S\d+|nosec)")
EXPLAINED = re.compile(r"# (?:noqa: S\d+(?: # nosec B\d+)?|nosec B\d+)\s+# \S.{8}")


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.match(r"[\w.-]+", words)[0].lower() for words in project["dependencies"]}  # type: ignore[index]


def sources() -> Iterator[Path]:
    for package in ("wizard", "screens"):
        yield from (ROOT / package).rglob("*.py")


def imported() -> set[str]:
    found: set[str] = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"wizard", "screens"}


def test_what_is_declared_is_what_is_imported() -> None:
    distributions = packages_distributions()
    used = {THROUGH.get(name) or distributions[name][0].lower() for name in imported()}
    assert used == declared()


def test_what_is_installed_fits_together() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout


def test_every_exception_from_a_security_rule_says_why() -> None:
    """ruff's rules S and bandit, where they are told to be quiet."""
    excepted = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if EXCEPTION.search(line)
    ]
    assert len(excepted) > 10
    assert [line for line in excepted if not EXPLAINED.search(line)] == []


def test_no_exception_hides_more_than_it_is_for() -> None:
    """bandit warns of one that stands where there is nothing to be quiet about."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", "wizard", "screens"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nosec" not in done.stderr
