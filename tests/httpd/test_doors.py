"""A rehearsal of backends whose names lead nowhere, as if they led to an address."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.support.site import Site, standing
from wizard import config
from wizard.config.syntax.words import split_words
from wizard.demo import pki
from wizard.httpd.rehearse import rehearse
from wizard.httpd.sandbox import doors
from wizard.model.rehearsal import Rehearsal
from wizard.model.scope import Assumed, Scope

NAME = "backend.internal"
RESOLVE = (Assumed(NAME, "127.0.0.1"),)
STRICT = "SSLProxyEngine on\nSSLProxyVerify require\nSSLProxyCACertificateFile private/root.pem\n"
WORK = """ProxyPass /tls https://Backend.Internal:{tls}
ProxyPass /http http://backend.internal.:{plain}
ProxyPassMatch ^/match(.*) https://backend.internal:{tls}$1
RewriteEngine on
RewriteRule ^/rule(.*) https://backend.internal:{tls}$1 [P]
<Proxy balancer://c>
BalancerMember https://backend.internal:{tls}
</Proxy>
ProxyPass /members balancer://c
ProxyPass /known https://good.test:{good}
"""
FAIL = """ProxyPass /closed https://backend.internal:{closed}
ProxyPass /other https://other.internal:{tls}
"""


class World:
    """A site before backends that note what they are asked.

    Attributes:
        seen: the request line and the Host of each request, and the SNI before it.
    """

    def __init__(self, stack: ExitStack, directory: Path) -> None:
        self.seen: list[str] = []
        root = pki.issue("Example Root", ca=True)
        self.site: Site = stack.enter_context(standing(directory, root=root))
        leaf = pki.issue(NAME, root, dns=[NAME])
        self._context = servers.context(leaf, root)
        self._context.sni_callback = lambda _, name, __: self.seen.append(f"SNI {name}")
        closed = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.ports = {
            "tls": stack.enter_context(servers.serving(self._over_tls)),
            "plain": stack.enter_context(servers.serving(self._answer)),
            "good": self.site.backend.port,
            "closed": closed.getsockname()[1],
        }
        closed.close()

    def _over_tls(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as tls:
            self._answer(tls)

    def _answer(self, connection: socket.socket) -> None:
        line, *fields = servers.request(connection).decode("latin-1").split("\r\n")
        host = next((f for f in fields if f.lower().startswith("host:")), "")
        self.seen.append(f"{line} {host}")
        connection.sendall(servers.ok(b"here"))

    def rehearse(self, body: str) -> dict[str, Rehearsal]:
        text = re.sub(r"\{(\w+)\}", lambda m: str(self.ports[m[1]]), body)
        self.site.vhost.write_text(
            f"<VirtualHost *:{self.site.port}>\nServerName app.test\n{text}\n</VirtualHost>\n"
        )
        main = str(self.site.main)
        self.seen.clear()
        routes = config.load(main).routes
        return {one.route.path: one for one in rehearse(Scope(main, resolve=RESOLVE), routes)}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ExitStack() as stack:
        made = World(stack, tmp_path)
        for name, value in httpd.environment(made.site.hosts).items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture(params=["its own network", "no network"])
def network(request: pytest.FixtureRequest) -> None:
    """Whether the system gives the throw-away httpd a network of its own."""
    if request.param == "no network":
        request.getfixturevalue("on_loopback")


@pytest.mark.usefixtures("network")
def test_the_backend_is_asked_as_if_its_name_led_there(world: World) -> None:
    """By every form of URL; SNI, Host and target are those of a direct connection."""
    played = world.rehearse(STRICT + WORK)
    assert len(played) == 6
    for path, one in played.items():
        assert (one.before.status, one.before.proxied) == (200, True), (path, one)
        if path != "/http":
            assert one.before.keeps_out, (path, one)
    assert f"SNI {NAME}" in world.seen
    for line in world.seen:
        assert line == f"SNI {NAME}" or re.fullmatch(
            rf"GET /\S* HTTP/1\.1 Host: {NAME}\.?:({'|'.join(map(str, world.ports.values()))})",
            line,
        ), line


def test_what_fails_there_fails_alike(world: World) -> None:
    played = world.rehearse(STRICT + FAIL)
    closed, other = (played[path].before for path in ("/closed", "/other"))
    assert (closed.status, closed.codes) == (503, ("AH00957", "AH01114"))
    assert f"attempt to connect to 127.0.0.1:{world.ports['closed']} (" in closed.log[0]
    assert (other.status, other.codes) == (500, ("AH00898",))  # nothing was assumed of this name


def test_forward_proxies_of_the_configuration_stay(world: World) -> None:
    """Also those that NoProxy keeps from a client's Host; what goes straight, goes on so."""
    remote = f"ProxyRemote * http://127.0.0.1:{world.ports['closed']}\n"
    beyond = world.rehearse(f"{remote}{STRICT}ProxyPass / https://{NAME}:{{tls}}/")["/"]
    assert (beyond.before.status, beyond.before.proxied) == (503, False)
    exempt = f"{remote}NoProxy app.test\nProxyPassInherit Off\n{STRICT}{WORK}"
    played = world.rehearse(exempt)
    assert {one.before.status for one in played.values()} == {200}, played


@pytest.mark.parametrize(
    ("port", "url", "goes"),
    [
        (443, "https://b.test/", True),
        (443, "https://B.TEST:443/x", True),
        (443, "wss://b.test?x", True),
        (443, "http://b.test/", False),
        (443, "https://b.test:4430/", False),
        (443, "https://bxtest/", False),
        (443, "https://b.test.evil/", False),
        (443, "https://a.b.test/", False),
        (8443, "https://b.test:8443", True),
        (8443, "ajp://b.test:8443/x", True),
        (8443, "https://b.test/", False),
    ],
)
def test_which_urls_go_through_a_door(port: int, url: str, goes: bool) -> None:
    directive = doors.Door("b.test", port, "::1", 40001).directive()
    pattern = re.fullmatch(r'ProxyRemoteMatch "(.*)" http://127\.0\.0\.1:40001', directive)
    assert pattern is not None
    assert (re.search(pattern[1], url) is not None) is goes


@pytest.mark.parametrize(
    "host",
    ['a"b', "a\\", 'a\\"b', 'x" y "', "a${HOME}b", "a\nInclude /b", "a|b", "^a$", "é"],
)
def test_a_hostile_host_is_one_word_of_one_line(host: str) -> None:
    directive = doors.Door(host, 443, "127.0.0.1", 40001).directive()
    assert directive.splitlines() == [directive]
    name, pattern, door = split_words(directive)
    assert (name, door) == ("ProxyRemoteMatch", "http://127.0.0.1:40001")
    assert re.search(pattern, f"https://{host}:443/")
    assert not re.search(pattern, f"https://{host}x/")
    assert "${" not in pattern


def test_a_target_in_absolute_form() -> None:
    assert doors.in_origin_form(b"GET ws://b.test:80/a?b=ws://c/ HTTP/1.1\r\n") == (
        b"GET /a?b=ws://c/ HTTP/1.1\r\n"
    )
    for other in (b"GET / HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n", b"\x16\x03\x01", b"x http://b/ y"):
        assert doors.in_origin_form(other) == other
