"""The engine runs without the screens, and no module of either is too long to be read at once."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wizard

MOST_LINES = 400
LAZY_COMMANDS = ("wizard.cli.rules", "wizard.cli.explain", "wizard.cli.main", "wizard.cli.check")


def modules() -> list[str]:
    found = pkgutil.walk_packages(wizard.__path__, "wizard.")
    return sorted(m.name for m in found if not m.name.endswith("__main__"))


def imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_no_module_of_the_engine_imports_a_screen() -> None:
    names = modules()
    assert len(names) > 40
    seen = imported_by("".join(f"import {name}\n" for name in names))
    assert not {name for name in seen if name.split(".")[0] in ("textual", "rich", "screens")}


@pytest.mark.parametrize("module", LAZY_COMMANDS)
def test_commands_that_need_no_tls_import_none(module: str) -> None:
    heavy = {"OpenSSL", "cryptography", "asyncio", "apacheconfig", "h11"}
    assert not imported_by(f"import {module}") & heavy


@pytest.mark.parametrize("package", ["wizard", "screens"])
def test_no_module_is_too_long_to_be_read_at_once(package: str) -> None:
    files = sorted(Path(__file__).parents[1].joinpath(package).rglob("*.py"))
    assert len(files) > 20
    lines = {str(file): file.read_bytes().count(b"\n") for file in files}
    assert not {file: count for file, count in lines.items() if count > MOST_LINES}


def test_temporary_directories_are_made_in_one_way() -> None:
    """``wizard.scratch`` marks them: what another way makes would stay after SIGKILL."""
    root = Path(__file__).parents[1]
    files = [path for top in ("wizard", "screens") for path in (root / top).rglob("*.py")]
    others = [path for path in files if re.search(r"mkdtemp|TemporaryDirectory", path.read_text())]
    assert not others
