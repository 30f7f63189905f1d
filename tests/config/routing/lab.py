"""Backends that tell what they were asked, and virtual hosts put before them by real httpd."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import httpd, servers
from wizard.demo.pki import crl, issue

NAMES = ("b.internal", "c.internal")
"""Names in the backends' certificates; the CN is the first."""
HOSTS = (*NAMES, "n.internal", "www.b.internal")
CLIENT = "Client of b.internal"
"""Name in clients/client.pem, a certificate with its key."""
SLOW = 1.5
"""Seconds that the backend ``slow`` takes."""


BAD_HEADER = "bad-header"
"""In the path of a request: the answer has a line without colon among its headers."""
_STATUS = re.compile(r"status-([45][0-9]{2})")


def asked_status(path: str) -> int | None:
    """The status that a path asks for (``/status-404``)."""
    found = _STATUS.search(path)
    return int(found[1]) if found is not None else None


class Echo(servers.Server):
    """A server that answers each request with what it saw, as JSON.

    Args:
        context: of TLS; None for none.
        listener: None: a free port on loopback.
        wait: seconds before it answers.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        listener: socket.socket | None = None,
        wait: float = 0,
    ) -> None:
        self._context = context
        self._wait = wait
        self._names = threading.local()
        if context is not None:
            context.sni_callback = self._server_name
        super().__init__(self._answer, listener)

    def _server_name(self, connection: Any, name: str | None, context: Any) -> None:
        self._names.value = name

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        self._names.value = None
        if self._context is None:
            self._tell(connection, None)
            return
        with self._context.wrap_socket(connection, server_side=True) as tls:
            self._tell(tls, tls)

    def _tell(self, connection: socket.socket, tls: ssl.SSLSocket | None) -> None:
        lines = servers.request(connection).decode("latin-1").split("\r\n")
        if len(lines) == 1:
            return
        headers = [line.partition(": ") for line in lines[1:]]
        client: Any = tls and tls.getpeercert()
        seen = {
            "port": self.address[1] if isinstance(self.address, tuple) else 0,
            "path": lines[0].split(" ")[1],
            "sni": self._names.value,
            "host": next((value for name, _, value in headers if name == "Host"), None),
            "version": tls and tls.version(),
            "cipher": tls and tls.cipher(),
            "client": client["subject"][0][0][1] if client else None,
        }
        time.sleep(self._wait)
        answer = servers.ok(json.dumps(seen).encode())
        status = asked_status(seen["path"])
        if status is not None:
            answer = answer.replace(b" 200 ", f" {status} ".encode(), 1)
        if BAD_HEADER in seen["path"]:
            answer = answer.replace(b"\r\n", b"\r\nno colon here\r\n", 1)
        connection.sendall(answer)


@dataclass
class World:
    """Backends and trust files.

    Args:
        directory: where files may be made; httpd's user can read it.
        kinds: name of each kind of backend to its port.
        hosts: file for libnss_wrapper.
    """

    directory: Path
    kinds: dict[str, int]
    hosts: Path
    socket: str

    def fill(self, text: str) -> str:
        """Replace ``{good}`` and the like by ports, ``{dir}`` by the directory."""
        for name, port in self.kinds.items():
            text = text.replace("{" + name + "}", str(port))
        return text.replace("{dir}", str(self.directory)).replace("{socket}", self.socket)

    def kind(self, port: int) -> str:
        return next((name for name, number in self.kinds.items() if number == port), "")


@contextlib.contextmanager
def world(directory: Path) -> Iterator[World]:
    """Kinds: ``good`` (trusted by ca.pem), ``unknown`` (by no CA), ``expired``, ``deep`` (with an
    intermediate), ``old`` (TLS 1.2 alone), ``revoked`` (by crl.pem), ``good2`` (asks for a
    certificate), ``plain``, ``plain2`` and ``remote`` (no TLS), ``slow`` (answers late)."""
    directory.chmod(0o755)
    authority = issue("Good CA", ca=True)
    middle = issue("Middle CA", authority, ca=True)
    stranger = issue("Strange CA", ca=True)
    (directory / "ca.pem").write_bytes(authority.pem)
    (directory / "strange.pem").write_bytes(stranger.pem)
    hashed = directory / "hashed"
    hashed.mkdir()
    (hashed / "ca.pem").write_bytes(authority.pem)
    subprocess.run(["openssl", "rehash", str(hashed)], check=True)
    leaves = {
        "good": (issue(NAMES[0], authority, dns=NAMES), ()),
        "good2": (issue(NAMES[0], authority, dns=NAMES), ()),
        "unknown": (issue(NAMES[0], stranger, dns=NAMES), ()),
        "expired": (issue(NAMES[0], authority, dns=NAMES, days=(-9, -1)), ()),
        "deep": (issue(NAMES[0], middle, dns=NAMES), (middle,)),
        "old": (issue(NAMES[0], authority, dns=NAMES), ()),
        "revoked": (issue(NAMES[0], authority, dns=NAMES), ()),
    }
    (directory / "crl.pem").write_bytes(crl(authority, [leaves["revoked"][0]]))
    lists = directory / "lists"
    lists.mkdir()
    (lists / "crl.pem").write_bytes((directory / "crl.pem").read_bytes())
    subprocess.run(["openssl", "rehash", str(lists)], check=True)
    own = issue(CLIENT, authority)
    clients = directory / "clients"
    clients.mkdir()
    (clients / "client.pem").write_bytes(own.pem + own.key_pem)
    echoes: list[Echo] = []
    kinds = {}
    for name, (leaf, sent) in leaves.items():
        context = servers.context(leaf, *sent)
        if name == "good2":  # it asks for a certificate
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(cadata=authority.pem.decode())
        if name == "old":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        echoes.append(Echo(context))
        kinds[name] = echoes[-1].port
    for name in ("plain", "plain2", "remote"):
        echoes.append(Echo())
        kinds[name] = echoes[-1].port
    echoes.append(Echo(wait=SLOW))
    kinds["slow"] = echoes[-1].port
    path = str(directory / "echo.sock")
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unix.bind(path)
    unix.listen(64)
    Path(path).chmod(0o666)
    echoes.append(Echo(listener=unix))
    hosts = directory / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in HOSTS))
    try:
        yield World(directory, kinds, hosts, path)
    finally:
        for echo in echoes:
            echo.stop()


def directory(factory: pytest.TempPathFactory) -> Path:
    """A new directory that httpd's user may enter."""
    root = factory.mktemp("routes")
    base = factory.getbasetemp()
    for parent in (root, base, *base.parents[:2]):
        if parent.name.startswith(("routes", "pytest-", "popen-")):
            parent.chmod(0o755)
    return root


def configuration(
    world: World,
    name: str,
    main: str,
    bodies: Sequence[tuple[str, str]],
    port: int,
    after: str = "",
) -> Path:
    """A main file with one virtual host for each (name, body)."""
    root = world.directory / name
    root.mkdir()
    text = (
        httpd.main_config(root, [f"{httpd.LISTEN}:{port}"])
        + "LoadModule env_module "
        + str(httpd.MODULES / "mod_env.so\n")
    )
    text += world.fill(main) + "\n"
    for host, body in bodies:
        text += f"<VirtualHost *:{port}>\nServerName {host}\n{world.fill(body)}\n</VirtualHost>\n"
    text += world.fill(after)
    file = root / "httpd.conf"
    file.write_text(text)
    return file


@dataclass(frozen=True)
class Seen:
    """What came of a request: status, and the backend's report if one answered."""

    status: int
    report: dict[str, Any] | None


def ask(port: int, host: str, path: str) -> Seen:
    answer = httpd.get(port, host, path)
    try:
        report = json.loads(answer.body)
    except ValueError:
        report = None
    return Seen(answer.status, report)
