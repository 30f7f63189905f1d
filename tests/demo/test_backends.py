"""Each backend behaves as it is told, seen by Python's own TLS client."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from wizard.demo import pki
from wizard.demo.backends import Backend, Backends, Behaviour, Identity

ROOT = pki.issue("root", ca=True)
LEAF = Identity(pki.issue("leaf", ROOT, dns=["leaf.internal"]))
OTHER = Identity(pki.issue("other", ROOT, dns=["other.internal"]))


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    with Backends() as running:
        yield running


def context(**options: Any) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=ROOT.pem.decode())
    made.check_hostname = False
    for name, value in options.items():
        setattr(made, name, value)
    return made


def ask(
    backend: Backend, sni: str | None = "leaf.internal", *, method: str = "GET", **options: Any
) -> tuple[str, bytes, Any]:
    """Certificate's common name, status line, body of one request."""
    address = (backend.behaviour.address, backend.port)
    with (
        socket.create_connection(address, timeout=5) as connection,
        context(**options).wrap_socket(connection, server_hostname=sni) as tls,
    ):
        tls.sendall(f"{method} /p HTTP/1.1\r\nHost: h.internal\r\n\r\n".encode())
        data = b""
        while part := tls.recv(65536):
            data += part
        subject = (tls.getpeercert() or {})["subject"]
    head, _, body = data.partition(b"\r\n\r\n")
    return subject[-1][0][1], head.split(b"\r\n")[0], json.loads(body) if body else None


def test_says_what_it_saw(backends: Backends) -> None:
    backend = backends.start(Behaviour(LEAF))
    name, status, body = ask(backend)
    assert (name, status) == ("leaf", b"HTTP/1.1 200 OK")
    assert body["sni"] == "leaf.internal"
    assert body["host"] == "h.internal"
    assert body["path"] == "/p"
    assert body["client_certificate"] is None
    assert backend.seen[0].version == "TLSv1.3"


def test_certificate_by_sni(backends: Backends) -> None:
    backend = backends.start(Behaviour(LEAF, names={"other.internal": OTHER}, without_sni=OTHER))
    assert ask(backend, "leaf.internal")[0] == "leaf"
    assert ask(backend, "other.internal")[0] == "other"
    assert ask(backend, None)[0] == "other"


def test_strict_sni(backends: Backends) -> None:
    backend = backends.start(Behaviour(LEAF, strict_sni=("leaf.internal",)))
    assert ask(backend)[0] == "leaf"
    for sni in ("other.internal", None):
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            ask(backend, sni)
    assert [seen.sni for seen in backend.seen] == ["leaf.internal", "other.internal", None]


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_wants_a_client_certificate(backends: Backends, version: str) -> None:
    backend = backends.start(Behaviour(LEAF, client_cas=(ROOT,), maximum=version))
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure|certificate.required"):
        ask(backend)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_versions(backends: Backends, version: str) -> None:
    backend = backends.start(Behaviour(LEAF, minimum=version, maximum=version))
    assert ask(backend)[2]["version"] == version
    other = ssl.TLSVersion.TLSv1_3 if version == "TLSv1.2" else ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        ask(backend, minimum_version=other, maximum_version=other)


def test_status_and_head(backends: Backends) -> None:
    assert ask(backends.start(Behaviour(LEAF, status=404)))[1].startswith(b"HTTP/1.1 404 ")
    backend = backends.start(Behaviour(LEAF, allows_head=False))
    assert ask(backend, method="HEAD")[1].startswith(b"HTTP/1.1 405 ")


def read_all(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def test_without_tls(backends: Backends) -> None:
    def say(words: bytes, **options: Any) -> bytes:
        backend = backends.start(Behaviour(**options))
        with socket.create_connection(("127.0.0.1", backend.port), timeout=5) as connection:
            connection.sendall(words)
            return read_all(connection)

    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert say(request, speaks="plain").startswith(b"HTTP/1.1 200")
    assert say(b"\x16\x03\x01", speaks="plain").startswith(b"HTTP/1.1 400")
    assert say(request, speaks="garbage").startswith(b"220 ")
    assert say(request, speaks="close") == b""
    with pytest.raises(ConnectionResetError):
        say(request, speaks="reset")
    with pytest.raises(ConnectionResetError):
        say(request, speaks="plain", answers="reset")
    with pytest.raises(ConnectionRefusedError):
        say(request, speaks="refuse")


def test_never_answers(backends: Backends) -> None:
    silent = backends.start(Behaviour(speaks="silent"))
    with socket.create_connection(("127.0.0.1", silent.port), timeout=0.2) as connection:
        connection.sendall(b"x")
        with pytest.raises(TimeoutError):
            connection.recv(1)
    unanswered = backends.start(Behaviour(speaks="unanswered"))
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", unanswered.port), timeout=0.2)


def test_hangs_up_on_a_reused_connection(backends: Backends) -> None:
    backend = backends.start(Behaviour(speaks="plain", answers="once-per-connection"))
    with socket.create_connection(("127.0.0.1", backend.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536) == b""


def test_changes_while_it_runs(backends: Backends) -> None:
    backend = backends.start(Behaviour(LEAF))
    assert ask(backend)[0] == "leaf"
    backends.change(backend, Behaviour(OTHER, status=404))
    name, status, _ = ask(backend)
    assert (name, status) == ("other", b"HTTP/1.1 404 Not Found")
    with pytest.raises(ValueError, match="listen"):
        backends.change(backend, Behaviour(speaks="refuse"))


def test_tls_needs_an_identity(backends: Backends) -> None:
    with pytest.raises(ValueError, match="identity"):
        backends.start(Behaviour())
