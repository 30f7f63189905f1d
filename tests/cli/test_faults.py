"""A fault of the program itself must not end with an exit code that means an answer."""

from __future__ import annotations

import pytest

from wizard.cli import rules
from wizard.cli.main import main


@pytest.mark.parametrize("fault", [ValueError("\x1b[31m"), MemoryError(), RecursionError("deep")])
def test_a_fault_is_told_apart(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: object) -> int:
        raise fault

    monkeypatch.setattr(rules, "run", run)
    assert main(["rules"]) == 3
    out, said = capsys.readouterr()
    assert not out
    assert "raise fault" in said
    assert type(fault).__name__ in said
    assert "\x1b" not in said
    assert said.splitlines()[-1].startswith("proxy-wizard: error: this is a fault of proxy-wizard")
