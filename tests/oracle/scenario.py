"""A scenario is data: what the backends are, what the virtual host says, who asks for what."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.demo.backends import Answers, Speaks
from wizard.demo.pki import KeyKind, Purpose

UNJUDGED = "?"
"""Cause of a scenario that was drawn: nobody said what an expert would name."""


@dataclass(frozen=True)
class Leaf:
    """A server certificate; see ``wizard.demo.pki.issue``. ``issuer`` None: self-signed."""

    issuer: str | None = "root"
    cn: str | None = "backend.internal"
    dns: tuple[str, ...] = ("backend.internal",)
    ip: tuple[str, ...] = ()
    ca: bool | None = False
    days: tuple[float, float] = (-1, 365)
    key: KeyKind = "ecdsa"
    purposes: tuple[Purpose, ...] = ()
    usage: tuple[str, ...] | None = None
    sha1: bool = False
    key_ids: bool = True
    ocsp: str | None = None


@dataclass(frozen=True)
class Server:
    """A backend; see ``wizard.demo.backends.Behaviour``. CAs are named as in ``authorities``."""

    leaf: Leaf = Leaf()
    sent: tuple[str, ...] = ()
    speaks: Speaks = "tls"
    names: tuple[tuple[str, Leaf], ...] = ()
    without_sni: Leaf | None = None
    strict_sni: tuple[str, ...] = ()
    sni_alert: int = 112
    client_cas: tuple[str, ...] = ()
    client_required: bool = True
    minimum: str = "TLSv1.2"
    maximum: str = "TLSv1.3"
    ciphers: str | None = None
    small_dh: bool = False
    curve: str | None = None
    alpn: tuple[str, ...] = ()
    status: int = 200
    allows_head: bool = True
    answers: Answers = "normally"
    address: str = "127.0.0.1"


@dataclass(frozen=True)
class Scenario:
    """One virtual host of httpd and what stands behind it.

    In ``directives`` and ``before`` stand ``{port}`` (of the first backend; ``{port2}`` of the
    second …), ``{name}`` (the scenario's), and files made on demand, each part a CA's name or
    ``leaf``: ``{file:root+int1}`` PEM, ``{der:root}``, ``{dir:root}`` a directory without and
    ``{hashed:root}`` with hashed links, ``{crl:root-leaf+int1}`` CRLs of root (revoking the
    backend's leaf) and int1, ``{crl:root.namesake}`` one that another key signed, ``{client:…}``,
    ``{raw:…}``: see ``files``.

    Args:
        name: of the scenario; ``NAME.test`` is the virtual host's ServerName.
        cause: slug of the first finding; None: nothing to find.
        directives: of the virtual host, one a line.
        backends: in the order of their ports.
        host: Host header of the client; None: the ServerName.
        path: path of the client's request.
        log_level: of the virtual host.
        before: server level lines, before the virtual host.
        without: modules that are not loaded.
        starts: whether httpd is expected to start with it.
        route: number of the route to judge, where the virtual host has several.
        fixable: whether configuration (given the right CA) can lead to a strict 200; None: it is
            strict already, or there is nothing to gain.
        ca: what is given to ``fix --ca``, as in ``{file:…}``.
    """

    name: str
    cause: str | None
    directives: str
    backends: tuple[Server, ...] = (Server(),)
    host: str | None = None
    path: str = "/x"
    log_level: str = "warn"
    before: str = ""
    without: tuple[str, ...] = ()
    starts: bool = True
    route: int = 0
    fixable: bool | None = None
    ca: str = "root"

    @property
    def alone(self) -> bool:
        """Whether it needs an httpd of its own."""
        return bool(self.before or self.without or not self.starts)

    @property
    def websocket(self) -> bool:
        """Whether the client asks for an upgrade: such a backend is meant for nothing else."""
        return "ws://" in self.directives or "wss://" in self.directives

    @property
    def server_name(self) -> str:
        """ServerName of the virtual host."""
        return f"{self.name}.test"
