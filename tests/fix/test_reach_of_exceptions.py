"""A temporary exception ends where its backend's worker ends: what only begins alike is verified.

The neighbour works, with a CA that its virtual host names. Once the other route has its exception,
the neighbour's backend shows a certificate of an unknown CA: a real httpd must refuse it still.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.support.site import REQUIRE, Backend, Site
from wizard import config
from wizard.demo.pki import Issued, issue

UNTIL = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
TEMPORARY = ("--policy", "temporary", "--until", UNTIL)
LONGER = "good.test.example"
"""A name that begins like the excepted one."""


@dataclass
class Pair:
    """A site whose /x needs an exception, while /y works.

    Args:
        site: its CA is the neighbour's.
        sockets: a directory that httpd's children may search.
        running: the backends.
    """

    site: Site
    sockets: Path
    running: list[Backend] = field(default_factory=list)
    unknown: Issued = field(default_factory=lambda: issue("Unknown CA", ca=True))

    def backend(self, name: str, issuer: Issued, listener: socket.socket) -> Backend:
        made = Backend(issue(name, issuer, dns=[name]), listener=listener)
        self.running.append(made)
        return made

    def write(self, body: str) -> None:
        self.site.vhost.write_text(
            f"<VirtualHost *:{self.site.port}>\nServerName app.test\n{REQUIRE}\n"
            f"SSLProxyCACertificateFile {self.site.ca[1]}\n{body}\n</VirtualHost>\n"
        )

    def statuses(self) -> list[int]:
        with self.site.running():
            return [httpd.get(self.site.port, "app.test", path).status for path in ("/x", "/y")]


@pytest.fixture
def pair(site: Site) -> Iterator[Pair]:
    names = ("good.test", LONGER, "other.test")
    site.hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in names))
    with tempfile.TemporaryDirectory() as sockets:
        found = Pair(site, Path(sockets))
        found.sockets.chmod(0o755)
        try:
            yield found
        finally:
            for backend in found.running:
                backend.stop()


def unix(directory: Path, name: str) -> socket.socket:
    """A socket that httpd's children may connect to."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(directory / name))
    (directory / name).chmod(0o777)
    listener.listen(64)
    return listener


def ports() -> tuple[socket.socket, socket.socket]:
    """Two ports of which one begins with the digits of the other."""
    for short in range(1100, 6500):
        with contextlib.suppress(OSError):
            first = socket.create_server(("127.0.0.1", short))
            for digit in range(10):
                with contextlib.suppress(OSError):
                    return first, socket.create_server(("127.0.0.1", short * 10 + digit))
            first.close()
    raise AssertionError("no two ports are free")


def names(pair: Pair, scheme: str) -> tuple[Backend, str, str]:
    """``https://good.test`` and ``https://good.test.example``, without a port."""
    here = pair.sockets
    pair.backend("good.test", pair.unknown, unix(here, "x.sock"))
    neighbour = pair.backend(LONGER, pair.site.root, unix(here, "y.sock"))
    socket_of = f"unix:{here}/{{}}.sock|{scheme}://{{}}"
    return neighbour, socket_of.format("x", "good.test"), socket_of.format("y", LONGER)


def numbers(pair: Pair) -> tuple[Backend, str, str]:
    """``https://good.test:8443`` and ``https://good.test:84430``."""
    first, second = ports()
    pair.backend("good.test", pair.unknown, first)
    neighbour = pair.backend("good.test", pair.site.root, second)
    x, y = (f"https://good.test:{each.getsockname()[1]}" for each in (first, second))
    return neighbour, x, y


def check(pair: Pair, neighbour: Backend) -> None:
    """/x gets its exception, and /y none."""
    assert pair.statuses() == [500, 200]
    done = pair.site.wizard("apply", str(pair.site.main), "--yes", "--no-reload", *TEMPORARY)
    assert done.returncode == 0, done.stderr
    assert pair.statuses() == [200, 200], pair.site.vhost.read_text()
    neighbour.pose(pair.unknown)
    assert pair.statuses() == [200, 500], pair.site.vhost.read_text()
    assert "AH02276" in httpd.text_of(pair.site.directory / "error.log")


BOTH = "ProxyPass /x {x}\nProxyPass /y {y}"
ROUTES = {
    "slashes": "ProxyPass /x {x}/\nProxyPass /y {y}/",
    "none": BOTH,
    "path": "ProxyPass /x {x}/ctx\nProxyPass /y {y}/ctx",
    "patterns": "ProxyPassMatch ^/x(.*)$ {x}$1\nProxyPassMatch ^/y(.*)$ {y}$1",
    "rewrite": "RewriteEngine on\nRewriteRule ^/x(.*) {x}$1 [P]\nRewriteRule ^/y(.*) {y}$1 [P]",
    "locations": "<Location /x>\nProxyPass {x}\n</Location>\n<Location /y>\nProxyPass {y}\n"
    "</Location>",
    "wide": '<Proxy "{plain}">\nSSLProxyVerifyDepth 1\n</Proxy>\n' + BOTH,
    "worker": '<Proxy "{plain}">\nProxySet retry=0\n</Proxy>\n' + BOTH,
    "all": "<Proxy *>\nSSLProxyVerifyDepth 1\n</Proxy>\n" + BOTH,
}  # fmt: skip
NOT_BY_SOCKET = ("patterns", "rewrite", "worker")
"""Where a name could go on behind what the configuration says, and where httpd loses the socket."""
BY_SOCKET = [name for name in ROUTES if name not in NOT_BY_SOCKET]


@pytest.mark.parametrize("routes", [ROUTES[name] for name in BY_SOCKET], ids=BY_SOCKET)
def test_a_name_that_begins_alike_is_verified(pair: Pair, routes: str) -> None:
    neighbour, x, y = names(pair, "https")
    pair.write(routes.format(x=x, y=y, plain="https://good.test"))
    check(pair, neighbour)


@pytest.mark.parametrize("routes", ROUTES.values(), ids=list(ROUTES))
def test_a_port_that_begins_alike_is_verified(pair: Pair, routes: str) -> None:
    neighbour, x, y = numbers(pair)
    pair.write(routes.format(x=x, y=y, plain=x))
    check(pair, neighbour)


@pytest.mark.parametrize("end", ["", "/"])
def test_a_balancer_that_begins_alike_is_verified(pair: Pair, end: str) -> None:
    neighbour, x, y = numbers(pair)
    pair.write(
        f"<Proxy balancer://app{end}>\nBalancerMember {x}\n</Proxy>\n"
        f"<Proxy balancer://app2{end}>\nBalancerMember {y}\n</Proxy>\n"
        "ProxyPass /x balancer://App/\nProxyPass /y balancer://app2/"
    )
    check(pair, neighbour)


def test_a_section_that_governs_more_gets_no_exception(pair: Pair) -> None:
    """Nobody is proxied to the longer name today: the section would reach it all the same."""
    neighbour, x, _ = names(pair, "https")
    pair.write(
        f'<Proxy "https://good.test">\n{REQUIRE}\nSSLProxyCACertificateFile {pair.site.ca[1]}\n'
        f"</Proxy>\nProxyPass /x {x}/\nProxyPass /y https://other.test:1/"
    )
    done = pair.site.fix(*TEMPORARY, "--vhost", "app.test")
    pair.site.patch(done.stdout)
    added = f"    ProxyPass /z unix:{pair.sockets}/y.sock|https://{LONGER}/\n</VirtualHost>"
    text = pair.site.vhost.read_text()
    pair.site.vhost.write_text(text.replace("</VirtualHost>", added))
    neighbour.pose(pair.unknown)
    with pair.site.running():
        assert httpd.get(pair.site.port, "app.test", "/x").status == 200
        assert httpd.get(pair.site.port, "app.test", "/z").status == 500


def test_a_route_whose_connections_another_would_use_gets_no_exception(pair: Pair) -> None:
    """Both have one worker: the first ProxyPass names what the second one's URL begins with."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://good.test:{listener.getsockname()[1]}"
    pair.backend("good.test", pair.site.root, listener)
    wrong = pair.site.directory / "wrong.pem"
    wrong.write_bytes(pair.unknown.pem)
    pair.write(
        f"ProxyPass /y {url}/\nProxyPass /x {url}/x\n"
        f'<Proxy "{url}/x">\n{REQUIRE}\nSSLProxyCACertificateFile {wrong}\n</Proxy>'
    )
    assert pair.statuses() == [500, 200]
    routes = {r.path: r for r in config.load(str(pair.site.main)).routes}
    assert routes["/x"].worker == routes["/y"].worker
    done = pair.site.fix(*TEMPORARY)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "use the connections of this route for app.test /y too" in " ".join(done.stderr.split())


def test_httpd_uses_a_connection_that_was_made_for_another_route(pair: Pair) -> None:
    """Why: it was made without verification, and the strict route answers over it."""
    context = servers.context(issue("good.test", pair.unknown, dns=["good.test"]))

    def keeping(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            while servers.request(tls):
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with servers.serving(keeping) as port:
        url = f"https://good.test:{port}"
        section = f'<Proxy "{url}/x">\n{REQUIRE.replace("require", "none")}\n</Proxy>'
        for body, afterwards in (
            (f"ProxyPass /y {url}/\nProxyPass /x {url}/x", 200),
            (f"ProxyPass /x {url}/x\nProxyPass /y {url}/", 500),
        ):
            pair.write(f"{body}\n{section}")
            with pair.site.running():
                found = [
                    httpd.get(pair.site.port, "app.test", path).status
                    for path in ("/y", "/x", "/y")
                ]
            assert found == [500, 200, afterwards]


OPENINGS = {
    "Proxy {x}": [200, 200],
    "Proxy {x}/": [200, 500],
    "Proxy {X}/": [500, 500],
    'ProxyMatch "^{x}(?:[/?]|$)"': [200, 500],
    "ProxyMatch {x}": [200, 200],
}
"""Opening tags, and whether /x and /y are excepted by them."""


def test_a_section_counts_for_every_url_that_begins_as_it_is_written(pair: Pair) -> None:
    neighbour, x, y = numbers(pair)
    neighbour.pose(pair.unknown)
    for form, expected in OPENINGS.items():
        opening = form.format(x=x, X=x.replace("good", "Good"))
        pair.write(
            f"<{opening}>\n{REQUIRE.replace('require', 'none')}\n</{opening.split()[0]}>\n"
            f"ProxyPass /x {x}/\nProxyPass /y {y}/"
        )
        assert pair.statuses() == expected, opening
        policies = {r.path: r.tls.verify.value for r in config.load(str(pair.site.main)).routes}
        excepted = [policies[path] == "none" for path in ("/x", "/y")]
        assert excepted == [status == 200 for status in expected], opening
