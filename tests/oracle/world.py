"""Builds scenarios for real: certificates, files, running backends, virtual hosts."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path

from tests.oracle.authorities import Authorities
from tests.oracle.scenario import Leaf, Scenario, Server
from tests.support import httpd
from wizard.demo.backends import Backend, Backends, Behaviour, Identity
from wizard.demo.pki import Issued, crl, issue, new_key, trusted_pem

_PLACEHOLDER = re.compile(r"\{([\w-]+)(?::([^{}]*))?\}")
_CERTIFICATE_FIELDS = {"leaf", "sent", "names", "without_sni", "client_cas"}

HOSTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "backend.internal",
            "backend.internal.",
            "other.internal",
            "deep.backend.internal",
            "app.internal",
            "xn--bckend-bua.internal",
            "backend",
            "localhost",
        ),
        ("127.0.0.1",),
    ),
    "six.internal": ("::1",),
    "both.internal": ("::1", "127.0.0.1"),
}
"""What the resolver of the world knows; everything else is not found."""


class Certificates:
    """CAs and leaves, each made when it is first asked for; ``number`` as in ``Authorities``."""

    def __init__(self, number: int = 0) -> None:
        self.authorities = Authorities(number)
        self._number = number
        self._leaves: dict[Leaf, Issued] = {}

    def named(self, name: str, leaf: Leaf) -> Issued:
        """A CA, or the ``leaf`` that is spoken of."""
        return self.leaf(leaf) if name == "leaf" else self.authorities[name]

    def leaf(self, leaf: Leaf) -> Issued:
        """The certificate of a description; the same one for equal descriptions."""
        if leaf not in self._leaves:
            options = {f.name: getattr(leaf, f.name) for f in fields(leaf)}
            issuer, name = options.pop("issuer"), options.pop("cn")
            if leaf.key.startswith("rsa"):
                options["key"] = new_key(leaf.key, shared=1000 * self._number + 999)
            signer = self.authorities[issuer] if issuer else None
            self._leaves[leaf] = issue(name, signer, **options)
        return self._leaves[leaf]

    def number(self, leaf: Leaf) -> int:
        """A number that tells descriptions apart."""
        self.leaf(leaf)
        return list(self._leaves).index(leaf)

    def identity(self, leaf: Leaf, sent: tuple[str, ...]) -> Identity:
        """A leaf with what is sent above it."""
        return Identity(self.leaf(leaf), tuple(self.named(name, leaf) for name in sent))


class World:
    """A directory with the scenarios' files, and their backends running.

    Args:
        directory: empty, readable by httpd's user.
        backends: where backends are started.
        program: the httpd that is asked.
    """

    def __init__(
        self, directory: Path, backends: Backends, program: httpd.Program = httpd.INSTALLED
    ) -> None:
        self.directory = directory
        self.program = program
        self.hosts = directory / "hosts"
        self.hosts.write_text(
            "".join(f"{a} {name}\n" for name, addresses in HOSTS.items() for a in addresses)
        )
        self._backends = backends
        self._honest = Certificates()
        self._impostors = Certificates(1)
        self._files = directory / "files"
        self._files.mkdir()
        (directory / "logs").mkdir()
        self.running: dict[str, list[Backend]] = {}

    def build(self, scenario: Scenario) -> None:
        """Start the backends of a scenario."""
        self.running[scenario.name] = [
            self._backends.start(_behaviour(server, self._honest)) for server in scenario.backends
        ]

    def pose(self, scenario: Scenario, *, as_impostors: bool) -> None:
        """Have the backends show certificates of namesakes of their CAs; or their own again."""
        certificates = self._impostors if as_impostors else self._honest
        pairs = zip(self.running[scenario.name], scenario.backends, strict=True)
        for backend, server in pairs:
            if server.speaks not in ("refuse", "unanswered"):
                self._backends.change(backend, _behaviour(server, certificates))

    def virtual_host(self, scenario: Scenario, port: int, log_level: str, log: str) -> str:
        """The virtual host's section."""
        body = self.expand(scenario, scenario.directives)
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        return (
            f"<VirtualHost *:{port}>\n    ServerName {scenario.server_name}\n"
            f"    ErrorLog logs/{log}\n    LogLevel {log_level}\n{lines}</VirtualHost>\n"
        )

    def expand(self, scenario: Scenario, text: str) -> str:
        """A text with its placeholders replaced; files are made on the way."""

        def value(match: re.Match[str]) -> str:
            kind, spec = match[1], match[2]
            if spec is not None:
                return str(self.file(scenario, kind, spec))
            if kind == "name":
                return scenario.name
            if kind.startswith("port"):
                number = int(kind.removeprefix("port") or 1)
                return str(self.running[scenario.name][number - 1].port)
            return match[0]

        return _PLACEHOLDER.sub(value, text)

    def file(self, scenario: Scenario, kind: str, spec: str) -> Path:
        """A file or directory as a placeholder asks for it."""
        leaf = scenario.backends[0].leaf
        own = f"-{self._honest.number(leaf)}" if "leaf" in spec else ""
        path = self._files / f"{kind}-{re.sub(r'[^A-Za-z0-9.]', '_', spec)}{own}.pem"
        if path.exists():
            return path
        parts = spec.split("+") if spec else []
        match kind:
            case "file":
                path.write_bytes(b"".join(self._honest.named(p, leaf).pem for p in parts))
            case "der":
                path.write_bytes(self._honest.named(spec, leaf).der)
            case "trusted":
                path.write_bytes(trusted_pem(self._honest.named(spec, leaf)))
            case "dir" | "hashed":
                path.mkdir()
                for part in parts:
                    (path / f"{part}.pem").write_bytes(self._honest.named(part, leaf).pem)
                if kind == "hashed":
                    subprocess.run(["openssl", "rehash", path], check=True, capture_output=True)
            case "crl" | "crldir" | "crlfiles":
                self._crl(path, kind, parts, leaf)
            case "client":
                self._client(path, spec)
            case "raw":
                path.write_bytes({"empty": b"", "garbage": b"\x00\x01 not a certificate\n"}[spec])
            case "missing":
                pass
            case _:
                raise ValueError(f"unknown kind of file: {kind}")
        return path

    def _crl(self, path: Path, kind: str, parts: list[str], leaf: Leaf) -> None:
        texts = []
        for part in parts:
            name, _, revoked = part.partition("/")
            expired, name = name.startswith("!"), name.lstrip("!")
            signers = self._impostors if name.endswith(".namesake") else self._honest
            issuer = signers.authorities[name.removesuffix(".namesake")]
            targets = [self._honest.named(one, leaf) for one in revoked.split(",") if one]
            days = (-30, -2) if expired else (-1, 30)
            texts.append(crl(issuer, targets, days=days))
        if kind == "crl":
            path.write_bytes(b"".join(texts))
            return
        path.mkdir()
        for number, text in enumerate(texts):
            (path / f"{number}.pem").write_bytes(text)
        if kind == "crldir":
            subprocess.run(["openssl", "rehash", path], check=True, capture_output=True)

    def _client(self, path: Path, spec: str) -> None:
        """``{client:CA}``: key in PKCS #8; ``+traditional``: in OpenSSL's own form; ``+chain``:
        so and with the CA behind it; ``+second``: behind one of another authority; ``+weak``: with
        a short key; ``{client:CA+nokey}``, ``+keyonly``, ``+wrongkey``, ``+encrypted``."""
        ca, _, fault = spec.partition("+")
        one = issue("client.internal", self._honest.authorities[ca], purposes=("clientAuth",))
        key = one.key_pem
        if fault == "wrongkey":
            key = issue("somebody", None).key_pem
        if fault == "encrypted":
            key = one.encrypted_key_pem(b"secret")
        if fault in ("traditional", "chain", "second"):
            key = one.traditional_key_pem()
        if fault == "chain":
            key += self._honest.authorities[ca].pem
        if fault == "weak":
            short = new_key("rsa-1024", shared=0)
            one = issue("client.internal", self._honest.authorities[ca], key=short)
            key = one.traditional_key_pem()
        certificate = b"" if fault == "keyonly" else one.pem
        if fault == "second":
            first = issue("client.internal", self._honest.authorities["client-ca2"])
            certificate = first.pem + first.traditional_key_pem() + certificate
        path.write_bytes(certificate + (b"" if fault == "nokey" else key))

    def main_config(
        self, name: str, listens: list[str], without: tuple[str, ...], body: str
    ) -> Path:
        """A main configuration file in a directory of its own, with everything else beside it."""
        place = self.directory / name
        (place / "logs").mkdir(parents=True, exist_ok=True)
        file = place / "httpd.conf"
        head = httpd.main_config(place, listens, without=without, program=self.program)
        # a client that asked for an upgrade and gets none keeps its connection
        file.write_text(f"{head}KeepAliveTimeout 200ms\n{body}")
        return file

    def alone(self, scenario: Scenario, name: str) -> tuple[int, Path]:
        """The port and the main file of a site that has nothing but a scenario.

        It logs at info to ``logs/NAME.log`` beside the file.
        """
        (port,) = httpd.free_ports(1)
        site = self.virtual_host(scenario, port, "info", f"{name}.log")
        return port, self.main_config(name, [f"{httpd.LISTEN}:{port}"], (), site)


def _behaviour(server: Server, certificates: Certificates) -> Behaviour:
    same = {f.name for f in fields(Behaviour)} & {f.name for f in fields(Server)}
    options = {name: getattr(server, name) for name in same - _CERTIFICATE_FIELDS}
    bare, identity = server.without_sni, certificates.identity
    return Behaviour(
        **options,
        identity=identity(server.leaf, server.sent),
        names={name: identity(leaf, server.sent) for name, leaf in server.names},
        without_sni=identity(bare, server.sent) if bare is not None else None,
        client_cas=tuple(certificates.authorities[name] for name in server.client_cas),
    )
