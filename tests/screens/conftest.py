"""What several tests of the real entry point stand on."""

from __future__ import annotations

from pathlib import Path

import pytest


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
