"""A server of TLS 1.3 that sends, under the keys of the connection, whatever it likes."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tests.support import servers
from wizard.demo.pki import Issued

HANDSHAKE, DATA = 22, 23
UPDATE, UPDATE_BOTH = b"\x18\x00\x00\x01\x00", b"\x18\x00\x00\x01\x01"
"""KeyUpdate (RFC 8446, 4.6.3); the second wants one in return."""
_NUMBER = itertools.count()
_AT_ONCE = 16_000
"""Bytes sent at a time: small records one by one would only be slow."""


def ticket(size: int) -> bytes:
    """NewSessionTicket (RFC 8446, 4.6.1) with a ticket of ``size`` bytes."""
    body = struct.pack(">II", 7200, 1) + b"\x00" + struct.pack(">H", size) + bytes(size) + bytes(2)
    return b"\x04" + struct.pack(">I", len(body))[1:] + body


def _expand(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, 7.1), for AES-256-GCM-SHA384."""
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + b"\x00"
    return HKDFExpand(hashes.SHA384(), length, info).derive(secret)


class Sealing:
    """Makes records that are protected as the client expects the server's (RFC 8446, 5.2)."""

    def __init__(self, secret: bytes) -> None:
        self._take(secret)

    def _take(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(_expand(secret, b"key", 32))
        self._iv = int.from_bytes(_expand(secret, b"iv", 12), "big")
        self._sent = 0

    def __call__(self, kind: int, payload: bytes) -> bytes:
        """A record; after a KeyUpdate the next one has the next keys."""
        inner = payload + bytes((kind,))
        head = struct.pack(">BHH", DATA, 0x0303, len(inner) + 16)
        nonce = (self._iv ^ self._sent).to_bytes(12, "big")
        sealed = head + self._cipher.encrypt(nonce, inner, head)
        self._sent += 1
        if kind == HANDSHAKE and payload in (UPDATE, UPDATE_BOTH):
            self._take(_expand(self._secret, b"traffic upd", 48))
        return sealed


Says = Callable[[], Iterable[tuple[int, bytes]]]
"""What a server says once the handshake is done: types and contents of records."""


def saying(directory: Path, identity: Issued, says: Says) -> servers.Handler:
    """A handler that makes the handshake by itself and then says what it is told to."""

    def handle(connection: socket.socket) -> None:
        log = directory / f"keys-{next(_NUMBER)}"
        made = servers.context(identity)
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        made.num_tickets = 0
        made.keylog_filename = str(log)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = made.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                break
            connection.sendall(outgoing.read())
            incoming.write(connection.recv(65536))
        connection.sendall(outgoing.read())
        words = [line.split() for line in log.read_text().splitlines()]
        secret = next(words[2] for words in words if words[0] == "SERVER_TRAFFIC_SECRET_0")
        sealing = Sealing(bytes.fromhex(secret))
        waiting = b""
        for kind, payload in says():
            waiting += sealing(kind, payload)
            if len(waiting) > _AT_ONCE:
                connection.sendall(waiting)
                waiting = b""
        connection.sendall(waiting)
        while connection.recv(65536):
            pass

    return handle
