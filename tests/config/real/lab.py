"""One httpd that reads many configurations, each as a file of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.config.real.cases import Case
from tests.config.routing import lab
from tests.support import httpd, servers
from wizard import config
from wizard.demo.pki import issue
from wizard.model.config import Configuration, Route

MODULES = """
    access_compat actions allowmethods auth_basic authn_core authn_file authz_host authz_user
    cache cache_socache cgid dav dav_fs deflate dir env expires filter http2 mime negotiation
    proxy_ajp proxy_connect proxy_express proxy_fcgi proxy_hcheck proxy_html proxy_scgi
    proxy_uwsgi remoteip reqtimeout session session_cookie socache_memcache speling status
    substitute unique_id userdir vhost_alias watchdog xml2enc lbmethod_bybusyness
    lbmethod_bytraffic request auth_form authn_socache info autoindex authz_groupfile
"""
_UPGRADE = ("Connection: Upgrade", "Upgrade: websocket")
_CLIENT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CLIENT.check_hostname = False
_CLIENT.verify_mode = ssl.CERT_NONE


class Raw:
    """A backend that takes connections and says nothing.

    Args:
        listener: None: a free port on loopback.
    """

    def __init__(self, listener: socket.socket | None = None) -> None:
        self.taken = 0
        self.server = servers.Server(self._take, listener)

    def _take(self, connection: socket.socket) -> None:
        self.taken += 1
        connection.settimeout(5)
        connection.recv(65536)


@dataclass
class World:
    """Backends and files that configurations name."""

    routing: lab.World
    raw: Raw
    raw_socket: Raw
    values: dict[str, str]

    def fill(self, case: Case, ports: Mapping[str, int]) -> str:
        """Replace ``{plain}`` and the like.

        Args:
            case: whose text.
            ports: httpd's own.
        """
        text = self.routing.fill(case.text.replace("{host}", case.host))
        for name, value in {**ports, **self.values}.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def taken(self) -> int:
        """Connections that the backends took which speak no HTTP."""
        return self.raw.taken + self.raw_socket.taken


@contextlib.contextmanager
def world(directory: Path) -> Iterator[World]:
    """Backends of every kind."""
    with lab.world(directory) as routing:
        path = directory / "raw.sock"
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        unix.bind(str(path))
        unix.listen(64)
        path.chmod(0o666)
        raw, raw_socket = Raw(), Raw(unix)
        front = issue("front.test", dns=("front.test",))
        (directory / "front.pem").write_bytes(front.pem)
        (directory / "front.key").write_bytes(front.key_pem)
        (directory / "www").mkdir()
        values = {
            "cert": str(directory / "front.pem"),
            "key": str(directory / "front.key"),
            "www": str(directory / "www"),
            "rawsocket": str(path),
            "raw": str(raw.server.port),
        }
        try:
            yield World(routing, raw, raw_socket, values)
        finally:
            raw.server.stop()
            raw_socket.server.stop()


def configuration(world: World, name: str, cases: Sequence[Case]) -> tuple[Path, Mapping[str, int]]:
    """A main file that includes each case as a file of its own, and the ports that it names."""
    ports = dict(zip(("http", "https"), httpd.free_ports(2), strict=True))
    root = world.routing.directory / name
    (root / "sites").mkdir(parents=True)
    text = httpd.main_config(root, [f"{httpd.LISTEN}:{port}" for port in ports.values()])
    text += "KeepAlive Off\n"
    known = [module for module in MODULES.split() if httpd.INSTALLED.has(module)]
    text += httpd.INSTALLED.load(*known)
    text += f"<VirtualHost *:{ports['http']}>\nServerName none.test\n</VirtualHost>\n"
    for case in cases:
        file = root / "sites" / f"{case.field}-{case.name}.conf"
        file.write_text(world.fill(case, ports))
        text += f"Include {file}\n"
    (root / "mime.types").touch()
    main = root / "httpd.conf"
    main.write_text(text)
    return main, ports


@dataclass(frozen=True)
class Answer:
    """What came of a request: status, and the backend's report if one answered that can."""

    status: int
    report: dict[str, Any] | None


def ask(
    port: int,
    host: str,
    path: str,
    *,
    tls: bool,
    upgrade: bool = False,
    headers: Sequence[str] = (),
) -> Answer:
    """A GET to httpd on loopback."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *headers]
    lines += _UPGRADE if upgrade else ("Connection: close",)
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as plain:
        connection = _CLIENT.wrap_socket(plain, server_hostname=host) if tls else plain
        with connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            data = b""
            while part := connection.recv(65536):
                data += part
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1]) if head.startswith(b"HTTP/") else 0
    try:
        report = json.loads(body)
    except ValueError:
        report = None
    return Answer(status, report if isinstance(report, dict) else None)


@dataclass
class Running:
    """An httpd that runs, and what the reader makes of its configuration."""

    world: World
    main: Path
    ports: Mapping[str, int]
    configuration: Configuration

    def routes(self, case: Case) -> list[Route]:
        """The routes of one case."""
        name = f"{case.field}-{case.name}.conf"
        return [r for r in self.configuration.routes if Path(r.source.file).name == name]

    def ask(self, route: Route) -> Answer:
        """The request that a route imagines."""
        https = any(str(self.ports["https"]) in one for one in route.vhost.addresses)
        upgrade = route.backend.scheme in ("ws", "wss") or "HTTP:Upgrade" in (
            route.conditional or ""
        )
        return ask(
            self.ports["https" if https else "http"],
            route.client_host,
            route.request_path.replace(" ", "%20"),
            tls=https,
            upgrade=upgrade,
        )

    @property
    def log(self) -> str:
        """The end of the error log."""
        return (self.main.parent / "error.log").read_text(errors="replace")[-3000:]


@contextlib.contextmanager
def running(world: World, name: str, cases: Sequence[Case]) -> Iterator[Running]:
    """An httpd with all of these cases."""
    main, ports = configuration(world, name, cases)
    with httpd.running(main, world.routing.hosts):
        yield Running(world, main, ports, config.load(str(main)))
