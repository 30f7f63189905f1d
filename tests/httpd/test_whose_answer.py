"""Whose answer a rehearsal shows: the route's own backend's, or somebody else's.

Known by who was reached and by what httpd noted of the request itself, not by the status.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.support.httpd import MODULES
from tests.support.site import REQUIRE, Site, standing, standing_at_address
from tests.verdict.http2_backends import ANSWERS, Answer, data, head, reset
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.model.rehearsal import FirstTry, Rehearsal, Run
from wizard.model.scope import Scope
from wizard.wording import rehearsal

CA = "SSLProxyCACertificateFile private/root.pem"
LOADED = (
    *("rewrite", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm", "proxy_connect"),
    *("proxy_scgi", "proxy_fcgi", "proxy_http2", "http2"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("whose")) as site:
        text = site.main.read_text()
        loads = "".join(
            f"LoadModule {n}_module {MODULES}/mod_{n}.so\n"
            for n in LOADED
            if f"LoadModule {n}_module" not in text
        )
        site.main.write_text(text.replace("Include ", f"{loads}Include "))
        yield site


@pytest.fixture
def asked() -> list[bytes]:
    """Heads of the requests that the other backend got."""
    return []


@pytest.fixture
def other(asked: list[bytes]) -> Iterator[int]:
    """Port of a backend that is well and is no route's under rehearsal."""

    def answer(connection: socket.socket) -> None:
        head = servers.request(connection)
        if head:
            asked.append(head)
            connection.sendall(servers.ok(b"the other"))

    with servers.serving(answer) as port:
        yield port


def perform(site: Site, body: str, path: str = "/", request: str = "") -> Rehearsal:
    """The route of this path, rehearsed alone; with a request of another path, if one is given."""
    site.vhost.write_text(
        f"<VirtualHost *:{site.port}>\nServerName app.test\n{REQUIRE}\n"
        f"{body.replace('BACKEND', f'https://127.0.0.1:{site.backend.port}')}\n</VirtualHost>\n"
    )
    scope = Scope(str(site.main))
    routes = config.load(scope.path).routes
    chosen = [
        replace(route, request_path=request or route.request_path)
        for route in routes
        if route.path == path
    ]
    others = [route for route in routes if route.path != path]
    return rehearse(scope, chosen, None, others)[0]


def test_an_error_page_of_another_backend_is_no_answer(
    site: Site, other: int, asked: list[bytes]
) -> None:
    found = perform(
        site,
        f"ErrorDocument 500 /error/\nProxyPass /error/ http://127.0.0.1:{other}/\n"
        "ProxyPass / BACKEND/",
    )
    assert (found.before.proxied, found.before.backend_status) == (False, None), found
    assert found.before.codes[0] == "AH02276"
    assert asked == []


@pytest.mark.parametrize("backend_knows", [True, False])
def test_a_websocket_route_is_asked_for_a_websocket(
    site: Site, other: int, asked: list[bytes], backend_knows: bool
) -> None:
    """Its RewriteCond lets nothing else through, and the other route would take a plain GET."""
    heads: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        heads.append(servers.request(connection))
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            if backend_knows
            else servers.ok(b"no websocket")
        )

    with servers.serving(answer) as port:
        found = perform(
            site,
            "RewriteEngine on\nRewriteCond %{HTTP:Upgrade} =websocket [NC]\n"
            "RewriteCond %{HTTP:Connection} Upgrade [NC]\n"
            f"RewriteRule ^/(.*)$ ws://127.0.0.1:{port}/$1 [P]\n"
            f"ProxyPass / http://127.0.0.1:{other}/",
            "^/(.*)$",
        )
    assert (found.before.proxied, found.before.status) == (True, 101 if backend_knows else 200)
    assert found.before.seconds < 3, "no wait for another request of a connection that is kept"
    assert len(heads) == 1
    assert asked == []


def test_nor_is_one_of_the_same_backend_by_another_worker(site: Site) -> None:
    """It is reached at the very same address and port."""
    found = perform(
        site,
        "<Proxy BACKEND/error>\nSSLProxyVerify none\n</Proxy>\nErrorDocument 500 /error/\n"
        "ProxyPass /error/ BACKEND/error/\nProxyPass / BACKEND/",
    )
    assert (found.before.proxied, found.before.backend_status) == (False, None), found


def test_the_backends_own_error_counts_whatever_page_is_shown_for_it(
    site: Site, tmp_path: Path
) -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with servers.serving(_saying(missing)) as port:
        found = perform(
            site,
            f"ProxyErrorOverride On\nErrorDocument 404 /page.html\nProxyPass /page.html !\n"
            f"ProxyPass / http://127.0.0.1:{port}/",
        )
    assert (found.before.proxied, found.before.backend_status) == (True, 404), found


def test_a_request_that_is_redirected_inside_counts(site: Site) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as public:
        Path(public).chmod(0o755)
        found = perform(
            site,
            f"{CA}\nDocumentRoot {public}\n<Directory {public}>\nRewriteEngine On\n"
            "RewriteRule ^old/ /app/ [PT]\nRequire all granted\n</Directory>\n"
            "ProxyPass /app/ BACKEND/",
            "/app/",
            "/old/",
        )
    assert (found.before.proxied, found.before.backend_status) == (True, 200), found


def test_the_answer_of_the_route_that_takes_the_request_is_shown_as_such(
    site: Site, other: int
) -> None:
    found = perform(
        site,
        f"{CA}\nRewriteEngine On\nRewriteRule ^/(.*) http://127.0.0.1:{other}/$1 [P]\n"
        "ProxyPass / BACKEND/",
    )
    assert (found.before.status, found.before.strangers) == (200, ())
    assert "The answer is that of another route" in found.notes[0]


def test_whom_httpd_wanted_to_reach_is_said(site: Site, other: int, asked: list[bytes]) -> None:
    """A condition that holds takes the request to another backend than the route's."""
    found = perform(
        site,
        f"{CA}\nRewriteEngine On\nRewriteCond %{{HTTP_USER_AGENT}} wizard\n"
        f"RewriteRule ^/only(.*) http://127.0.0.1:{other}/$1 [P]\nProxyPass /only BACKEND/",
        "/only",
    )
    assert not found.before.proxied
    assert asked == []
    told = f"httpd wanted to reach 127.0.0.1:{other}, which is not known as this route's backend"
    assert any(told in note for note in found.notes), found.notes


@pytest.mark.parametrize("address", ["0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
def test_a_backend_at_an_address_that_stands_for_another_is_no_stranger(
    site: Site, address: str
) -> None:
    found = perform(
        site,
        f"{CA}\nSSLProxyCheckPeerName off\nProxyPass / https://{address}:{site.backend.port}/",
    )
    assert (found.before.proxied, found.before.strangers) == (True, ()), found


def test_every_address_of_a_name_is_the_backends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpd tries one after the other; only the last of these listens."""
    with standing(tmp_path) as site:
        dead = "".join(f"127.0.1.{number} good.test\n" for number in range(1, 31))
        site.hosts.write_text(f"{dead}127.0.0.1 good.test\n")
        for name, value in httpd.environment(site.hosts).items():
            monkeypatch.setenv(name, value)
        site.write(f"{REQUIRE}\n{CA}")
        found = rehearse(Scope(str(site.main)), config.load(str(site.main)).routes)[0]
    assert (found.before.proxied, found.before.strangers) == (True, ()), found


@pytest.fixture
def at_socket(asked: list[bytes]) -> Iterator[Path]:
    """Where a server that is well listens; everybody may connect."""
    with tempfile.TemporaryDirectory(dir="/tmp") as public:
        Path(public).chmod(0o755)
        place = Path(public, "socket")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(place))
        place.chmod(0o777)
        listener.listen()

        def answer(connection: socket.socket) -> None:
            asked.append(servers.request(connection))
            connection.sendall(servers.ok(b"fine"))

        server = servers.Server(answer, listener)
        yield place
        server.stop()


WIZARDS = "RewriteEngine On\nRewriteCond %{HTTP_USER_AGENT} wizard\nRewriteRule ^/only"


@pytest.mark.parametrize(
    "target",
    [
        "unix:{}|http://good.test/",
        "unix:{}|fcgi://good.test/",
        "Unix:/{}|http://good.test/",
        '"unix:{}|http://good.test/"',
    ],
)
def test_no_server_behind_a_unix_socket_is_reached_but_the_routes_own(
    site: Site, at_socket: Path, asked: list[bytes], target: str
) -> None:
    """Also where that is another route, and rehearsed as well."""
    rule = f"{WIZARDS} {target.format(at_socket)} [P]"
    run = perform(site, f"{CA}\n{rule}\nProxyPass /only BACKEND/", "/only").before
    assert asked == []
    assert (run.backend_status, run.proxied, run.foreign) == (None, False, False)
    assert run.strangers == (f"unix:{at_socket}",)
    own = site.vhost.read_text()
    found = rehearse(Scope(str(site.main)), config.load(str(site.main)).routes)
    assert own == site.vhost.read_text()
    assert [one.before.proxied for one in found if one.path == "/only"][-1:] == [False], found


@pytest.mark.parametrize("relative", [False, True])
def test_the_routes_own_socket_is_reached(
    site: Site, at_socket: Path, asked: list[bytes], relative: bool
) -> None:
    text = site.main.read_text()
    try:
        site.main.write_text(f"DefaultRuntimeDir {at_socket.parent}\n{text}")
        path = at_socket.name if relative else at_socket
        found = perform(site, f"ProxyPass / unix:{path}|http://good.test/")
    finally:
        site.main.write_text(text)
    assert (found.before.proxied, found.before.status) == (True, 200), found
    assert len(asked) == 1


def test_no_connection_is_handed_to_another_program(
    site: Site, at_socket: Path, asked: list[bytes]
) -> None:
    text = site.main.read_text()
    try:
        load = f"LoadModule proxy_fdpass_module {MODULES}/mod_proxy_fdpass.so\n"
        site.main.write_text(text.replace("Include ", f"{load}Include "))
        rule = f"{WIZARDS} fd://{at_socket} [P]"
        found = perform(site, f"{CA}\n{rule}\nProxyPass /only BACKEND/", "/only")
    finally:
        site.main.write_text(text)
    assert asked == []
    assert not found.before.proxied
    assert any("to other programs: proxy_fdpass_module" in note for note in found.notes)


@pytest.mark.parametrize("status", [b"200 Fine", b"403 No", b"500 Broken", b"502 Gone"])
def test_an_error_of_a_backend_that_does_not_speak_http_is_its_own(
    site: Site, status: bytes
) -> None:
    """httpd would say in its log why it answers so itself."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"Status: %b\r\nContent-Type: text/plain\r\n\r\nx" % status)

    def break_off(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"Status: 500")

    with servers.serving(answer) as port, servers.serving(break_off) as broken:
        run = perform(site, f"ProxyPass / scgi://127.0.0.1:{port}/").before
        assert (run.proxied, run.status) == (True, int(status[:3])), run
        run = perform(site, f"ProxyPass / scgi://127.0.0.1:{broken}/").before
        assert (run.proxied, run.status) == (False, 500), run


@pytest.mark.parametrize("name", ["head-then-silence", "length-too-short", "status-600"])
def test_httpds_own_error_for_an_answer_that_began_is_not_the_backends(
    site: Site, name: str
) -> None:
    with servers.serving(ANSWERS[name]) as port:
        found = perform(site, f"ProxyTimeout 1\nProxyPass / h2c://127.0.0.1:{port}/")
    assert found.before.status in (500, 502, 503)
    assert not found.before.proxied, found


def _saying(answer: bytes) -> servers.Handler:
    def say(connection: socket.socket) -> None:
        servers.request(connection)
        connection.sendall(answer)

    return say


Named = dict[str, dict[str, servers.Handler]]
OWN: Named = {
    "h2c": {
        "silence-503": Answer(head(status=b"503", flags=0)),
        "reset-502": Answer(head(status=b"502", flags=0) + reset(2)),
        "end-and-reset-502": Answer(head(status=b"502") + reset(1)),
        "bad-field-502": Answer(head((b"A", b"b"), status=b"502")),
        "length-502": Answer(head((b"content-length", b"5"), status=b"502")),
    },
    "http": {
        "name-500": _saying(b"HTTP/1.1 500 E\r\nX : a\r\n\r\n"),
        "value-500": _saying(b"HTTP/1.1 500 E\r\nX: \1\r\n\r\n"),
        "no-colon-502": _saying(b"HTTP/1.1 502 E\r\nnocolon\r\n\r\n"),
        "cut-502": _saying(b"HTTP/1.1 502 E\r\n"),
        "length-502": _saying(b"HTTP/1.1 502 E\r\nContent-Length: x\r\n\r\n"),
        "chunk-502": _saying(b"HTTP/1.1 502 E\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
    },
}
"""Answers that httpd cannot pass on, and for which it says the very status that they have."""
BACKENDS_OWN: Named = {
    "h2c": {
        "502": Answer(head(status=b"502")),
        "503": Answer(head(status=b"503", flags=0) + data(b"x")),
        "broken-off-502": Answer(head(status=b"502", flags=0) + data(b"x", 0) + reset(2)),
    },
    "http": {
        "500": _saying(b"HTTP/1.1 500 E\r\n\r\n"),
        "broken-off-503": _saying(b"HTTP/1.1 503 E\r\nContent-Length: 5\r\n\r\nx"),
    },
}


def test_httpds_own_error_of_the_same_status_is_not_the_backends(site: Site) -> None:
    expected, lines = {}, "ProxyTimeout 1\n"
    with contextlib.ExitStack() as stack:
        for answers, whose in ((OWN, False), (BACKENDS_OWN, True)):
            for scheme, named in answers.items():
                for name, handler in named.items():
                    port = stack.enter_context(servers.serving(handler))
                    path = f"/{whose}/{scheme}/{name}/"
                    lines += f"ProxyPass {path} {scheme}://127.0.0.1:{port}/\n"
                    expected[path] = whose, int(name[-3:])
        site.vhost.write_text(
            f"<VirtualHost *:{site.port}>\nServerName app.test\n{REQUIRE}\n{lines}</VirtualHost>\n"
        )
        routes = config.load(str(site.main)).routes
        found = rehearse(Scope(str(site.main)), routes)
    assert {one.path: (one.before.proxied, one.before.status) for one in found} == expected


def test_every_member_of_a_balancer_may_answer(site: Site) -> None:
    dead = "http://127.0.0.1:1"
    with servers.serving(_fine) as port:
        found = perform(
            site,
            f"<Proxy balancer://c>\nBalancerMember {dead}\nBalancerMember http://127.0.0.1:{port}\n"
            "</Proxy>\nProxyPass / balancer://c/",
        )
    assert (found.before.proxied, found.before.status) == (True, 200), found


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)


def _fine(connection: socket.socket) -> None:
    if servers.request(connection):
        connection.sendall(servers.ok(b"fine"))


def test_through_a_forward_proxy(site: Site) -> None:
    """It alone is reached; what it connects to is its own business."""
    connects: list[bytes] = []

    def tunnel(connection: socket.socket) -> None:
        connects.append(servers.request(connection))
        connection.sendall(b"HTTP/1.0 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", site.backend.port)) as outward:
            threading.Thread(target=_copy, args=(outward, connection), daemon=True).start()
            _copy(connection, outward)

    with servers.serving(tunnel) as port:
        found = perform(
            site,
            f"{CA}\nSSLProxyCheckPeerName off\nProxyRemote * http://127.0.0.1:{port}\n"
            "ProxyPass / https://192.0.2.7:4443/",
        )
    assert connects[0].startswith(b"CONNECT 192.0.2.7:4443 ")
    assert (found.before.proxied, found.before.status) == (True, 200), found
    assert found.before.strangers == ()


@pytest.mark.parametrize("body", [b"", b"x"])
def test_a_handshake_alone_is_no_answer(site: Site, body: bytes) -> None:
    """The certificate is taken, and then nothing that is HTTP comes."""
    context = servers.context(site.backend.leaf, site.root)

    def hang_up(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            servers.request(tls)
            tls.sendall(body)

    with servers.serving(hang_up) as port:
        run: Run = perform(site, f"{CA}\nProxyPass / https://127.0.0.1:{port}/").before
    assert (run.proxied, run.backend_status) == (False, None), run


class _Breaking:
    """A backend that hangs up on its first requests, and answers those after."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, connection: socket.socket) -> None:
        if servers.request(connection):
            self.left -= 1
            if self.left < 0:
                connection.sendall(servers.ok(b"fine"))


def test_a_connection_that_breaks_once_is_asked_again_and_told(site: Site) -> None:
    with servers.serving(_Breaking(1)) as port:
        run = perform(site, f"ProxyPass / http://127.0.0.1:{port}/").before
    assert (run.status, run.proxied) == (200, True), run
    assert run.first_try == FirstTry(502, ("AH01102", "AH00898"), "backend")
    said = " ".join(piece.text for piece in rehearsal.run("now", run))
    assert "asked twice: the first request got 502, AH01102: the backend hung up first" in said


def test_a_connection_that_breaks_twice_is_broken(site: Site) -> None:
    backend = _Breaking(2)
    with servers.serving(backend) as port:
        run = perform(site, f"ProxyPass / http://127.0.0.1:{port}/").before
    assert (run.status, run.proxied, run.first_try) == (502, False, None), run
    assert backend.left <= 0
