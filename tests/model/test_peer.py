"""Where httpd connects to for a ``ProxyRemote``: told by its own log."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.model.probe import ProbeRequest

REQUEST = ProbeRequest("backend.test", 443, True)


def test_without_a_forward_proxy() -> None:
    assert REQUEST.peer == ("backend.test", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.9",
        "https://127.0.0.9",
        "HTTPS://127.0.0.9",
        "http://127.0.0.9:8080/x",
        "https://127.0.0.9:4443",
        "h2://127.0.0.9",
        "http://127.0.0.9:80a",
        "http://127.0.0.9/",
    ],
)
def test_httpd_connects_there(tmp_path: Path, url: str) -> None:
    port = httpd.free_ports(1)[0]
    config = tmp_path / "httpd.conf"
    config.write_text(
        f"{httpd.main_config(tmp_path, [f'{httpd.LISTEN}:{port}'])}"
        f"ProxyRemote * {url}\nProxyPass / http://backend.test/\n"
    )
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 backend.test\n")
    with httpd.running(config, hosts):
        httpd.get(port, "main.test")
    log = httpd.text_of(tmp_path / "error.log")
    tried = re.search(r"attempt to connect to (\S+):(\d+) ", log)
    unknown = re.search(r"DNS lookup failure for: (\S+) returned", log)
    host, number = replace(REQUEST, forward_proxy=url).peer
    if tried is not None:
        assert (host, number) == (tried[1], int(tried[2]))
    else:
        assert unknown is not None, log
        assert host == unknown[1]
