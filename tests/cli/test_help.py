"""What ``--help`` looks like in a terminal of 80 columns."""

from __future__ import annotations

import pytest

from wizard.cli.main import COMMANDS, main


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
