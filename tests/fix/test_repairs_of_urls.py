"""Faults that are one word or the order of two lines: the patch repairs them on real httpd."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from tests.support import command, httpd, servers
from tests.support.site import Backend
from tests.verdict import samples
from tests.verdict.http2_backends import Answer, head
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place import backend_urls

STRICT = "SSLProxyEngine on\nSSLProxyVerify require\nSSLProxyCACertificateFile {ca}\n"
SPEAKS_TLS = {
    "prefix": "ProxyPass / http://localhost:{port}/\nProxyPassReverse / http://localhost:{port}/",
    "socket": "ProxyPass / ws://localhost:{port}/",
    "strict": STRICT + "ProxyPass / http://localhost:{port}/",
    "rewrite": "RewriteEngine on\nRewriteRule ^/(.*)$ http://localhost:{port}/$1 [P]",
    "match": "ProxyPassMatch ^/(.*)$ http://localhost:{port}/$1",
    "location": "<Location />\nProxyPass http://localhost:{port}/\n</Location>",
    "member": "ProxyPass / balancer://one/\n"
    "<Proxy balancer://one>\nBalancerMember http://localhost:{port}\n</Proxy>",
    "http2": "ProxyPass / h2c://localhost:{port}/",
    "address": "ProxyPass / http://127.0.0.1:{port}/",
}
"""URLs without TLS to a port that speaks it, by the name of their virtual host."""


def patched(
    directory: Path, backend: int, bodies: Mapping[str, str], ca: bytes, *options: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """What ``fix`` says of virtual hosts, and what httpd answers for each once it is patched."""
    port, trusted = httpd.free_port(), directory / "ca.pem"
    main, hosts = directory / "httpd.conf", directory / "hosts"
    trusted.write_bytes(ca)
    hosts.write_text("127.0.0.1 localhost\n")
    sites = "".join(
        f"<VirtualHost *:{port}>\nServerName {name}\n"
        f"{body.format(port=backend, ca=trusted)}\n</VirtualHost>\n"
        for name, body in bodies.items()
    )
    main.write_text(httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"]) + sites)
    done = subprocess.run(
        [*command.WIZARD, "fix", "-v", str(main), *options],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.stdout:
        command.patch(done.stdout.encode())
    return done, answered(directory, port, bodies)


def answered(directory: Path, port: int, names: Iterable[str]) -> dict[str, str]:
    """For each virtual host the first part of the path that its backend was asked for.

    It is empty where httpd refuses the backend.
    """
    with httpd.running(directory / "httpd.conf", directory / "hosts"):
        got = {name: httpd.get(port, name, "/socket/x") for name in names}
    return {
        name: re.split(r"(?<=.)/| ", answer.body.decode())[0] if answer.status == 200 else ""
        for name, answer in got.items()
    }


@pytest.fixture
def authority() -> pki.Issued:
    return pki.issue("Example Root", ca=True)


def test_a_port_that_speaks_tls_gets_the_scheme_for_it(
    tmp_path: Path, authority: pki.Issued
) -> None:
    backend = Backend(pki.issue("localhost", authority, dns=["localhost"]))
    try:
        ca = "--ca", str(tmp_path / "ca.pem")
        done, answers = patched(tmp_path, backend.port, SPEAKS_TLS, authority.pem, *ca)
        assert done.returncode == 0, done.stderr
        assert answers == dict.fromkeys(SPEAKS_TLS, "/socket")
        text = (tmp_path / "httpd.conf").read_text()
        assert f"ProxyPass / wss://localhost:{backend.port}/" in text
        assert f"ProxyPassReverse / https://localhost:{backend.port}/" in text
        assert "http://localhost" not in text
        backend.impostor = True
        port = int(text.partition(f"Listen {httpd.LISTEN}:")[2].split()[0])
        assert set(answered(tmp_path, port, SPEAKS_TLS).values()) == {""}
    finally:
        backend.stop()


def test_http2_without_tls_on_this_machine_gets_its_scheme(tmp_path: Path) -> None:
    body = "ProxyPreserveHost On\nProxyPass / h2://localhost:{port}/\n"
    body += "ProxyPassReverse / h2://localhost:{port}/"
    with servers.serving(Answer(head())) as backend:
        done, _ = patched(tmp_path, backend, {"name": body}, b"")
        text = (tmp_path / "httpd.conf").read_text()
        port = int(text.partition(f"Listen {httpd.LISTEN}:")[2].split()[0])
        with httpd.running(tmp_path / "httpd.conf", tmp_path / "hosts"):
            assert httpd.get(port, "name", "/").status == 200
    assert done.returncode == 0, done.stderr
    assert text.count(f" h2c://localhost:{backend}/") == 2
    assert "SSLProxyEngine" not in text


def test_a_port_of_this_machine_without_tls_gets_the_scheme_for_it(tmp_path: Path) -> None:
    bodies = {
        "https": "SSLProxyEngine on\nProxyPass / https://localhost:{port}/",
        "wss": 'RewriteEngine on\nRewriteRule .* "wss://0.0.0.0:{port}%{{REQUEST_URI}}" [P]',
        "member": "ProxyPass / balancer://one/\n"
        "<Proxy balancer://one>\nBalancerMember https://127.0.0.1:{port}\n</Proxy>",
        "strict": STRICT + "ProxyTimeout 1\nProxyPass / https://localhost:{port}/",
    }
    ca = pki.issue("Example Root", ca=True).pem
    with Backends() as backends:
        port = backends.start(Behaviour(speaks="plain")).port
        _, answers = patched(tmp_path, port, bodies, ca, "--timeout", "1")
    text = (tmp_path / "httpd.conf").read_text()
    assert {name for name, answer in answers.items() if answer} == {"https", "wss", "member"}
    assert [text.count(f"{s}://") for s in ("https", "wss")] == [1, 0]  # strict stays


def test_a_url_stays_where_the_certificate_cannot_be_verified(
    tmp_path: Path, authority: pki.Issued
) -> None:
    backend = Backend(pki.issue("An Other", authority, dns=["*.other.test"]))
    body = {"name": STRICT + "ProxyPass / http://localhost:{port}/"}
    try:
        done, _ = patched(tmp_path, backend.port, body, authority.pem)
    finally:
        backend.stop()
    assert done.returncode == 2
    assert done.stdout == ""
    said = " ".join(done.stderr.split())
    assert "not patched, the URL is yours to change: the backend's certificate covers" in said


def test_a_line_is_moved_before_the_one_that_takes_its_requests(
    tmp_path: Path, authority: pki.Issued
) -> None:
    other = pki.issue("Other Root", ca=True)
    backend = Backend(pki.issue("localhost", authority, dns=["localhost"]))
    stranger = Backend(pki.issue("localhost", other, dns=["localhost"]))
    web = STRICT + "# the rest\nProxyPass / https://localhost:{port}/web/\n"
    bodies = {
        "moved": web + "# the socket\nProxyPass /socket ws://localhost:{port}/own",
        "nested": web + "ProxyPass /socket https://localhost:{port}/all\n"
        "ProxyPass /socket/x https://localhost:{port}/own",
        "balancer": web + "<Proxy balancer://two>\nBalancerMember https://localhost:{port}\n"
        "BalancerMember https://localhost:{port} route=b\n</Proxy>\n"
        "ProxyPass /socket/ balancer://two/own/",
        "excepted": web + "ProxyPass /socket/y !\nProxyPass /socket https://localhost:{port}/own",
        "conditional": web + "<IfModule ssl_module>\n"
        "ProxyPass /socket https://localhost:{port}/own\n</IfModule>",
        "off": STRICT + "ProxyPass /socket !\nProxyPass /socket/ https://localhost:{port}/own/",
        "untrusted": web + f"ProxyPass /socket https://localhost:{stranger.port}/own",
    }
    try:
        done, answers = patched(tmp_path, backend.port, bodies, authority.pem)
    finally:
        backend.stop()
        stranger.stop()
    said = " ".join(done.stderr.split())
    assert answers == dict.fromkeys(("moved", "nested", "balancer"), "/own") | dict.fromkeys(
        ("excepted", "conditional", "untrusted"), "/web"
    ) | {"off": ""}, said
    assert "/socket/: route-shadowed not patched, the order is yours" in said
    assert "keeps the path from being proxied (“!”)" in said
    text = (tmp_path / "httpd.conf").read_text()
    moved = f"# the socket\nProxyPass /socket wss://localhost:{backend.port}/own\n# the rest\n"
    assert moved in text
    for name in ("excepted", "conditional", "untrusted"):
        assert f"left: {name} /socket: route-shadowed not patched, the order is yours" in said


def switching(shown: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """A backend that switches to WebSocket where that is asked for, else answers with the path."""

    def handle(connection: socket.socket) -> None:
        with shown.wrap_socket(connection, server_side=True) as tls:
            head = servers.request(tls)
            if b"upgrade: websocket" in head.lower():
                tls.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\n\r\n"
                )
            elif head:
                tls.sendall(servers.ok(head.split(b" ")[1]))

    return handle


def test_of_two_lines_for_one_path_the_one_for_websocket_becomes_a_parameter(
    tmp_path: Path, authority: pki.Issued
) -> None:
    shown = servers.context(pki.issue("localhost", authority, dns=["localhost"]))
    bodies = {
        "twin": STRICT + "ProxyPass / https://localhost:{port}/\n"
        "ProxyPass / wss://localhost:{port}/",
        "plain": STRICT + "ProxyPass / http://localhost:{port}/ retry=0\n"
        "ProxyPass / ws://localhost:{port}/",
        "other": STRICT + "ProxyPass / https://localhost:{port}/\n"
        "ProxyPass / wss://localhost:{port}/other/",
    }
    with servers.serving(switching(shown)) as backend:
        done, answers = patched(tmp_path, backend, bodies, authority.pem)
        text = (tmp_path / "httpd.conf").read_text()
        port = int(text.partition(f"Listen {httpd.LISTEN}:")[2].split()[0])
        with httpd.running(tmp_path / "httpd.conf", tmp_path / "hosts"):
            assert httpd.get(port, "twin", websocket=True).status == 101
            assert httpd.get(port, "plain", websocket=True).status == 101
    assert answers == dict.fromkeys(bodies, "/socket"), done.stderr
    url = f"https://localhost:{backend}/"
    assert f"ProxyPass / {url} upgrade=websocket\n</VirtualHost>" in text
    assert f"ProxyPass / {url} retry=0 upgrade=websocket\n</VirtualHost>" in text
    said = " ".join(done.stderr.split())
    assert "left: other /: route-shadowed not patched, the order is yours to change" in said


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("http://app:8080", "http://app:8080/"),
        ("http://app:8080$1", "http://app:8080/$1"),
        ("unix:/run/s|http://localhost$1", "unix:/run/s|http://localhost/$1"),
        ("http://app/", "http://app/"),
    ],
)
def test_the_slash_stands_before_the_group_of_a_pattern(url: str, changed: str) -> None:
    assert backend_urls.new_url(RouteRepair(samples.route(url), slash=True)) == changed
