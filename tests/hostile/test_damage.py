"""A real backend whose bytes are damaged on the way: whatever comes of it is a report."""

from __future__ import annotations

import os
import random
import socket
import ssl
from pathlib import Path

import pytest

from tests.probe.asking import NAME, RESOLVER
from tests.support import servers
from wizard import probe
from wizard.demo import pki
from wizard.model.probe import ProbeRequest

ROUNDS = int(os.environ.get("DAMAGE_ROUNDS", "150"))
"""Connections of each kind; more for a long run."""
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: x\r\nKeep-Alive: timeout=5\r\nContent-Type: text/html\r\n"
    b"Content-Length: 5\r\n\r\nhello"
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, put in, left out or repeated; most often few."""
    changed = bytearray(data)
    for _ in range(chance.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 50))):
        at = chance.randrange(len(changed)) if changed else 0
        size = chance.choice((1, 1, 2, 4, 100))
        put = bytes(
            chance.choice((0, 1, 0x16, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            for _ in range(size)
        )
        kind = chance.randrange(4)
        if kind == 0:
            changed[at : at + size] = put
        elif kind == 1:
            changed[at:at] = put
        elif kind == 2:
            del changed[at : at + size]
        else:
            changed[at:at] = changed[at : at + size]
    return bytes(changed)


def damaging_tls(made: ssl.SSLContext, chance: random.Random) -> servers.Handler:
    def handle(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = made.wrap_bio(incoming, outgoing, server_side=True)
        done = False
        while True:
            try:
                if not done:
                    tls.do_handshake()
                    done = True
                tls.read(65536)
                tls.write(ANSWER)
                connection.sendall(damaged(outgoing.read(), chance))
                return
            except ssl.SSLWantReadError:
                connection.sendall(damaged(outgoing.read(), chance))
                data = connection.recv(65536)
                if not data:
                    return
                incoming.write(data)

    return handle


def damaging_http(answer: bytes, chance: random.Random) -> servers.Handler:
    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(damaged(answer, chance))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    return handle


def probe_often(port: int, request: ProbeRequest) -> set[str]:
    """Probe a port many times; what was seen, in short."""
    requests = [
        ProbeRequest(
            NAME,
            port,
            request.tls,
            sni=request.sni,
            host_header=NAME,
            path=f"/{n}",
            alpn=request.alpn,
            ca_file=request.ca_file,
            timeout=0.5,
        )
        for n in range(ROUNDS)
    ]
    reports = probe.probe_all(requests, resolver=RESOLVER)
    assert len(reports) == ROUNDS
    seen = set()
    for report in reports.values():
        assert report.tcp is not None
        if report.tcp.address is None:
            continue  # a busy machine: not even connected
        if request.tls:
            assert report.tls is not None
            seen.add(f"tls {report.tls.failure}")
        if report.http is not None:
            seen.add(f"http {report.http.failure or report.http.status}")
    return seen


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_damaged_tls(version: ssl.TLSVersion, tmp_path: Path) -> None:
    root = pki.issue("Root", ca=True)
    made = servers.context(pki.issue(NAME, root, dns=[NAME]), root)
    made.maximum_version = version
    ca = tmp_path / "ca.pem"
    ca.write_bytes(root.pem)
    request = ProbeRequest(NAME, 0, tls=True, sni=NAME, ca_file=str(ca))
    with servers.serving(damaging_tls(made, random.Random(1))) as port:
        seen = probe_often(port, request)
    assert {"tls None", "tls protocol", "http 200"} <= seen


@pytest.mark.parametrize("alpn", [(), ("h2",)])
def test_damaged_http(alpn: tuple[str, ...]) -> None:
    frames = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88"
    answer = frames if alpn else ANSWER
    request = ProbeRequest(NAME, 0, tls=False, alpn=alpn)
    with servers.serving(damaging_http(answer, random.Random(2))) as port:
        seen = probe_often(port, request)
    assert "http 200" in seen
    assert seen & {"http not-http", "http closed"}
