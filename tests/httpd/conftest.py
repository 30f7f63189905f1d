"""What the tests of rehearsals share."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.httpd.sandbox import supervisor


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system makes no network: as in a container without CAP_SYS_ADMIN."""
    assert supervisor.__file__ is not None
    text = Path(supervisor.__file__).read_text()
    unshare = "_checked(_LIBC.unshare(_CLONE_NEWNET))"
    assert unshare in text
    copy = tmp_path / "supervisor.py"
    copy.write_text(text.replace(unshare, 'raise OSError(1, "Operation not permitted")'))
    monkeypatch.setattr(supervisor, "__file__", str(copy))
