"""Somebody else in a backend's place, with a certificate for the right name that is worth nothing.

A rehearsal shows that httpd lets the right backend in. Whether it lets a wrong one in is seen here,
from the other end of its connection: httpd sends its request (RFC 9110, 3.4) only to whom it
believes. It compares names and dates after the handshake (mod_ssl, ``ssl_io_filter_handshake``), so
a handshake that succeeds proves nothing. Why it sends none is in its log alone: the alert may be
lost, for httpd closes with bytes unread, which resets the connection (RFC 9293, 3.10.4).
"""

from __future__ import annotations

import base64
import contextlib
import math
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wizard.httpd.sandbox import doors
from wizard.model.config import Route
from wizard.model.rehearsal import Pretence, Reception

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_PATIENCE = 5.0
"""Seconds that an impostor waits for httpd's next bytes."""
_DAY = timedelta(days=1)
_TLS = (b"\x16", b"\x15")
"""How a connection begins with TLS (RFC 8446, 5.1): with a handshake, or with an alert where httpd
has nothing to offer."""
_MOST_CN = 64  # RFC 5280, appendix A: ub-common-name-length
_SURE_FIRST = (Reception.LET_IN, Reception.PLAIN, Reception.UNCLEAR)
"""Of several connections for one request."""
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Impostors:
    """What impostors are made of, for one rehearsal: keys, and a CA.

    Args:
        directory: nobody else's; OpenSSL reads a private key from a file only.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: tuple[_Key, ...] = (
            ec.generate_private_key(ec.SECP384R1()),
            rsa.generate_private_key(65537, 2048),  # for ciphers that need it (ECDHE-RSA-…)
        )
        self._ca_key = ec.generate_private_key(ec.SECP384R1())
        self._ca_name = _name("Impostor CA")
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self._ca = (
            _builder(self._ca_name, self._ca_name, self._ca_key)
            .add_extension(constraints, critical=True)
            .sign(self._ca_key, hashes.SHA384())
        )
        self._dh = directory / "impostor.dh"
        self._dh.touch(mode=0o600)
        self._dh.write_bytes(_ffdhe2048())

    def impostor(self, pretence: Pretence, route: Route) -> Encounter:
        """One impostor, for one request.

        Args:
            pretence: how its certificate is signed.
            route: of whose backend it takes the place.
        """
        backend = route.backend
        client_host = route.client_host.rpartition(":")[0] or route.client_host
        names = (backend.check_name, backend.host, route.client_host, client_host)
        member = f"{backend.host}:{backend.port}" if route.balancer is not None else None
        return Encounter(self, pretence, names, member)

    def context(self, pretence: Pretence, names: Sequence[str]) -> ssl.SSLContext:
        """A server's context with certificates for names; it takes every version and cipher that
        OpenSSL has, so that a refusal is due to the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.load_dh_params(str(self._dh))
        names = tuple(dict.fromkeys(filter(_is_writable, names)))
        for key in self._keys:
            with self._file(key, self._chain(pretence, names, key)) as file:
                context.load_cert_chain(file)
        return context

    def _chain(
        self, pretence: Pretence, names: Sequence[str], key: _Key
    ) -> tuple[x509.Certificate, ...]:
        """The shortest that there is: a longer one might exceed ``SSLProxyVerifyDepth``."""
        own = pretence is Pretence.SELF_SIGNED
        subject = _name(*names)
        builder = (
            _builder(subject, subject if own else self._ca_name, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        if names:
            dns = x509.SubjectAlternativeName(map(x509.DNSName, names))
            builder = builder.add_extension(dns, critical=False)
        leaf = builder.sign(key if own else self._ca_key, hashes.SHA384())
        return (leaf,) if own else (leaf, self._ca)

    @contextlib.contextmanager
    def _file(self, key: _Key, chain: Sequence[x509.Certificate]) -> Iterator[str]:
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        pem += b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
        with tempfile.NamedTemporaryFile(dir=self._directory, suffix=".pem") as file:
            file.write(pem)
            file.flush()
            yield file.name


@dataclass(slots=True)
class Encounter:
    """What httpd does with one impostor. Of its requests nothing is kept.

    Args:
        made_of: keys and CA.
        pretence: how its certificate is signed.
        names: that the certificate covers; the SNI and the address that httpd connects to come on
            top, for they may be others after a plan.
        member: the only target to which a forward proxy gives a tunnel, ``HOST:PORT``: others are
            of other members of its balancer. None: it does to any.
    """

    made_of: Impostors
    pretence: Pretence
    names: tuple[str, ...]
    member: str | None
    _seen: list[Reception] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def dial(self, address: str, port: int) -> socket.socket:
        """A connection to the impostor instead of one to an address and its port."""
        del port
        theirs, ours = socket.socketpair()
        self.take(ours, address)
        return theirs

    def take(self, connection: socket.socket, address: str = "") -> None:
        """Be the backend on a connection of httpd's.

        Args:
            connection: just made; it will be closed.
            address: that httpd connected to, if it is known.
        """
        thread = threading.Thread(target=self._serve, args=(connection, address), daemon=True)
        self._threads.append(thread)
        thread.start()

    def reception(self, wait: float = 0.0) -> Reception:
        """What httpd did, once its request is answered: unclear where it made a connection and sent
        no request.

        Args:
            wait: seconds for connections to end that httpd has not closed yet.
        """
        end = time.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        seen = self._seen
        return next((one for one in _SURE_FIRST if one in seen), Reception.NOT_ASKED)

    def _serve(self, connection: socket.socket, address: str) -> None:
        with connection:
            connection.settimeout(_PATIENCE)
            try:
                self._seen.append(self._meet(connection, address))
            except (OSError, ValueError):
                self._seen.append(Reception.UNCLEAR)

    def _meet(self, connection: socket.socket, address: str) -> Reception:
        first = b""
        with contextlib.suppress(TimeoutError):
            first = connection.recv(len(doors.CONNECT), socket.MSG_PEEK)
        if not first:
            return Reception.NOT_ASKED
        if not first.startswith((*_TLS, doors.CONNECT)):
            return Reception.PLAIN
        if first == doors.CONNECT:
            target = doors.target(connection)
            if self.member is not None and target != self.member:
                connection.sendall(b"HTTP/1.1 503 Not here\r\n\r\n")
                return Reception.NOT_ASKED
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            address = target.rpartition(":")[0]
        context = self.made_of.context(self.pretence, (*self.names, address))
        context.sni_callback = self._named
        with context.wrap_socket(connection, server_side=True) as tls:
            if not tls.recv(1):
                return Reception.UNCLEAR
            with contextlib.suppress(OSError):
                tls.sendall(_ANSWER)
        return Reception.LET_IN

    def _named(self, tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        """Cover the SNI; an alert where that cannot be, for an exception would be printed."""
        if name and name not in self.names:
            try:
                tls.context = self.made_of.context(self.pretence, (name, *self.names))
            except (OSError, ValueError):
                return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None


class Tunnel:
    """A forward proxy on loopback, as a context manager: it leads to an impostor, wherever to.

    Where httpd has no network of its own, ``ProxyRemote`` to it is the way: SNI, checks and client
    certificate of a TLS connection stay as they are (measured on httpd 2.4.71).

    Attributes:
        port: on 127.0.0.1.
        encounter: who takes the next connections.
    """

    encounter: Encounter | None = None

    def __enter__(self) -> Tunnel:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if self.encounter is None:
                    connection.close()
                else:
                    self.encounter.take(connection)


def _ffdhe2048() -> bytes:
    """The group of that name (RFC 7919, A.1) in PEM, for ciphers with DHE up to TLS 1.2.

    By hand, for cryptography is about to drop such groups.
    """
    e = sum((1 << 1918 + 64) // math.factorial(k) for k in range(400)) >> 64  # times 2^1918
    p = (1 << 2048) - (1 << 1984) + ((e + 560316) << 64) - 1
    sequence = bytes.fromhex("308201080282010100") + p.to_bytes(256, "big") + b"\x02\x01\x02"
    lines = base64.encodebytes(sequence)
    return b"-----BEGIN DH PARAMETERS-----\n" + lines + b"-----END DH PARAMETERS-----\n"


def _builder(subject: x509.Name, issuer: x509.Name, key: _Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
    )


def _name(*names: str) -> x509.Name:
    """A subject with each as CN: for an address httpd compares nothing else."""
    short = [name for name in names if len(name) <= _MOST_CN]
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in short])


def _is_writable(name: str) -> bool:
    """Whether a certificate can hold the name (RFC 5280, 4.2.1.6)."""
    return bool(name) and name.isascii() and name.isprintable()
