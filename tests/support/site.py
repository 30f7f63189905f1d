"""One virtual host in front of one TLS backend, and the commands on it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cryptography import x509

from tests.support import command, httpd, servers
from wizard.demo.pki import Issued, issue

TLS_1_2 = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
REQUIRE = "SSLProxyEngine on\n    SSLProxyVerify require"
UNTIL = f"{date.today() + timedelta(days=30):%Y-%m-%d}"
TEMPORARY = ("--policy", "temporary", "--until", UNTIL)


class Backend:
    """A TLS server that answers every request with 200, its path and its Host.

    ``impostor`` makes it show the certificate of a namesake, signed by another authority.

    Args:
        leaf: its certificate.
        sent: what it sends above it.
        listener: as for ``Server``.
    """

    def __init__(self, leaf: Issued, *sent: Issued, listener: socket.socket | None = None) -> None:
        self.leaf = leaf
        self.sent = sent
        self.impostor = False
        self._asked = threading.Event()
        self._answers = threading.Event()
        self._answers.set()
        names = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        self._dns = names.value.get_values_for_type(x509.DNSName)
        name = leaf.certificate.subject.rfc4514_string().removeprefix("CN=")
        authority = issue("Impostor CA", ca=True)
        self._false = servers.context(issue(name, authority, dns=self._dns), authority)
        self._own = servers.context(leaf, *sent)
        self._server = servers.Server(self._answer, listener)
        self.address = self._server.address
        self.port = 0 if isinstance(self.address, str) else self._server.port
        self.stop = self._server.stop

    def pose(self, issuer: Issued) -> None:
        """Show a certificate for the same name, signed by somebody else, from now on."""
        self._own = servers.context(issue(self._dns[0], issuer, dns=self._dns), issuer)

    def show(self, certificate: Path, key: Path) -> None:
        """Show another certificate from now on."""
        self._own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._own.load_cert_chain(certificate, key)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[threading.Event]:
        """Take requests and answer none, until this is left.

        Yields:
            An event, set once somebody waits for an answer.
        """
        self._answers.clear()
        self._asked.clear()
        try:
            yield self._asked
        finally:
            self._answers.set()

    def limit(
        self, ciphers: str = "DEFAULT", versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = TLS_1_2
    ) -> None:
        """Take nothing else from now on; as an impostor neither.

        Args:
            ciphers: for TLS up to 1.2.
            versions: the lowest and the highest.
        """
        for context in (self._own, self._false):
            context.minimum_version, context.maximum_version = versions
            context.set_ciphers(f"{ciphers}:@SECLEVEL=0")

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        self._asked.set()
        self._answers.wait(60)
        context = self._false if self.impostor else self._own
        with context.wrap_socket(connection, server_side=True) as tls:
            head = servers.request(tls)
            if head:
                lines = head.split(b"\r\n")
                host = next((h for h in lines if h.lower().startswith(b"host:")), b"")
                tls.sendall(servers.ok(head.split(b" ")[1] + b" " + host))


@dataclass
class Site:
    """A main configuration with one virtual host in front of one backend."""

    directory: Path
    root: Issued
    backend: Backend
    port: int
    name: str = "good.test"

    @property
    def main(self) -> Path:
        return self.directory / "httpd.conf"

    @property
    def vhost(self) -> Path:
        return self.directory / "site.conf"

    @property
    def hosts(self) -> Path:
        return self.directory / "hosts"

    @property
    def ca(self) -> tuple[str, str]:
        """Options that name the authority to trust."""
        return "--ca", str(self.directory / "private" / "root.pem")

    @property
    def environment(self) -> dict[str, str]:
        """Of a command: the backend's name, and a state directory of its own."""
        state = {"PROXY_WIZARD_STATE": str(self.directory / "state")}
        return {**httpd.environment(self.hosts), **state}

    def write(self, body: str) -> None:
        self.vhost.write_text(
            f"<VirtualHost *:{self.port}>\n    ServerName app.test\n    {body}\n"
            f"    ProxyPass / https://{self.name}:{self.backend.port}/\n</VirtualHost>\n"
        )

    def wizard(self, *words: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, *command.WIZARD, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def fix(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.wizard("fix", "--verbose", str(self.main), *options)

    def check(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.wizard("check", str(self.main), *options)

    def patch(self, text: str) -> None:
        command.patch(text.encode())

    def running(self, *options: str) -> contextlib.AbstractContextManager[None]:
        """httpd with this configuration."""
        return httpd.running(self.main, self.hosts, options=options)

    def answer(self) -> int:
        """Status of a request to the httpd that runs."""
        return httpd.get(self.port, "app.test").status

    def status(self) -> int:
        """Status of a request to an httpd that runs for it alone."""
        with self.running():
            return self.answer()


@contextlib.contextmanager
def standing(
    directory: Path,
    leaf: Issued | None = None,
    root: Issued | None = None,
    sent: tuple[Issued, ...] | None = None,
) -> Iterator[Site]:
    """A site whose backend runs.

    Args:
        directory: empty; what the site is made of lies in it: ``backend.pem``, with its key,
            and ``private/root.pem``, the authority.
        leaf: the backend's certificate; None: a good one of ``root``.
        root: the authority; None: a new one.
        sent: what the backend sends above its certificate; None: ``root``.
    """
    root = root or issue("Example Root", ca=True)
    leaf = leaf or issue("good.test", root, dns=["good.test"])
    directory = directory.resolve()
    (directory / "private").mkdir()
    (directory / "private" / "root.pem").write_bytes(root.pem)
    (directory / "backend.pem").write_bytes(leaf.key_pem + leaf.pem)
    (directory / "hosts").write_text("127.0.0.1 good.test\n127.0.0.1 other.test\n")
    backend = Backend(leaf, *((root,) if sent is None else sent))
    site = Site(directory, root, backend, httpd.free_port())
    listens = [f"{httpd.LISTEN}:{site.port}"]
    site.main.write_text(f"{httpd.main_config(directory, listens)}Include site.conf\n")
    try:
        yield site
    finally:
        backend.stop()


@contextlib.contextmanager
def standing_at_address(directory: Path) -> Iterator[Site]:
    """A site whose backend's name is an address: to ask for it no nss_wrapper is needed."""
    root = issue("Example Root", ca=True)
    with standing(directory, issue("127.0.0.1", root, dns=["good.test"]), root) as site:
        site.name = "127.0.0.1"
        yield site
