"""Ports that speak another protocol than the URL says: the finding names the scheme that works."""

from __future__ import annotations

import re
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.verdict.http2_backends import FINE, Answer, goaway, head
from wizard.demo import pki
from wizard.engine.engine import Engine
from wizard.model.diagnosis import Diagnosis
from wizard.model.scope import Scope

_ANSWER = Answer(head())
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def _http2_alone(connection: socket.socket) -> None:
    """As gRPC's C core: SETTINGS and GOAWAY to what is no preface."""
    if connection.recv(3, socket.MSG_PEEK) == _PREFACE[:3]:
        _ANSWER(connection)
    else:
        connection.sendall(FINE + goaway(1, 0))


def _http2_or_hang_up(connection: socket.socket) -> None:
    """As gRPC in Go: not a word to what is no preface."""
    if connection.recv(3, socket.MSG_PEEK) == _PREFACE[:3]:
        _ANSWER(connection)


BACKENDS = {"grpc": _http2_alone, "hangs-up": _http2_or_hang_up}
"""Beside them httpd itself: ``both`` (HTTP/1 and HTTP/2 in cleartext), ``old`` (HTTP/1 alone) and
``tls`` (both, over TLS)."""
PLAIN, VERSION, TLS = "backend-speaks-plain-http", "http-version-mismatch", "backend-speaks-tls"
EXPECTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("h2", "grpc"): (PLAIN, "h2c"),
    ("h2", "hangs-up"): (PLAIN, "h2c"),
    ("h2", "both"): (PLAIN, "h2c"),
    ("h2", "old"): (PLAIN, "http"),
    ("https", "grpc"): (PLAIN, "h2c"),
    ("https", "hangs-up"): (PLAIN, "h2c"),
    ("https", "both"): (PLAIN, "http"),
    ("https", "old"): (PLAIN, "http"),
    ("http", "grpc"): (VERSION, "h2c"),
    ("http", "hangs-up"): (VERSION, "h2c"),
    ("h2c", "old"): (VERSION, "http"),
    ("h2c", "tls"): (TLS, "h2"),
    ("http", "tls"): (TLS, "https"),
    ("h2c", "grpc"): (),
    ("h2c", "hangs-up"): (),
    ("h2c", "both"): (),
    ("http", "both"): (),
    ("http", "old"): (),
    ("h2", "tls"): (),
    ("https", "tls"): (),
}
"""Scheme and backend: the finding and the scheme of its remedy; nothing where the route works."""
Both = dict[tuple[str, str, str], tuple[int, Diagnosis]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """httpd's status and the diagnosis for each scheme, backend and SSLProxyEngine."""
    directory = tmp_path_factory.mktemp("protocols")
    port, *own = httpd.free_ports(4)
    ports = dict(zip(("both", "old", "tls"), own, strict=True))
    with ExitStack() as stack:
        for name, handler in BACKENDS.items():
            ports[name] = stack.enter_context(servers.serving(handler))
        config = directory / "httpd.conf"
        config.write_text(_config(directory, port, ports))
        hosts = directory / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        with httpd.running(config, hosts):
            statuses = {key: _status(port, *key) for key in _keys()}
            report = Engine(Scope(path=str(config), timeout=2)).check()
    found = {
        tuple(name.removesuffix(".test").split(".")): diagnosis
        for diagnosis in report.diagnoses
        if (name := diagnosis.case.route.vhost.server_name or "").count(".") == 3
    }
    return {key: (statuses[key], found[key]) for key in statuses}


def _keys() -> list[tuple[str, str, str]]:
    return [(*key, engine) for key in EXPECTED for engine in ("on", "off")]


def _config(directory: Path, port: int, ports: dict[str, int]) -> str:
    identity = pki.issue("localhost", dns=["localhost"])
    (directory / "own.pem").write_bytes(identity.key_pem + identity.pem)
    served = {"both": "h2c http/1.1", "old": "http/1.1", "tls": "h2 http/1.1"}
    listens = [f"{httpd.LISTEN}:{port}", *(f"127.0.0.1:{ports[name]}" for name in served)]
    text = httpd.main_config(directory, listens)
    text += f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\n"
    for name, protocols in served.items():
        encrypted = "SSLEngine on\nSSLCertificateFile own.pem\n" if name == "tls" else ""
        text += (
            f"<VirtualHost *:{ports[name]}>\nServerName localhost\nProtocols {protocols}\n"
            f"{encrypted}RewriteEngine On\nRewriteRule ^ - [R=204]\n</VirtualHost>\n"
        )
    for scheme, name, engine in _keys():
        text += (
            f"<VirtualHost *:{port}>\nServerName {scheme}.{name}.{engine}.test\nProxyTimeout 2\n"
            f"SSLProxyEngine {engine}\nSSLProxyCheckPeerName off\n"
            f"ProxyPass / {scheme}://localhost:{ports[name]}/\n</VirtualHost>\n"
        )
    return text


def _status(port: int, *name: str) -> int:
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as connection:
        host = ".".join((*name, "test"))
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(("scheme", "backend"), EXPECTED)
@pytest.mark.parametrize("engine", ["on", "off"])
def test_the_finding_names_the_scheme_that_works(
    scheme: str, backend: str, engine: str, both: Both
) -> None:
    status, diagnosis = both[scheme, backend, engine]
    assert diagnosis.verdict.status == status
    slugs = [finding.slug for finding in diagnosis.findings]
    off = engine == "off" and scheme in ("h2", "https")
    assert ("engine-off" in slugs) == off
    expected = EXPECTED[scheme, backend]
    if not expected:
        assert (status < 300) != off
        assert not {PLAIN, VERSION, TLS} & {*slugs}
        return
    slug, right = expected
    assert status >= 400
    assert slugs[: 1 + off] == (["engine-off", slug] if off else [slug])
    texts = [remedy.text for remedy in diagnosis.findings[off].remedies]
    assert re.findall(r"\bwrite ([a-z0-9]+)://", " ".join(texts).lower()) == [right]
    assert both[right, backend, "on"][0] < 300
