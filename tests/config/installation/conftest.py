"""What several tests of this directory stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.config.installation import processes


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /proc of the test's own, without a process."""
    proc = tmp_path / "proc"
    proc.mkdir()
    monkeypatch.setattr(processes, "PROC", str(proc))
    return proc
