"""The manual page and the reference of commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from wizard.cli.commands import COMMANDS
from wizard.cli.describe import manual_page, surface
from wizard.cli.main import main

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", manual_page.documents())
def test_it_is_not_stale(name: str) -> None:
    written = (DOCS / name).read_text("utf-8")
    assert written == manual_page.documents()[name], (
        "run `python -m wizard.cli.describe.manual_page docs`"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_it_says_what_help_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out.split()
    command = next(each for each in surface.commands() if each.name == name)
    section = manual_page.markdown().partition(f"## proxy-wizard {name}\n")[2].partition("\n## ")[0]
    for option in command.options:
        for flag in option.flags:
            assert any(word.strip("[],") == flag for word in shown)
            assert flag in section or flag in ("-h", "--help")


def test_man_draws_it_without_a_warning() -> None:
    groff = shutil.which("groff")
    assert groff, "groff is missing: tests/run installs it"
    done = subprocess.run(
        [groff, "-man", "-ww", "-K", "utf-8", "-T", "utf8", str(DOCS / "man" / "proxy-wizard.1")],
        env=os.environ | {"GROFF_NO_SGR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in COMMANDS:
        assert f"proxy-wizard {name}" in done.stdout.replace("\b", "")
