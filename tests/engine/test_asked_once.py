"""A command asks a backend nothing twice: what it is connected to and asked for is counted."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import servers
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard.engine.engine import Engine
from wizard.model.plan import FixChoice
from wizard.model.scope import Scope


class Counting:
    """A backend in TLS, or without, that counts its connections and its requests.

    Args:
        site: whose certificate it shows; None: it speaks no TLS.
    """

    def __init__(self, site: Site | None = None) -> None:
        self.connections = self.requests = 0
        self._handle: servers.Handler = self._answer
        if site is not None:
            context = servers.context(site.backend.leaf, site.root)
            self._handle = servers.answering(context, self._say_ok)
        self.server = servers.Server(self._count)

    def counted(self) -> tuple[int, int]:
        """Connections and requests since it was last asked."""
        seen = self.connections, self.requests
        self.connections = self.requests = 0
        return seen

    def _count(self, connection: socket.socket) -> None:
        self.connections += 1
        self._handle(connection)

    def _answer(self, connection: socket.socket) -> None:
        if servers.request(connection):
            self._say_ok(connection)

    def _say_ok(self, connection: socket.socket) -> None:
        self.requests += 1
        connection.sendall(servers.ok(b""))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as made:
        yield made


def test_a_repair_adds_one_handshake_and_its_rehearsal_asks_httpd(site: Site) -> None:
    broken, well = Counting(site), Counting()
    site.write(
        f"{REQUIRE}\n    ProxyPass /well/ http://127.0.0.1:{well.server.port}/\n"
        f"    ProxyPass /broken/ https://127.0.0.1:{broken.server.port}/"
    )
    engine = Engine(Scope(str(site.main)))
    engine.check()
    assert (broken.counted(), well.counted()) == ((1, 1), (1, 1))
    repair = engine.repair(FixChoice(ca_files=(str(site.directory / "private/root.pem"),)))
    assert repair.after is not None
    assert {d.verdict.outcome for d in repair.after.diagnoses} == {"ok"}
    assert (broken.counted(), well.counted()) == ((2, 1), (1, 1))
    engine.rehearse(repair)
    connections, requests = broken.counted()
    assert requests == 1
    assert connections >= 2  # before the change httpd ends the handshake
    broken.server.stop()
    well.server.stop()


def test_settings_that_the_backend_cannot_see_need_no_connection(site: Site) -> None:
    backend = Counting(site)
    ca = site.directory / "private/root.pem"
    site.write(
        f"SSLProxyEngine on\n    SSLProxyCACertificateFile {ca}\n"
        f"    ProxyPass /a/ https://127.0.0.1:{backend.server.port}/"
    )
    repair = Engine(Scope(str(site.main))).repair(FixChoice())
    assert repair.plan.edits
    assert backend.counted() == (1, 1)
    backend.server.stop()
