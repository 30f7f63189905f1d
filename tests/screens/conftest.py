"""What several tests of the real entry point stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens import preferences


@pytest.fixture(autouse=True)
def kept_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The theme of whoever runs the tests counts for none of them, and stays as it is."""
    monkeypatch.setattr(preferences, "load", lambda: None)
    monkeypatch.setattr(preferences, "keep", lambda _: None)


@pytest.fixture
def one_route(tmp_path: Path) -> Path:
    """A configuration whose backend's verdict needs no network: nothing listens at port 1."""
    path = tmp_path / "site.conf"
    path.write_text(
        """\
<VirtualHost *:8080>
    ServerName app.example.com
    SSLProxyEngine on
    ProxyPass / https://127.0.0.1:1/
</VirtualHost>
"""
    )
    return path
