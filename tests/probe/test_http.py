from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.probe.asking import NAME, RESOLVER, http, observe, tls
from tests.support import servers
from wizard import probe
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.probe import ProbeRequest

PLAIN = {"tls": False, "sni": None}


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A port without TLS that gives one answer a connection, and the heads that it got."""
    heads: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        heads.append(connection.recv(65536))
        connection.sendall(answers[min(len(heads), len(answers)) - 1])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):  # what comes late shall not turn the end into a reset
            pass

    with servers.serving(handle) as port:
        yield port, heads


OK = b"HTTP/1.1 200 OK\r\n\r\n"


def test_request_is_httpds() -> None:
    with answering(OK) as (port, heads):
        observe(port, path="/a%20b?c=d", host_header="www.example.org:8080", **PLAIN)
    lines = heads[0].split(b"\r\n")
    assert lines[0] == b"HEAD /a%20b?c=d HTTP/1.1"
    assert lines[1].lower() == b"host: www.example.org:8080"


def test_what_the_answer_says() -> None:
    answer = (
        b"HTTP/1.1 302 Found\r\nServer: first\r\nServer: second\r\nLocation: /x\r\n"
        b"Keep-Alive: timeout=5, max=100\r\n\r\n"
    )
    with answering(answer) as (port, _):
        result = http(observe(port, **PLAIN))
    assert (result.status, result.reason, result.method) == (302, "Found", "HEAD")
    assert (result.server, result.location, result.keep_alive) == ("first", "/x", 5.0)


@pytest.mark.parametrize("refusal", [b"HTTP/1.1 405 No\r\n\r\n", b"HTTP/1.1 501 No\r\n\r\n", b""])
def test_get_where_head_is_refused(refusal: bytes) -> None:
    with answering(refusal, OK) as (port, heads):
        result = http(observe(port, **PLAIN))
    assert (result.method, result.status) == ("GET", 200)
    assert [h.split()[0] for h in heads] == [b"HEAD", b"GET"]


@pytest.mark.parametrize("status", [200, 204, 301, 401, 410, 503])
def test_other_answers_to_head_stand(status: int) -> None:
    with answering(b"HTTP/1.1 %d X\r\n\r\n" % status) as (port, heads):
        result = http(observe(port, **PLAIN))
    assert (result.method, result.status) == ("HEAD", status)
    assert len(heads) == 1


def test_interim_answers_are_passed_over() -> None:
    with answering(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK) as (port, _):
        assert http(observe(port, **PLAIN)).status == 200


def test_websocket() -> None:
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    with answering(answer) as (port, heads):
        result = http(observe(port, upgrade=True, **PLAIN))
    assert (result.method, result.status) == ("GET", 101)
    head = heads[0].lower()
    assert b"upgrade: websocket" in head
    assert b"sec-websocket-version: 13" in head
    with answering(OK) as (port, _):
        assert http(observe(port, upgrade=True, **PLAIN)).status == 200


@pytest.mark.parametrize("path", ["/a b", "/\r\nX: y", "/\x00"])
def test_a_request_that_cannot_be_made(path: str) -> None:
    with answering(OK) as (port, heads):
        result = http(observe(port, path=path, **PLAIN))
    assert result.failure == "other"
    assert all(b"X: y" not in head for head in heads)


def test_no_http_is_shown() -> None:
    with answering(b"220 mail.internal\r\n") as (port, _):
        result = http(observe(port, **PLAIN))
    assert result.failure == "not-http"
    assert result.first == "220 mail.internal\r\n"


def test_http_is_left_out_where_it_is_not_spoken() -> None:
    with answering(OK) as (port, heads):
        report = observe(port, http=False, **PLAIN)
    assert report.tcp is not None
    assert report.tcp.address == "127.0.0.1"
    assert report.http is None
    assert heads in ([], [b""])


@pytest.mark.parametrize("status", [200, 204, 301, 404, 503, 999])
def test_http2(status: int, backends: Backends, identity: Identity) -> None:
    backend = backends.start(Behaviour(identity, alpn=("h2",), status=status))
    assert http(observe(backend.port, alpn=("h2",))).status == status


@pytest.mark.parametrize(
    ("block", "status"),
    [
        (b"\x88", 200),
        (b"\x3f\xe1\x1f\x88", 200),
        (b"\x48\x82\x08\x19", 103),
        (b"\x08\x03503", 503),
        (b"\x48\x82\x64\x02", 302),
        (b"\x48\x03abc", None),
        (b"\x40\x01a\x01b", None),
        (b"", None),
    ],
)
def test_status_of_a_header_block(block: bytes, status: int | None) -> None:
    """Examples of RFC 7541, appendix C, among them."""
    frames = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    for payload in (block, b"\x8e") if status == 103 else (block,):  # 500 follows an interim answer
        flags = b"\x04" if status == 103 and payload is block else b"\x05"
        frames += len(payload).to_bytes(3, "big") + b"\x01" + flags + b"\x00\x00\x00\x01" + payload
    with answering(frames) as (port, heads):
        result = http(observe(port, alpn=("h2",), **PLAIN))
    assert heads[0].startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    if status is None:
        assert result.failure == "stream"
    else:
        assert result.status == (500 if status < 200 else status)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not-http"),
        (b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0d", "not-http"),
        (
            b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
            b"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x07",
            "stream",
        ),
        (b"", "closed"),
        (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 9000, "not-http"),
    ],
)
def test_no_http2(answer: bytes, failure: str) -> None:
    with answering(answer) as (port, _):
        assert http(observe(port, alpn=("h2",), **PLAIN)).failure == failure


def proxy(target: int, answer: bytes = b"HTTP/1.0 200 OK\r\n\r\n") -> servers.Handler:
    """A forward proxy that lets CONNECT through to one port."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def handle(connection: socket.socket) -> None:
        head = connection.recv(65536)
        assert head.startswith(b"CONNECT backend.internal:443 HTTP/1.0\r\n")
        connection.sendall(answer)
        if b" 200 " not in answer:
            return
        with socket.create_connection(("127.0.0.1", target)) as upstream:
            threading.Thread(target=pump, args=(connection, upstream), daemon=True).start()
            pump(upstream, connection)

    return handle


def test_tunnel_through_a_forward_proxy(
    backends: Backends, identity: Identity, ca_file: str
) -> None:
    backend = backends.start(Behaviour(identity))
    with servers.serving(proxy(backend.port)) as port:
        remote = f"http://127.0.0.1:{port}"
        report = observe(443, forward_proxy=remote, ca_file=ca_file)
    assert report.dns is not None
    assert report.dns.addresses == ("127.0.0.1",)
    assert tls(report).completed
    assert tls(report).without_sni is not None
    assert http(report).status == 200
    assert report.notes == (f"reached through the forward proxy 127.0.0.1:{port}",)


@pytest.mark.parametrize(
    ("answer", "status", "failure"),
    [
        (b"HTTP/1.0 407 Proxy Authentication Required\r\n\r\n", 407, "other"),
        (b"HTTP/1.0 201 Created\r\n\r\n", 201, "other"),
        (b"HTTP/1.0 OK\r\n\r\n", 0, "other"),
        (b"HTTP/1.0 200 OK\n\n", None, "closed"),
        (b"", None, "closed"),
        (b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 90000, None, "too-much"),
    ],
)
def test_forward_proxy_that_refuses(answer: bytes, status: int | None, failure: str) -> None:
    with servers.serving(proxy(0, answer)) as port:
        report = observe(443, forward_proxy=f"http://127.0.0.1:{port}")
    result = http(report)
    assert (result.method, result.status, result.failure) == ("CONNECT", status, failure)
    assert report.tls is None


def test_plain_request_through_a_forward_proxy() -> None:
    with answering(OK) as (port, heads):
        report = observe(8080, forward_proxy=f"http://127.0.0.1:{port}", **PLAIN)
    assert http(report).status == 200
    assert heads[0].startswith(b"HEAD http://backend.internal:8080/ HTTP/1.1\r\n")


def test_forward_proxy_without_a_host() -> None:
    report = observe(443, forward_proxy="nonsense")
    assert report.error is not None
    assert report.tcp is None


def test_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    missing = ProbeRequest("localhost", 80, tls=False, socket=path)
    report = probe.probe_all([missing], resolver=RESOLVER)[missing]
    assert report.dns is None
    assert report.tcp is not None
    assert report.tcp.failure == "refused"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(10)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(OK)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        request = ProbeRequest(NAME, 80, tls=False, socket=path, host_header=NAME)
        report = probe.probe_all([request], resolver=RESOLVER)[request]
        thread.join(10)
    assert report.tcp is not None
    assert report.tcp.address == path
    assert http(report).status == 200


def test_get_where_head_is_never_answered() -> None:
    def handle(connection: socket.socket) -> None:
        if connection.recv(65536).startswith(b"GET"):
            connection.sendall(OK)
        while connection.recv(65536):
            pass

    with servers.serving(handle) as port:
        answer = http(observe(port, timeout=0.5, **PLAIN))
    assert (answer.method, answer.status) == ("GET", 200)


def test_what_openssl_s_server_shows(identity: Identity, tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(identity.leaf.pem + identity.leaf.key_pem)
    words = ["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", str(certificate)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            told = next(line for line in server.stdout if line.startswith("ACCEPT "))
            answer = http(observe(int(told.rpartition(":")[2]), timeout=2))
        finally:
            server.terminate()
    assert (answer.method, answer.status) == ("GET", 200)
