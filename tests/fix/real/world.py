"""The cases as files, their backends, and what becomes of them: planned, patched, and asked."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.fix.real.cases import Case
from tests.support import httpd, servers
from wizard.demo.pki import Issued, issue
from wizard.engine.engine import Engine
from wizard.fix.source import unified_diff
from wizard.model.plan import FixChoice, Repair
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

HONEST = "honest"
IMPOSTORS = ("other-authority", "other-name", "expired")
"""What a strict httpd lets nobody be: each is wrong in one way only."""
_PUBLIC = "client.example.test"


class Chains:
    """The authorities, and what each kind of backend shows.

    Args:
        directory: gets the files of the authorities.
    """

    def __init__(self, directory: Path) -> None:
        self.root = issue("Example Root", ca=True)
        one = issue("Example Issuing 1", self.root, ca=True)
        two = issue("Example Issuing 2", one, ca=True)
        self.other = issue("Other Root", ca=True)
        former = issue("Former Root", ca=True)
        self._kinds: dict[str, tuple[Issued | None, tuple[Issued, ...]]] = {
            "direct": (self.root, ()),
            "via": (one, (one,)),
            "deep": (two, (two, one)),
            "forgets": (one, ()),
            "self": (None, ()),
        }
        self._directory = directory
        self.file("root", self.root.pem)
        self.file("former", former.pem)
        self.file("issuing", one.pem)
        front = issue(_PUBLIC, self.root, dns=[_PUBLIC])
        self.file("front", front.pem + front.key_pem)

    def file(self, name: str, data: bytes = b"") -> Path:
        """A file beside the cases; written where there is something to write."""
        path = self._directory / f"{name}.pem"
        if data:
            path.write_bytes(data)
        return path

    def faces(self, kind: str, names: Sequence[str]) -> dict[str, ssl.SSLContext]:
        """What a backend shows: honest, and as each impostor; nothing where it speaks no TLS."""
        if kind == "plain":
            return {}
        issuer, sent = self._kinds[kind]
        leaf = issue(names[0], issuer, dns=names)
        if issuer is None:
            self.file(f"self-{names[0]}", leaf.pem)
        signs = issuer or self.root
        return {
            HONEST: servers.context(leaf, *sent),
            "other-authority": servers.context(issue(names[0], self.other, dns=names), self.other),
            "other-name": servers.context(issue("x.test", signs, dns=["x.test"]), *sent),
            "expired": servers.context(issue(names[0], signs, dns=names, days=(-9, -1)), *sent),
        }


@dataclass
class Backend:
    """A TLS server that says which case it belongs to."""

    name: str
    kind: str
    faces: dict[str, ssl.SSLContext]
    face: str = HONEST
    server: servers.Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = servers.Server(self._answer)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if not self.faces:
            self._say(connection)
            return
        with self.faces[self.face].wrap_socket(connection, server_side=True) as tls:
            self._say(tls)

    def _say(self, connection: socket.socket) -> None:
        if servers.request(connection):
            connection.sendall(servers.ok(f"answer of {self.name}".encode()))


@dataclass
class Site:
    """A case that stands in files."""

    case: Case
    directory: Path
    ports: tuple[int, int]
    backends: dict[str, Backend]
    before: dict[str, bytes] = field(default_factory=dict)
    repair: Repair | None = None

    @property
    def main(self) -> Path:
        """Its configuration, alone."""
        return self.directory / "httpd.conf"

    @property
    def includes(self) -> str:
        """The lines that read its files."""
        files = sorted(set(self.case.files) - self.case.included)
        return "".join(f"Include {self.directory}/{file}\n" for file in files)

    @property
    def asks(self) -> list[tuple[str, str]]:
        """Host and path of each request."""
        return [(host, path) for host, path in self.case.each("ask")]

    def plan(self, chains: Chains, resolver: FixedResolver) -> None:
        """Plans the repair with the right CA named, and writes it."""
        names = {
            f"self-{one.name}" if one.kind == "self" else "root" for one in self.backends.values()
        }
        forgets = any(one.kind == "forgets" for one in self.backends.values())
        named = sorted(names) + (["issuing"] if forgets else [])
        choice = FixChoice(ca_files=tuple(str(chains.file(name)) for name in named))
        self.repair = Engine(Scope(path=str(self.main)), resolver=resolver).repair(choice)
        files = self.repair.report.configuration.files
        for path, data in unified_diff.apply_to(self.repair.plan, files).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(data)

    def answers(self) -> list[str]:
        """What comes of each request: a backend's words, or the status."""
        return [self._answer(host, path) for host, path in self.asks]

    def _answer(self, host: str, path: str) -> str:
        try:
            connection: socket.socket = socket.create_connection((httpd.LISTEN, self.ports[0]), 20)
        except ConnectionRefusedError:
            return "httpd does not start"
        if any("SSLEngine on" in text for text in self.case.files.values()):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(connection, server_hostname=host)
        with connection:
            head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            data = b""
            with contextlib.suppress(OSError):
                while part := connection.recv(65536):
                    data += part
        status = data.split(b" ")[1:2]
        told = re.search(rb"answer of [\w.-]+", data)
        return told[0].decode() if status == [b"200"] and told else b"".join(status).decode()


@dataclass
class World:
    """All cases."""

    directory: Path
    chains: Chains
    sites: list[Site]
    hosts: Path

    @contextlib.contextmanager
    def served(self) -> Iterator[None]:
        """By one httpd; those that set something at server level by one each."""
        shared = [site for site in self.sites if "own" not in site.case.facts]
        with contextlib.ExitStack() as stack:
            for number, group in enumerate(
                [shared, *([site] for site in self.sites if site not in shared)]
            ):
                place = self.directory / f"httpd-{number}"
                place.mkdir(exist_ok=True)
                ports = [f"{httpd.LISTEN}:{port}" for site in group for port in site.ports]
                text = httpd.main_config(place, ports) + "".join(one.includes for one in group)
                (place / "httpd.conf").write_text(text)
                with contextlib.suppress(*([httpd.RefusedError] if number else [])):
                    stack.enter_context(httpd.running(place / "httpd.conf", self.hosts))
            yield

    def lead(self) -> None:
        """Have the names lead to their backends that the plans rest on."""
        with self.hosts.open("a") as hosts:
            for site in self.sites:
                hosts.writelines(f"127.0.0.1 {name}\n" for name in site.case.listed("led"))

    def show(self, face: str) -> None:
        """Have every backend show one of its faces."""
        for site in self.sites:
            for backend in site.backends.values():
                backend.face = face

    def asked(self, face: str = HONEST) -> dict[str, list[str]]:
        """The answers of every case, while its backends show one of their faces."""
        self.show(face)
        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(Site.answers, self.sites))
        return {site.case.name: one for site, one in zip(self.sites, found, strict=True)}


@contextlib.contextmanager
def standing(directory: Path, cases: Sequence[Case]) -> Iterator[World]:
    """The cases as files in a directory, with their backends."""
    directory = directory.resolve()
    chains = Chains(directory)
    ports = httpd.free_ports(2 * len(cases))
    sites = [
        _site(directory, case, (ports[2 * at], ports[2 * at + 1]), chains)
        for at, case in enumerate(cases)
    ]
    names = {name for site in sites for name in site.backends}
    (directory / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in sorted(names)))
    try:
        yield World(directory, chains, sites, directory / "hosts")
    finally:
        for site in sites:
            for backend in site.backends.values():
                backend.server.stop()


def resolver(world: World) -> FixedResolver:
    """The names of all backends, and this machine's own."""
    names = {name for site in world.sites for name in site.backends} | {"localhost"}
    return FixedResolver(dict.fromkeys(names, ("127.0.0.1",)))


def _site(directory: Path, case: Case, ports: tuple[int, int], chains: Chains) -> Site:
    place = directory / case.name
    place.mkdir()
    backends = {}
    for name, kind, *more in case.each("backend"):
        only = [one[1:] for one in more if one.startswith("!")]
        backends[name] = Backend(name, kind, chains.faces(kind, only or [name, *more]))
    site = Site(case, place, ports, backends)
    values = {
        "at": f"{ports[0]}", "plain": f"{ports[1]}", "dir": str(place),
        "front": str(chains.file("front")), "former-ca": str(chains.file("former")),
    }  # fmt: skip
    for name, backend in backends.items():
        values[f"port:{name}"] = str(backend.server.port)
        values[f"ca:{name}"] = str(
            chains.file(f"self-{name}" if backend.kind == "self" else "root")
        )
    for file, text in case.files.items():
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        if "crlf" in case.facts:
            text = text.replace("\n", "\r\n")
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).write_bytes(text.encode())
        site.before[file] = text.encode()
    listens = [f"{httpd.LISTEN}:{port}" for port in ports]
    site.main.write_text(httpd.main_config(place, listens) + site.includes)
    return site
