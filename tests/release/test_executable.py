"""What is different in an executable: a script stands in for it here, with the same entry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.site import Site
from wizard import __version__, executable
from wizard.httpd.sandbox import supervisor

ROOT = Path(__file__).parents[2]
MADE = "x86_64, glibc 2.31 or later"
ENTRY = f"""\
#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.executable = __file__
from wizard import executable
executable.enter({MADE!r})
from wizard.cli.main import main
sys.exit(main())
"""
ASKED = f"""
import json, os, sys
from wizard import executable
given = {{"A": "1"}}
if "GIVEN" in os.environ:
    given["LD_LIBRARY_PATH"] = os.environ["GIVEN"]
executable.enter({MADE!r})
print(json.dumps([dict(os.environ), executable.environment(given)]))
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that is started by its own path alone, as an executable is."""
    path = tmp_path / "proxy-wizard"
    path.write_text(ENTRY)
    path.chmod(0o755)
    return str(path)


def environments(**given: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a process has after the entry, and what it gives a helper."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], env=env, capture_output=True, text=True, check=True
    )
    own, helpers = json.loads(done.stdout)
    return own, helpers


def test_version_says_where_it_runs(program: str) -> None:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"proxy-wizard {__version__} (executable, {MADE})\n"


@pytest.mark.parametrize("before", [None, "", "/mine"])
def test_the_bootloader_leaves_nothing_in_the_environment(before: str | None) -> None:
    bootloader = {"LD_LIBRARY_PATH": f"/tmp/_MEIabc:{before}" if before else "/tmp/_MEIabc"}
    if before is not None:
        bootloader["LD_LIBRARY_PATH_ORIG"] = before
    known = {"_PYI_ARCHIVE_FILE": "/x", "_PYI_PARENT_PROCESS_LEVEL": "1"}
    own, helpers = environments(**bootloader, **known, LANG="C")
    assert own.get("LD_LIBRARY_PATH") == before
    assert not [name for name in own if name.startswith("_PYI") or name.endswith("_ORIG")]
    assert own["LANG"] == "C"
    # A helper finds what is unpacked; it takes these out of its own environment again.
    again, _ = environments(**helpers)
    assert helpers.items() >= {"A": "1", **known}.items()
    assert helpers["LD_LIBRARY_PATH"] == "/tmp/_MEIabc"
    assert again["A"] == "1"
    assert not [name for name in again if name.startswith("_PYI") or "_MEI" in again[name]]


@pytest.mark.parametrize(
    ("given", "searched"), [("/usr/local/lib", "/tmp/_MEIabc:/usr/local/lib"), ("", "/tmp/_MEIabc")]
)
def test_a_helper_searches_the_libraries_that_it_is_given(given: str, searched: str) -> None:
    """Behind the executable's own, which have names that nobody else's have."""
    caller = {"LD_LIBRARY_PATH": "/tmp/_MEIabc:/callers", "LD_LIBRARY_PATH_ORIG": "/callers"}
    _, helpers = environments(**caller, GIVEN=given)
    assert helpers["LD_LIBRARY_PATH"] == searched  # never the working directory: no empty part
    again, _ = environments(**helpers)
    assert again["LD_LIBRARY_PATH"] == given


def test_nobody_else_starts_a_python() -> None:
    """In an executable ``sys.executable`` is none."""
    packages = [ROOT / "wizard", ROOT / "screens"]
    files = [path for package in packages for path in package.rglob("*.py")]
    users = [path.name for path in files if "sys.executable" in path.read_text("utf-8")]
    assert users == ["executable.py"]


def test_elsewhere_a_helper_is_a_python() -> None:
    assert executable.helper(supervisor) == [sys.executable, "-I", "-S", supervisor.__file__]
    assert executable.environment({"A": "1"}) == {"A": "1"}
    assert executable.version(__version__) == __version__


def test_a_rehearsal_by_the_program_itself(program: str, site: Site) -> None:
    """Its supervisor is the program again: no Python is called."""
    site.write("SSLProxyEngine on")
    done = subprocess.run(
        [program, "prove", "--current", str(site.main)],
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "200" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("module", ["wizard.cli.main", "os", "wizard.httpd"])
def test_nothing_else_is_a_helper(program: str, module: str) -> None:
    done = subprocess.run([program, "--as-helper", module], capture_output=True, text=True)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "--as-helper" in done.stderr
