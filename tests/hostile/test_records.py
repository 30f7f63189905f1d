"""Handshakes cut into pieces, begun anew, or with more in them than anybody needs."""

from __future__ import annotations

import hashlib
import itertools
import socket
import ssl
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.hostile import der
from tests.hostile.observing import NAME, TIMEOUT, observe
from tests.probe.asking import http, tls
from tests.support import servers
from tests.support.yardstick import bounded
from wizard.demo import pki
from wizard.probe.channel import MOST_CA_NAMES

SECONDS = 20
"""Of processor time, server and all; the worst of these takes two."""


CHANGE_CIPHER_SPEC = servers.record(20, b"\x01")
"""TLS 1.3 sends one for the sake of old devices (RFC 8446, D.4)."""


def in_pieces(data: bytes) -> bytes:
    """Records of handshake messages as records of one byte each; others as they are."""
    pieces = []
    while data:
        kind, size = data[0], 5 + int.from_bytes(data[3:5], "big")
        whole, data = data[:size], data[size:]
        if kind == 22:
            pieces += [servers.record(22, bytes((byte,))) for byte in whole[5:]]
        else:
            pieces.append(whole)
    return b"".join(pieces)


@pytest.mark.parametrize("names", [1, 4000])
def test_a_byte_in_each_record(authority: pki.Issued, names: int) -> None:
    """Allowed (RFC 5246, 6.2.1), if six times as long: OpenSSL takes it, so does httpd."""
    issued = pki.issue(NAME, authority, dns=[NAME, *(f"n{i}.internal" for i in range(1, names))])
    made = servers.context(issued)
    made.maximum_version = ssl.TLSVersion.TLSv1_2

    def handler(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = made.wrap_bio(incoming, outgoing, server_side=True)
        for cut, step in ((in_pieces, secure.do_handshake), (bytes, secure.read)):
            while True:
                try:
                    step()
                    break
                except ssl.SSLWantReadError:
                    # what is encrypted cannot be cut any more
                    connection.sendall(cut(outgoing.read()))
                    incoming.write(connection.recv(65536))
        secure.write(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.sendall(outgoing.read())
        connection.recv(1)

    with bounded(SECONDS), servers.serving(handler) as port:
        report = observe(port)
    assert len(tls(report).chain[0].dns_names) == names
    assert http(report).status == 200


def hello_retry(session: bytes) -> bytes:
    """HelloRetryRequest (RFC 8446, 4.1.4) for P-384."""
    extensions = b"\x00\x2b\x00\x02\x03\x04" + b"\x00\x33\x00\x02\x00\x18"
    body = b"\x03\x03" + hashlib.sha256(b"HelloRetryRequest").digest() + session
    body += b"\x13\x02\x00" + struct.pack(">H", len(extensions)) + extensions
    return servers.handshake(2, body)


def test_hello_retry_without_end() -> None:
    """One is allowed (RFC 8446, 4.1.4)."""
    counts: list[int] = []

    def handler(connection: socket.socket) -> None:
        hello = connection.recv(65536)
        retry = hello_retry(hello[43 : 44 + hello[43]])
        for number in itertools.count(1):
            counts.append(number)
            connection.sendall(retry)
            if not connection.recv(65536).startswith((CHANGE_CIPHER_SPEC, b"\x16")):
                return

    with servers.serving(handler) as port:
        report = observe(port)
    assert tls(report).failure == "protocol"
    assert max(counts) == 2


def test_an_endless_list_of_authorities(identity: pki.Issued) -> None:
    """Whose client certificates are welcome: OpenSSL takes 64 KiB of names, of which some count."""
    names = b"".join(
        struct.pack(">H", len(one)) + one for one in (der.name(f"CA {n}") for n in range(3000))
    )
    key = identity.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    request = b"\x01\x40\x00\x02\x04\x03" + struct.pack(">H", len(names)) + names

    def handler(connection: socket.socket) -> None:
        client_random = connection.recv(65536)[11:43]
        signed = client_random + b"R" * 32 + servers.POINT
        signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
        connection.sendall(
            servers.server_hello_tls12()
            + servers.certificates([identity.der])
            + servers.key_exchange(servers.POINT, signature, servers.ECDSA)
            + servers.handshake(13, request)
            + servers.DONE
        )
        connection.recv(65536)
        connection.sendall(servers.alert(40))
        while connection.recv(65536):
            pass

    assert len(names) < 1 << 16
    with servers.serving(handler) as port:
        report = observe(port)
    assert tls(report).failure == "alert"
    assert len(tls(report).client_ca_names) == MOST_CA_NAMES


def test_nothing_is_unpacked() -> None:
    """Neither records nor certificates (RFC 3749, RFC 8879) may come compressed: no bombs."""
    hellos: list[bytes] = []

    def handler(connection: socket.socket) -> None:
        hellos.append(connection.recv(65536))

    with servers.serving(handler) as port:
        observe(port, TIMEOUT)
    hello = hellos[0]
    at = 44 + hello[43]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    assert hello[at : at + 2] == b"\x01\x00"  # the one method: none
    at += 2
    extensions = hello[at + 2 : at + 2 + int.from_bytes(hello[at : at + 2], "big")]
    offered = set()
    while extensions:
        kind, size = struct.unpack(">HH", extensions[:4])
        offered.add(kind)
        extensions = extensions[4 + size :]
    compress_certificate = 27
    assert 0 in offered
    assert compress_certificate not in offered
