"""Backends that tell what they were asked, and virtual hosts put before them by real httpd."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import httpd
from wizard.demo.pki import Issued, issue

NAMES = ("b.internal", "c.internal")
"""Names in the backends' certificates; the CN is the first."""
HOSTS = (*NAMES, "n.internal", "www.b.internal")
SLOW = 1.5
"""Seconds that the backend ``slow`` takes."""


class Echo:
    """A server that answers each request with what it saw, as JSON."""

    def __init__(
        self, context: ssl.SSLContext | None, address: tuple[str, int] | str, wait: float = 0
    ) -> None:
        self._context = context
        self._wait = wait
        if context is not None:
            context.sni_callback = self._server_name
        if isinstance(address, str):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.bind(address)
            self._socket.listen(64)
            Path(address).chmod(0o666)
            self.port = 0
        else:
            self._socket = socket.create_server(address, backlog=64)
            self.port = int(self._socket.getsockname()[1])
        self._names = threading.local()
        threading.Thread(target=self._serve, daemon=True).start()

    def _server_name(self, connection: Any, name: str | None, context: Any) -> None:
        self._names.value = name

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
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
        self._names.value = None
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                stack.enter_context(connection)
            data = b""
            while b"\r\n\r\n" not in data:
                part = connection.recv(65536)
                if not part:
                    return
                data += part
            lines = data.decode("latin-1").split("\r\n")
            headers = [line.partition(": ") for line in lines[1:]]
            seen = {
                "port": self.port,
                "path": lines[0].split(" ")[1],
                "sni": self._names.value,
                "host": next((value for name, _, value in headers if name == "Host"), None),
                "version": connection.version() if isinstance(connection, ssl.SSLSocket) else None,
            }
            body = json.dumps(seen).encode()
            time.sleep(self._wait)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )


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
    intermediate), ``old`` (TLS 1.2 alone), ``plain``, ``plain2`` and ``remote`` (no TLS),
    ``slow`` (answers late)."""
    directory.chmod(0o755)
    authority = issue("Good CA", ca=True)
    middle = issue("Middle CA", authority, ca=True)
    stranger = issue("Strange CA", ca=True)
    (directory / "ca.pem").write_bytes(authority.pem)
    (directory / "strange.pem").write_bytes(stranger.pem)
    hashed = directory / "hashed"
    hashed.mkdir()
    (hashed / "ca.pem").write_bytes(authority.pem)
    (hashed / f"{_hash(authority, directory)}.0").symlink_to("ca.pem")
    leaves = {
        "good": (issue(NAMES[0], authority, dns=NAMES), ()),
        "good2": (issue(NAMES[0], authority, dns=NAMES), ()),
        "unknown": (issue(NAMES[0], stranger, dns=NAMES), ()),
        "expired": (issue(NAMES[0], authority, dns=NAMES, days=(-9, -1)), ()),
        "deep": (issue(NAMES[0], middle, dns=NAMES), (middle,)),
        "old": (issue(NAMES[0], authority, dns=NAMES), ()),
    }
    echoes: list[Echo] = []
    kinds = {}
    for name, (leaf, sent) in leaves.items():
        file = directory / f"{name}.pem"
        file.write_bytes(leaf.key_pem + leaf.pem + b"".join(c.pem for c in sent))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if name == "old":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        echoes.append(Echo(context, ("127.0.0.1", 0)))
        kinds[name] = echoes[-1].port
    for name in ("plain", "plain2", "remote"):
        echoes.append(Echo(None, ("127.0.0.1", 0)))
        kinds[name] = echoes[-1].port
    echoes.append(Echo(None, ("127.0.0.1", 0), wait=SLOW))
    kinds["slow"] = echoes[-1].port
    path = str(directory / "echo.sock")
    echoes.append(Echo(None, path))
    hosts = directory / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in HOSTS))
    try:
        yield World(directory, kinds, hosts, path)
    finally:
        for echo in echoes:
            echo.stop()


def _hash(authority: Issued, directory: Path) -> str:
    """OpenSSL's hash of the subject, by which SSLProxyCACertificatePath finds it."""
    import subprocess

    done = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", str(directory / "ca.pem")],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


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
