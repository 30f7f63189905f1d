"""Backends on loopback: what each connection is answered, down to the bytes of TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wizard.demo.pki import Issued

Handler = Callable[[socket.socket], None]


class Server:
    """Hands each connection to a handler, which may do anything, in a thread of its own.

    Args:
        handler: of each connection, which is closed behind it.
        listener: a socket that listens; None: a free port on loopback.
    """

    def __init__(self, handler: Handler, listener: socket.socket | None = None) -> None:
        self._handler = handler
        self._listener = listener or socket.create_server(("127.0.0.1", 0), backlog=64)
        self._connections: list[socket.socket] = []
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """TCP port that it listens on."""
        return int(self.address[1])

    def stop(self) -> None:
        """Close every connection too, so that a handler that writes without end ends."""
        for sock in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in it
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            self._handler(connection)


@contextlib.contextmanager
def serving(handler: Handler) -> Iterator[int]:
    """A port whose connections are each handed to a handler."""
    server = Server(handler)
    try:
        yield server.port
    finally:
        server.stop()


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


EVIL = "\x1b]0;owned\x07\x1b[2J[bold]x[/bold][link=x]\u202egnp.exe\u2066\x00tail"
"""Steers a terminal, is markup of Rich and Textual, turns letters round, ends a C string."""
_DESCRIPTION = x509.ObjectIdentifier("2.5.4.13")  # X.520: of no bounded length


def evil() -> Issued:
    """A self-signed certificate whose every name is hostile, some of them 20,000 long."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, EVIL[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ("\x1b[31m" + "o" * 60)[:64]),
            x509.NameAttribute(_DESCRIPTION, EVIL + "d" * 30_000),
        ]
    )
    names = ["evil\x1b[2J\x00.internal", "[red]markup[/red]", "l" * 20_000]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2040, 1, 1))
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, names)), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Issued(built, key)


def context(identity: Issued, *sent: Issued) -> ssl.SSLContext:
    """A server's context with a certificate, and what is sent above it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:  # OpenSSL reads a key from a file only
        file.write(identity.key_pem + identity.pem + b"".join(one.pem for one in sent))
        file.flush()
        made.load_cert_chain(file.name)
    return made


def request(connection: socket.socket) -> bytes:
    """A request's head; empty where the client hangs up before its end."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


def ok(body: bytes) -> bytes:
    """An answer after which the connection is closed."""
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def answering(made: ssl.SSLContext, answer: Callable[[ssl.SSLSocket], None]) -> Handler:
    """A handler that makes the handshake, reads the request's head and then answers."""

    def handle(connection: socket.socket) -> None:
        with made.wrap_socket(connection, server_side=True) as tls:
            if request(tls):
                answer(tls)

    return handle


def record(kind: int, payload: bytes) -> bytes:
    """A TLS record (RFC 8446, 5.1)."""
    return struct.pack(">BHH", kind, 0x0303, len(payload)) + payload


def alert(number: int) -> bytes:
    """A fatal alert in plain text."""
    return record(21, bytes((2, number)))


def server_hello_tls12(more: bytes = b"", cipher: bytes = b"\xc0\x2c") -> bytes:
    """A ServerHello of TLS 1.2 (RFC 5246, 7.4.1.3).

    Args:
        more: further extensions.
        cipher: unless told, ECDHE-ECDSA-AES256-GCM-SHA384.
    """
    renegotiation_info = b"\xff\x01\x00\x01\x00"
    extensions = renegotiation_info + b"\x00\x17\x00\x00" + more  # extended_master_secret
    body = b"\x03\x03" + b"R" * 32 + b"\x00" + cipher + b"\x00"
    body += struct.pack(">H", len(extensions)) + extensions
    return handshake(2, body)


def handshake(kind: int, body: bytes) -> bytes:
    """A handshake message, cut into records."""
    message = bytes((kind,)) + struct.pack(">I", len(body))[1:] + body
    return b"".join(record(22, message[i : i + 16000]) for i in range(0, len(message), 16000))


def certificates(ders: list[bytes]) -> bytes:
    """The Certificate message of TLS 1.2."""
    entries = b"".join(struct.pack(">I", len(d))[1:] + d for d in ders)
    return handshake(11, struct.pack(">I", len(entries))[1:] + entries)


POINT = b"\x03\x00\x17\x41" + bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""P-256 and its base point: a key share that counts (RFC 8422, 5.4)."""
PSS, ECDSA = b"\x08\x04", b"\x04\x03"
"""With SHA-256 (RFC 8446, 4.2.3)."""
DONE = handshake(14, b"")


def key_exchange(parameters: bytes, signature: bytes, algorithm: bytes = PSS) -> bytes:
    """ServerKeyExchange of TLS 1.2 (RFC 5246, 7.4.3)."""
    return handshake(12, parameters + algorithm + struct.pack(">H", len(signature)) + signature)
