"""A small world for repairs: authorities, TLS backends on loopback, and real httpd."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
MODULES = Path("/usr/lib/apache2/modules")
NSS_WRAPPER = "libnss_wrapper.so"
FRONT = "127.0.0.2"
"""Where httpd listens. nss_wrapper answers a numeric address once for each name that has it, and
httpd would try to listen on 127.0.0.1, which all the backends share, as many times."""
HTTPD = shutil.which("apache2") or "/usr/sbin/apache2"


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    dns: Sequence[str] = (),
    ca: bool = False,
    days: tuple[int, int] = (-1, 365),
    extensions: Sequence[x509.ExtensionType] = (),
) -> Issued:
    """A certificate for a subject ``CN=name``; self-signed without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if dns:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(n) for n in dns]), critical=False
        )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


@dataclass
class Backend:
    """A TLS server that answers every request with 200; can be made to show another identity."""

    leaf: Issued
    sent: tuple[Issued, ...]
    directory: Path
    impostor: bool = False
    port: int = 0
    _socket: socket.socket = field(init=False)
    _contexts: dict[bool, ssl.SSLContext] = field(init=False, default_factory=dict)

    def start(self) -> None:
        name = self.leaf.certificate.subject.rfc4514_string().removeprefix("CN=")
        san = self.leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        false_ca = issue("Impostor CA", ca=True)
        false = issue(name, false_ca, dns=san.value.get_values_for_type(x509.DNSName))
        for impostor, leaf, chain in ((False, self.leaf, self.sent), (True, false, (false_ca,))):
            file = self.directory / f"{name}-{impostor}.pem"
            file.write_bytes(leaf.key_pem + leaf.pem + b"".join(c.pem for c in chain))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            self._contexts[impostor] = context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def show(self, certificate: Path, key: Path) -> None:
        """Show another certificate from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._contexts[False] = context

    def stop(self) -> None:
        # shutdown wakes the thread that waits in accept; close alone would not
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        context = self._contexts[self.impostor]
        with contextlib.suppress(OSError), connection:  # noqa: SIM117  # the second one may fail
            with context.wrap_socket(connection, server_side=True) as tls:
                data = b""
                while b"\r\n\r\n" not in data:
                    part = tls.recv(65536)
                    if not part:
                        return
                    data += part
                host = next((h for h in data.split(b"\r\n") if h.lower().startswith(b"host:")), b"")
                path = data.split(b" ")[1]
                body = path + b" " + host
                tls.sendall(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )


def modules(*more: str) -> str:
    names = ["mpm_event", "authz_core", "proxy", "proxy_http", "ssl", "macro", "rewrite", "headers"]
    names += ["proxy_balancer", "slotmem_shm", "lbmethod_byrequests", "socache_shmcb", *more]
    return "".join(f"LoadModule {n}_module {MODULES}/mod_{n}.so\n" for n in names)


def environment(hosts: Path) -> dict[str, str]:
    return {**os.environ, "LD_PRELOAD": NSS_WRAPPER, "NSS_WRAPPER_HOSTS": str(hosts)}


def refused(config: Path, hosts: Path) -> str:
    """httpd's words when it does not start with a configuration; empty if it does."""
    try:
        with running(config, hosts):
            return ""
    except AssertionError as error:
        return str(error)


@contextlib.contextmanager
def running(
    config: Path,
    hosts: Path,
    *,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    options: Sequence[str] = (),
) -> Iterator[None]:
    """httpd in the foreground; ready when it says so in its log."""
    log = log or config.parent / "logs" / "error.log"
    logs = log.parent
    log.unlink(missing_ok=True)
    with (logs / "stderr.log").open("wb") as stderr:
        process = subprocess.Popen(
            [HTTPD, "-d", str(config.parent), "-f", str(config), "-DFOREGROUND", *options],
            env=env or environment(hosts),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 20
        while "resuming normal operations" not in _text(log):
            said = _text(logs / "stderr.log") + _text(log)
            assert process.poll() is None, f"httpd did not start: {said}"
            assert time.monotonic() < deadline, f"httpd does not get ready: {said}"
            time.sleep(0.02)  # httpd announces its readiness in this file only
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def get(port: int, host: str, path: str = "/x") -> tuple[int, bytes]:
    """Status and body of a request to httpd."""
    with socket.create_connection((FRONT, port), timeout=20) as connection:
        connection.sendall(
            b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
            % (path.encode(), host.encode())
        )
        data = b""
        while part := connection.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def free_port() -> int:
    """A port that no outgoing connection gets by chance: below the kernel's own range."""
    while True:
        port = random.randrange(20000, 32000)
        with contextlib.suppress(OSError), socket.create_server((FRONT, port)):
            return port
