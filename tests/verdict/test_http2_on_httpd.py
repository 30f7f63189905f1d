"""Odd and hostile answers in HTTP/2: the verdict is what mod_proxy_http2 makes of each."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.support import httpd, servers
from tests.verdict.http2_backends import ANSWERS
from wizard.engine.engine import Engine
from wizard.model.diagnosis import Verdict
from wizard.model.scope import Scope

_PATIENCE = 1
"""Seconds that httpd and the product wait for a backend."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, Verdict]]:
    """httpd's status and the product's verdict for each backend: one httpd for all of them."""
    directory = tmp_path_factory.mktemp("http2")
    (port,) = httpd.free_ports(1)
    config = directory / "httpd.conf"
    with ExitStack() as stack:
        sites = "".join(
            f"<VirtualHost *:{port}>\nServerName {name}.test\nProxyTimeout {_PATIENCE}\n"
            f"ProxyPass / h2c://127.0.0.1:{stack.enter_context(servers.serving(answer))}/\n"
            "</VirtualHost>\n"
            for name, answer in ANSWERS.items()
        )
        main = httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"])
        more = f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\n"
        config.write_text(main + more + sites)
        hosts = directory / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        with httpd.running(config, hosts), ThreadPoolExecutor(16) as pool:
            statuses = pool.map(lambda name: _status(port, name), ANSWERS)
            answers = dict(zip(ANSWERS, statuses, strict=True))
        report = Engine(Scope(path=str(config), timeout=_PATIENCE)).check()
    return {
        name: (answers[name], diagnosis.verdict)
        for diagnosis in report.diagnoses
        if (name := (diagnosis.case.route.vhost.server_name or "").removesuffix(".test"))
    }


def _status(port: int, name: str) -> int:
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as connection:
        request = f"GET / HTTP/1.1\r\nHost: {name}.test\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        head = b""
        while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
            head += part
    return int(head.split(b"\r\n\r\n")[0].split(b" ")[1])


@pytest.mark.parametrize("name", ANSWERS)
def test_verdict_is_httpds(name: str, both: dict[str, tuple[int, Verdict]]) -> None:
    status, verdict = both[name]
    assert verdict.status == status, verdict
