"""Many faults, each logged by real httpd at three levels; the same backends for others."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import httpd, servers
from wizard.demo import pki

LEVELS = ("warn", "info", "debug")
HOST = "backend.internal"


def answer(connection: socket.socket) -> None:
    if servers.request(connection):
        connection.sendall(servers.ok(b"ok\n"))


def plain(connection: socket.socket) -> None:
    """A web server without TLS, as it answers a TLS handshake."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nBad Request\n")


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def reset(connection: socket.socket) -> None:
    connection.recv(16)
    servers.reset(connection)


def hang_up(connection: socket.socket) -> None:
    connection.recv(65536)


@dataclass(frozen=True)
class Fault:
    """A fault: what the virtual host says and where its backend listens."""

    directives: str
    url: str
    expected: str
    """Slug of its cause."""
    shown_at_warn: bool = True
    """Whether LogLevel warn shows the cause (else only what follows from it)."""


class World:
    """Authorities, backends, faults."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.servers: list[servers.Server] = []
        self.statuses: dict[tuple[str, str], int] = {}
        """What the client of each fault got at each level."""
        self.root = pki.issue("Corp Root", ca=True)
        self.intermediate = pki.issue("Corp Issuing CA", self.root, ca=True)
        self.other_root = pki.issue("Other Root", ca=True)
        self.root_file = self._write("root.pem", self.root.pem)
        self.both_file = self._write("both.pem", self.root.pem + self.intermediate.pem)
        self.intermediate_file = self._write("intermediate.pem", self.intermediate.pem)
        self.other_file = self._write("other.pem", self.other_root.pem)
        self.good = pki.issue(HOST, self.root, dns=[HOST])
        self.deep = pki.issue(HOST, self.intermediate, dns=[HOST])
        self.closed_port = httpd.free_port()
        self.faults = self._faults()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def serve(self, handler: servers.Handler) -> int:
        server = servers.Server(handler)
        self.servers.append(server)
        return server.port

    def backend(
        self,
        leaf: pki.Issued,
        *chain: pki.Issued,
        configure: Callable[[ssl.SSLContext], None] = lambda context: None,
    ) -> int:
        context = servers.context(leaf, *chain)
        configure(context)
        return self.serve(servers.answering(context, answer))

    def _write(self, name: str, content: bytes) -> Path:
        file = self.directory / name
        file.write_bytes(content)
        return file

    def _crl(self, name: str, *revoked: pki.Issued, days: int = 30) -> Path:
        return self._write(name, pki.crl(self.root, revoked, days=(-40, days)))

    def _faults(self) -> dict[str, Fault]:
        def strict(ca: Path, *more: str, depth: int = 3) -> str:
            lines = ["SSLProxyEngine on", "SSLProxyVerify require", f"SSLProxyVerifyDepth {depth}"]
            return "\n".join([*lines, f"SSLProxyCACertificateFile {ca}", *more])

        def url(port: int, host: str = HOST, scheme: str = "https") -> str:
            return f"{scheme}://{host}:{port}/"

        def sni(context: ssl.SSLContext) -> None:
            context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

        def tls12(context: ssl.SSLContext) -> None:
            context.maximum_version = ssl.TLSVersion.TLSv1_2

        def one_cipher(context: ssl.SSLContext) -> None:
            tls12(context)
            context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")

        def wants_client(context: ssl.SSLContext) -> None:
            context.load_verify_locations(self.root_file)
            context.verify_mode = ssl.CERT_REQUIRED

        def wants_client12(context: ssl.SSLContext) -> None:
            tls12(context)
            wants_client(context)

        client_only = pki.issue(
            HOST, self.root, dns=[HOST],
            purposes=["clientAuth"],
        )  # fmt: skip
        expired = pki.issue(HOST, self.root, dns=[HOST], days=(-30, -2))
        future = pki.issue(HOST, self.root, dns=[HOST], days=(5, 30))
        elsewhere = pki.issue("elsewhere.internal", self.root, dns=["elsewhere.internal"])
        selfsigned = pki.issue(HOST, dns=[HOST])
        old_root = pki.issue("Old Root", ca=True, days=(-90, -3))
        old_file = self._write("old.pem", old_root.pem)
        under_old = pki.issue(HOST, old_root, dns=[HOST])
        no_ca = pki.issue("No CA", self.root)
        under_no_ca = pki.issue(HOST, no_ca, dns=[HOST])
        check = "SSLProxyCARevocationCheck chain"
        good = self.backend(self.good)
        client12 = self.backend(self.good, configure=wants_client12)
        on = "SSLProxyEngine on"
        return {
            "engine-off": Fault("", url(good), "engine-off"),
            "other-ca": Fault(strict(self.other_file), url(good), "ca-not-trusted"),
            "no-ca": Fault(f"{on}\nSSLProxyVerify require", url(good), "ca-not-configured"),
            "self-signed": Fault(
                strict(self.root_file), url(self.backend(selfsigned)), "self-signed-certificate"
            ),
            "missing-intermediate": Fault(
                strict(self.root_file), url(self.backend(self.deep)), "missing-intermediate"
            ),
            "no-root": Fault(
                strict(self.intermediate_file),
                url(self.backend(self.deep, self.intermediate)),
                "ca-file-without-root",
            ),
            "depth": Fault(
                strict(self.root_file, depth=1),
                url(self.backend(self.deep, self.intermediate)),
                "chain-too-deep",
            ),
            "name": Fault(
                strict(self.root_file), url(self.backend(elsewhere)), "name-mismatch", False
            ),
            "preserve-host": Fault(
                strict(self.root_file, "ProxyPreserveHost On"),
                url(good),
                "preserve-host-changes-name",
                False,
            ),
            "ip-address": Fault(
                strict(self.root_file), url(good, "127.0.0.1"), "ip-address-backend", False
            ),
            "cn": Fault(
                strict(self.root_file, "SSLProxyCheckPeerName off", "SSLProxyCheckPeerCN on"),
                url(self.backend(elsewhere)),
                "name-mismatch",
                False,
            ),
            "expired": Fault(on, url(self.backend(expired)), "certificate-expired", False),
            "expired-verified": Fault(
                strict(self.root_file), url(self.backend(expired)), "certificate-expired"
            ),
            "expired-ca": Fault(strict(old_file), url(self.backend(under_old)), "ca-expired"),
            "not-yet": Fault(
                strict(self.root_file), url(self.backend(future)), "certificate-not-yet-valid"
            ),
            "purpose": Fault(
                strict(self.root_file), url(self.backend(client_only)), "wrong-purpose"
            ),
            "not-a-ca": Fault(
                strict(self.root_file), url(self.backend(under_no_ca, no_ca)), "issuer-not-a-ca"
            ),
            "revoked": Fault(
                strict(
                    self.root_file,
                    check,
                    f"SSLProxyCARevocationFile {self._crl('revoked.pem', self.good)}",
                ),
                url(good),
                "certificate-revoked",
            ),
            "crl-expired": Fault(
                strict(
                    self.root_file,
                    check,
                    f"SSLProxyCARevocationFile {self._crl('stale.pem', days=-5)}",
                ),
                url(good),
                "crl-expired",
            ),
            "crl-missing": Fault(
                strict(
                    self.both_file,
                    check,
                    f"SSLProxyCARevocationFile {self._crl('fresh.pem')}",
                ),
                url(self.backend(self.deep, self.intermediate)),
                "crl-missing",
            ),
            "dns": Fault(on, "https://nowhere.internal/", "dns-failure"),
            "slash": Fault(on, f"https://{HOST}:{good}", "missing-trailing-slash"),
            "slash-name": Fault(on, f"https://{HOST}", "missing-trailing-slash"),
            "refused": Fault(on, url(self.closed_port), "connection-refused"),
            "http-to-tls": Fault("", url(good, scheme="http"), "backend-speaks-tls"),
            "plain": Fault(on, url(self.serve(plain)), "backend-speaks-plain-http", False),
            "protocol": Fault(
                f"{on}\nSSLProxyProtocol -all +TLSv1.3",
                url(self.backend(self.good, configure=tls12)),
                "protocol-mismatch",
                False,
            ),
            "cipher": Fault(
                f"{on}\nSSLProxyCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256",
                url(self.backend(self.good, configure=one_cipher)),
                "cipher-mismatch",
                False,
            ),
            "sni": Fault(on, url(self.backend(self.good, configure=sni)), "sni-rejected", False),
            "client-12": Fault(on, url(client12), "client-certificate-required", False),
            "client-13": Fault(
                on,
                url(self.backend(self.good, configure=wants_client)),
                "client-certificate-required",
                False,
            ),
            "silent": Fault(
                f"{on}\nProxyTimeout 1", url(self.serve(silent)), "connection-timeout", False
            ),
            "silent-http": Fault(
                "ProxyTimeout 1", url(self.serve(silent), scheme="http"), "connection-timeout"
            ),
            "reset": Fault(on, url(self.serve(reset)), "connection-reset", False),
            "closed": Fault(on, url(self.serve(hang_up)), "connection-reset", False),
            "reset-http": Fault("", url(self.serve(reset), scheme="http"), "connection-reset"),
            "h2": Fault(on, url(good, scheme="h2"), "alpn-missing", False),
            "scheme": Fault(on, "gopher://backend.internal/", "module-missing"),
            "websocket": Fault(on, url(self.closed_port, scheme="ws"), "connection-refused"),
            "balancer": Fault(
                f"<Proxy balancer://pool>\nBalancerMember https://{HOST}:{self.closed_port}\n"
                f"</Proxy>\n{on}",
                "balancer://pool/",
                "connection-refused",
            ),
            "empty-balancer": Fault(
                "<Proxy balancer://none>\n</Proxy>", "balancer://none/", "balancer-member-disabled"
            ),
        }

    def logs(
        self, levels: Sequence[str] = LEVELS, *, form: str = "", shared: bool = False
    ) -> dict[tuple[str, str], str]:
        """What httpd logs for one request to each fault, at each level; all requests at once.

        Args:
            levels: LogLevels.
            form: a directive for the main server (ErrorLogFormat …).
            shared: whether all virtual hosts write into one log, which comes back under "".
        """
        home = self.directory / "httpd"
        logs = home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        port = httpd.free_port()
        hosts = home / "hosts"
        hosts.write_text(f"127.0.0.1 {HOST}\n")
        config = home / "httpd.conf"
        config.write_text(
            httpd.main_config(home, [f"{httpd.LISTEN}:{port}"])
            + f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\nTimeout 5\n{form}\n"
            + "".join(
                self._vhost(name, fault, level, port, None if shared else logs)
                for name, fault in self.faults.items()
                for level in levels
            )
        )
        self.directory.chmod(0o755)

        def ask(name: str, level: str) -> None:
            self.statuses[name, level] = httpd.get(port, f"{name}.{level}", "/x").status

        with httpd.running(config, hosts):
            threads = [
                threading.Thread(target=ask, args=(name, level))
                for name in self.faults
                for level in levels
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        files = {
            (name, level): logs / f"{name}-{level}.log" for name in self.faults for level in levels
        }
        if shared:
            files = {("", level): home / "error.log" for level in levels}
        return {key: file.read_text(errors="surrogateescape") for key, file in files.items()}

    @staticmethod
    def _vhost(name: str, fault: Fault, level: str, port: int, logs: Path | None) -> str:
        log = f"ErrorLog {logs}/{name}-{level}.log" if logs else ""
        return (
            f"<VirtualHost {httpd.LISTEN}:{port}>\nServerName {name}.{level}\nLogLevel {level}\n"
            f"{log}\n{fault.directives}\n"
            f"ProxyPass / {fault.url}\n</VirtualHost>\n"
        )


@contextlib.contextmanager
def world(directory: Path) -> Iterator[World]:
    made = World(directory)
    try:
        yield made
    finally:
        made.stop()


def output_of(*command: str, hosts: Path | None = None, text: str = "") -> str:
    """Everything that a program writes, both streams in one."""
    environment = httpd.environment(hosts) if hosts else dict(os.environ)
    done = subprocess.run(
        command, input=text, env=environment, text=True, errors="surrogateescape", timeout=30,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return done.stdout
