"""A small world for repairs: authorities, TLS backends on loopback, and real httpd."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from tests.support import httpd
from tests.support.httpd import HTTPD, MODULES, environment
from wizard.demo.pki import Issued, issue

__all__ = ["HTTPD", "Issued", "environment", "issue"]

NOW = datetime.now(UTC).replace(microsecond=0)
FRONT = httpd.LISTEN


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

    def most_recent_tls_1_2(self) -> None:
        """Speak nothing newer than TLS 1.2 from now on."""
        for context in self._contexts.values():
            context.maximum_version = ssl.TLSVersion.TLSv1_2

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


def refused(config: Path, hosts: Path) -> str:
    """httpd's words when it does not start with a configuration; empty if it does."""
    try:
        with running(config, hosts):
            return ""
    except httpd.RefusedError as error:
        return str(error)


def running(
    config: Path,
    hosts: Path,
    *,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    options: Sequence[str] = (),
) -> contextlib.AbstractContextManager[None]:
    """httpd with a configuration of this lab, which logs below ``logs``."""
    log = log or config.parent / "logs" / "error.log"
    return httpd.running(config, hosts, env=env, log=log, options=options)


def get(port: int, host: str, path: str = "/x") -> tuple[int, bytes]:
    """Status and body of a request to httpd."""
    answer = httpd.get(port, host, path)
    return answer.status, answer.body


def free_port() -> int:
    """A port that no outgoing connection gets by chance."""
    return httpd.free_ports(1)[0]
