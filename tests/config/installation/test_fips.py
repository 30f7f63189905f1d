"""SSLFIPS: whether httpd starts with it depends on OpenSSL's FIPS provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config


@pytest.mark.parametrize("engine", ["on", "off"])
def test_start_with_fips(engine: str, tmp_path: Path) -> None:
    port = httpd.free_ports(1)[0]
    main = tmp_path / "httpd.conf"
    top = httpd.main_config(tmp_path, [f"127.0.0.2:{port}"])
    main.write_text(f"{top}SSLFIPS on\nSSLProxyEngine {engine}\n")
    found = [p for p in config.load(str(main)).problems if p.phase == "start"]
    if not found:
        with httpd.running(main, tmp_path / "hosts"):
            return
    assert [p.code for p in found] == ["AH02312"]
    with (
        pytest.raises(httpd.RefusedError, match=r"library has no ciphers(.|\n)*AH02312"),
        httpd.running(main, tmp_path / "hosts"),
    ):
        pass
