"""A port of the other version of HTTP: the patch writes its scheme, and httpd gets an answer."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from tests.support import command, httpd, servers
from tests.verdict.http2_backends import Answer, head

_HTTP2 = Answer(head())


def _http2(connection: socket.socket) -> None:
    if connection.recv(3, socket.MSG_PEEK) == b"PRI":
        _HTTP2(connection)


def _http1(connection: socket.socket) -> None:
    asked = servers.request(connection)
    if asked.startswith((b"GET", b"HEAD")):
        connection.sendall(servers.ok(b""))


def test_the_scheme_of_the_other_version_is_written(tmp_path: Path) -> None:
    (port,) = httpd.free_ports(1)
    config, hosts = tmp_path / "httpd.conf", tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    with servers.serving(_http2) as new, servers.serving(_http1) as old:
        urls = {"new.test": f"http://localhost:{new}/", "old.test": f"h2c://localhost:{old}/"}
        config.write_text(
            httpd.main_config(tmp_path, [f"{httpd.LISTEN}:{port}"])
            + f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\n"
            + "".join(
                f"<VirtualHost *:{port}>\nServerName {name}\nProxyPass / {url}\n"
                f"ProxyPassReverse / {url}\n</VirtualHost>\n"
                for name, url in urls.items()
            )
        )
        done = subprocess.run(
            [*command.WIZARD, "fix", "-v", str(config), "--timeout", "3"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        command.patch(done.stdout.encode())
        text = config.read_text()
        for directive in ("ProxyPass", "ProxyPassReverse"):
            assert f"{directive} / h2c://localhost:{new}/" in text
            assert f"{directive} / http://localhost:{old}/" in text
        with httpd.running(config, hosts):
            assert [httpd.get(port, name, "/").status for name in urls] == [200, 200]
