"""What ``--help`` looks like in a terminal of 80 columns."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from wizard.cli.commands import COMMANDS
from wizard.cli.main import main


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)], ids=str)
def test_prose_fits_the_terminal(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    commands = [line for line in lines if line.startswith("  proxy-wizard ")]  # to be pasted
    assert [line for line in lines if len(line) > 80 and line not in commands] == []


@pytest.mark.parametrize("command", ["check", "--help"])
def test_the_same_help_on_every_python(command: str) -> None:
    """argparse colours it from 3.14 on, even into a file where FORCE_COLOR says so."""
    environment = {**os.environ, "FORCE_COLOR": "1"}
    environment.pop("NO_COLOR", None)
    done = subprocess.run(
        [sys.executable, "-m", "wizard", command, "--help"],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("usage: proxy-wizard")
    assert "\x1b" not in done.stdout
