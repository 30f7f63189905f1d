"""Verdicts on what the oracle's scenarios leave out, held against real httpd.

Backends are scripted sockets: what they say to whom is written beside the directives.
"""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import errorlog, httpd, servers
from wizard.engine.engine import Engine
from wizard.model.diagnosis import Verdict
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

PATIENCE = 3
"""Seconds that httpd and the product wait: more than a busy machine needs to answer."""
NAME, ELSE = "backend.internal", "other.internal"
SWITCH = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def says(answer: bytes, *, stay: bool = False) -> servers.Handler:
    """A backend that reads what is asked, answers, and hangs up (or stays, silent)."""

    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)
        if stay:
            connection.recv(65536)

    return script


def wants_login(answer: bytes) -> servers.Handler:
    """A forward proxy that answers, and hangs up, if it is given the login x:y."""

    def script(connection: socket.socket) -> None:
        asked = connection.recv(65536)
        given = b"\r\nProxy-Authorization: Basic eDp5\r\n" in asked
        connection.sendall(answer if given else LOGIN)

    return script


FINE = says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@dataclass(frozen=True)
class Situation:
    """One virtual host.

    Args:
        directives: ``{port}`` is the script's, ``{dead}`` one where nothing listens.
        script: of the backend.
        headers: of the request, besides Host.
    """

    directives: str
    script: servers.Handler | None = None
    headers: str = ""


def http(script: servers.Handler) -> Situation:
    return Situation(f"ProxyPass / http://{NAME}:{{port}}/", script)


def member(*members: str) -> Situation:
    lines = "".join(f"  BalancerMember {m}\n" for m in members)
    return Situation(
        f"<Proxy balancer://{{name}}>\n{lines}</Proxy>\nProxyPass / balancer://{{name}}/", FINE
    )


def forced(member: str, script: servers.Handler | None = None) -> Situation:
    """A member that a balancer puts into the error state for what becomes of a request."""
    limits = "ProxySet failonstatus=400,500,502,503 failontimeout=On\n"
    return Situation(
        f"<Proxy balancer://{{name}}>\n  BalancerMember {member}\n{limits}</Proxy>\n"
        "ProxyPass / balancer://{name}/",
        script,
    )


ON, TLS = "SSLProxyEngine on\n", f"https://{NAME}:{{port}}/"
REMOTE = ON + "ProxyRemote * http://127.0.0.1:{port}\n" + f"ProxyPass / https://{NAME}:9/"
PLAIN = f"ProxyRemote * http://127.0.0.1:{{port}}\nProxyPass / http://{NAME}:9/"
NO = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
LOGIN = b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
TUNNEL = b"HTTP/1.1 200 OK\r\n\r\n"
OK = TUNNEL.replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
GIVEN = '\nRequestHeader set Proxy-Authorization "Basic eDp5"'
SITUATIONS: dict[str, Situation] = {
    "fine": http(FINE),
    "line": http(says(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "no-line": http(says(b"SSH-2.0-OpenSSH_9.2")),
    "alert": http(says(b"\x15\x03\x01\x00\x02\x02\x46")),
    "status-99": http(says(b"HTTP/1.1 99 Odd\r\n\r\n")),
    "head-cut": http(says(b"HTTP/1.1 200 OK\r\nContent-Le")),
    "head-cut-at-line": http(says(b"HTTP/1.1 200 OK\r\nA: b\r\n")),
    "no-colon": http(says(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n")),
    "bad-request": http(says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
    "misdirected": http(says(b"HTTP/1.1 421 Misdirected\r\nContent-Length: 0\r\n\r\n")),
    "teapot": http(says(b"HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n")),
    "nothing": http(says(b"")),
    "silence": http(says(b"", stay=True)),
    "websocket": Situation(f"ProxyPass / ws://{NAME}:{{port}}/", says(SWITCH), headers=UPGRADE),
    "websocket-no": Situation(f"ProxyPass / ws://{NAME}:{{port}}/", FINE, headers=UPGRADE),
    "engine-off-refused": Situation(f"ProxyPass / https://{NAME}:{{dead}}/"),
    "engine-off": Situation(f"ProxyPass / {TLS}", FINE),
    "engine-off-ws": Situation(f"ProxyPass / wss://{NAME}:{{port}}/", FINE, headers=UPGRADE),
    "disabled": Situation(f"ProxyPass / http://{NAME}:{{port}}/ status=D", FINE),
    "stopped": Situation(f"ProxyPass / http://{NAME}:{{port}}/ status=+S", FINE),
    "enabled": Situation(f"ProxyPass / http://{NAME}:{{port}}/ status=-D", FINE),
    "standby": Situation(f"ProxyPass / http://{NAME}:{{port}}/ status=H", FINE),
    "port-too-big": Situation(f"ProxyPass / http://{NAME}:80809/"),
    "port-too-big-disabled": Situation(f"ProxyPass / http://{NAME}:80809/ status=D"),
    "port-too-big-member-disabled": member(f"http://{NAME}:80809 status=D"),
    "port-after-address": Situation("ProxyPass / http://[::1]:8080"),
    "path-after-address": Situation("ProxyPass / http://[::1]"),
    "port-after-address-h2c": Situation("ProxyPass / h2c://[::1]:8080"),
    "port-after-address-fcgi": Situation("ProxyPass / fcgi://[::1]:8080"),
    "port-in-address": Situation("ProxyPass / http://127.0.0.1:8080"),
    "user-in-name": Situation(f"ProxyPass / http://user@{NAME}:80"),
    "port-in-name": Situation(f"ProxyPass / http://{NAME}:8080"),
    "path-in-name": Situation(f"ProxyPass / http://{NAME}"),
    "path-apart": Situation(f"ProxyPass / http://{NAME}:{{port}}/a", FINE),
    "socket": Situation("ProxyPass / unix:/nonexistent/socket|http://app.internal/"),
    "socket-tls": Situation(ON + "ProxyPass / unix:/nonexistent/socket|https://app.internal/"),
    "no-members": Situation("ProxyPass / balancer://nobody/"),
    "member": member(f"http://{NAME}:{{port}}"),
    "member-dead": member(f"http://{NAME}:{{dead}}"),
    "member-dead-retry": member(f"http://{NAME}:{{dead}} retry=5"),
    "member-dead-ignored": member(f"http://{NAME}:{{dead}} status=I"),
    "members-off": member(f"http://{NAME}:{{port}} status=D", f"http://{ELSE}:{{port}} status=S"),
    "forced": forced(
        f"http://{NAME}:{{port}}", says(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    ),
    "forced-nothing": forced(f"http://{NAME}:{{port}}", says(b"")),
    "forced-silence": forced(f"http://{NAME}:{{port}}", says(b"", stay=True)),
    "forced-silence-late": forced(
        f"http://{NAME}:{{port}}", says(b"HTTP/1.1 200 OK\r\nX: ", stay=True)
    ),
    "forced-bad-name": forced(f"http://{NAME}:{{port}}", says(b"HTTP/1.1 503 B\r\nX : a\r\n\r\n")),
    "forced-dead": forced(f"http://{NAME}:{{dead}}"),
    "forced-no-name": forced("http://nowhere.internal"),
    "forced-engine-off": forced(f"https://{NAME}:{{port}}", FINE),
    "forced-h2c-nothing": forced(f"h2c://{NAME}:{{port}}", says(b"")),
    "forced-not": forced(f"http://{NAME}:{{port}} status=I", says(b"")),
    "balancer-no-slash": Situation(
        f"<Proxy balancer://{{name}}>\n  BalancerMember http://{NAME}:{{port}}\n</Proxy>\n"
        "ProxyPass / balancer://{name}",
        FINE,
    ),
    "forward": Situation(
        f"ProxyRemote * http://127.0.0.1:{{port}}\nProxyPass / http://{NAME}:9/", FINE
    ),
    "forward-refuses": Situation(REMOTE, says(NO)),
    **{
        f"forward-{name}": Situation(REMOTE, says(answer))
        for name, answer in {
            "201": b"HTTP/1.1 201 Created\r\n\r\n",
            "204": b"HTTP/1.0 204 No\r\n\r\n",
            "299": b"HTTP/1.0 299\r\n\r\n",
            "100": b"HTTP/1.1 100 Continue\r\n\r\n",
            "no-code": b"HTTP/1.1 OK\r\n\r\n",
            "2x": b"HTTP/1.1 2x\r\n\r\n",
            "2000": b"HTTP/1.1 2000 OK\r\n\r\n",
            "http-2": b"HTTP/2.0 200\r\n\r\n",
            "http-12.34": b"HTTP/12.34\t200\r\n\r\n",
            "signed": b"HTTP/ +1.-1 +20\r\n\r\n",
            "no-version": b"HTTP 200 OK\r\n\r\n",
            "lower-case": b"http/1.1 200 OK\r\n\r\n",
            "garbage": b"garbage\r\n\r\n",
            "nothing": b"\r\n\r\n",
            "line-feeds": b"HTTP/1.1 200 OK\n\n",
            "half-a-head": b"HTTP/1.1 200 OK\r\n",
            "nul": b"HTTP/1.1 \x00 200\r\n\r\n",
            "8191-bytes": b"HTTP/1.1 403 No\r\nX: " + b"y" * 8167 + b"\r\n\r\n",
            "end-across-lots": b"HTTP/1.1 403 No\r\nX: " + b"y" * 8168 + b"\r\n\r\n",
            "20000-bytes": b"HTTP/1.1 403 No\r\nX: " + b"y" * 20000 + b"\r\n\r\n",
        }.items()
    },
    "forward-closes": Situation(REMOTE, says(b"")),
    "forward-silent": Situation(REMOTE, says(b"", stay=True)),
    "forward-dead": Situation(REMOTE.replace("{port}", "{dead}")),
    "forward-login": Situation(REMOTE, says(LOGIN)),
    "forward-login-given": Situation(REMOTE + GIVEN, wants_login(TUNNEL)),
    "forward-login-early": Situation(f"{REMOTE}{GIVEN} early", wants_login(TUNNEL)),
    "forward-login-wrong": Situation(REMOTE + GIVEN.replace("eDp5", "eDp6"), wants_login(TUNNEL)),
    "forward-login-in-location": Situation(
        f"{REMOTE}\n<Location />{GIVEN}\n</Location>", wants_login(TUNNEL)
    ),
    "forward-login-taken-away": Situation(
        f"{REMOTE}{GIVEN}\nRequestHeader unset Proxy-Authorization", wants_login(TUNNEL)
    ),
    "forward-plain-login-given": Situation(PLAIN + GIVEN, wants_login(OK)),
    "forward-cannot": Situation(REMOTE, says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")),
    "forward-no-name": Situation(
        f"{ON}ProxyRemote * http://nowhere.internal:3128\nProxyPass / https://{NAME}:9/"
    ),
    "forward-plain-dead": Situation(PLAIN.replace("{port}", "{dead}")),
    "forward-plain-login": Situation(PLAIN, says(LOGIN)),
    "forward-plain-forbidden": Situation(PLAIN, says(NO)),
    "forward-plain-cannot": Situation(PLAIN, says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")),
    "forward-plain-closes": Situation(PLAIN, says(b"")),
    "forward-plain-closes-anew": Situation(f"{PLAIN} disablereuse=on", says(b"")),
    "forward-plain-closes-rewrite": Situation(
        "ProxyRemote * http://127.0.0.1:{port}\nRewriteEngine on\n"
        f"RewriteRule ^/(.*)$ http://{NAME}:9/$1 [P]",
        says(b""),
    ),
    "forward-plain-silent": Situation(PLAIN, says(b"", stay=True)),
    "forward-plain-no-name": Situation(
        f"ProxyRemote * http://nowhere.internal:3128\nProxyPass / http://{NAME}:9/"
    ),
    "ajp-dead": Situation(f"ProxyPass / ajp://{NAME}:{{dead}}/"),
    "fcgi-dead": Situation(f"ProxyPass / fcgi://{NAME}:{{dead}}/"),
    "scgi-dead": Situation(f"ProxyPass / scgi://{NAME}:{{dead}}/"),
    "uwsgi-dead": Situation(f"ProxyPass / uwsgi://{NAME}:{{dead}}/"),
    "fcgi-no-name": Situation("ProxyPass / fcgi://nowhere.internal:9000/"),
    "no-module": Situation(f"ProxyPass / ftp://{NAME}/"),
    "h2-dead": Situation(ON + f"ProxyPass / h2://{NAME}:{{dead}}/"),
    "h2-no-name": Situation(ON + "ProxyPass / h2://nowhere.internal/"),
    "h2-plain": Situation(ON + f"ProxyPass / h2://{NAME}:{{port}}/", FINE),
    "h2-silent": Situation(ON + f"ProxyPass / h2://{NAME}:{{port}}/", says(b"", stay=True)),
    "h2-engine-off": Situation(f"ProxyPass / h2://{NAME}:{{port}}/", FINE),
    "h2c-dead": Situation(f"ProxyPass / h2c://{NAME}:{{dead}}/"),
    "rewrite-dead": Situation(
        f"RewriteEngine on\nRewriteRule ^/(.*)$ http://{NAME}:{{dead}}/$1 [P]"
    ),
    "rewrite-nothing": Situation(
        f"RewriteEngine on\nRewriteRule ^/(.*)$ http://{NAME}:{{port}}/$1 [P]", says(b"")
    ),
}
UNKNOWN = {"forward-plain-closes-anew", "forward-plain-closes-rewrite"}
"""httpd asks the backend itself after the forward proxy failed: what that gives is not tried."""
MORE_MODULES = (
    "".join(
        f"LoadModule proxy_{name}_module {httpd.MODULES}/mod_proxy_{name}.so\n"
        for name in ("ajp", "fcgi", "scgi", "uwsgi")
    )
    + f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\n"
)


@dataclass(frozen=True)
class Answer:
    """What httpd did."""

    status: int
    codes: tuple[str, ...]
    log: str


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Answer, Verdict]]:
    """httpd's answer and the product's verdict to each situation: one httpd for all of them."""
    directory = tmp_path_factory.mktemp("verdicts")
    hosts = directory / "hosts"
    hosts.write_text(f"127.0.0.1 {NAME} {ELSE}\n")
    port, dead = httpd.free_ports(2)
    config = directory / "httpd.conf"
    with ExitStack() as stack:
        sites = []
        for name, situation in SITUATIONS.items():
            own = (
                stack.enter_context(servers.serving(situation.script)) if situation.script else dead
            )
            text = situation.directives
            for word, value in (("{port}", own), ("{dead}", dead), ("{name}", name)):
                text = text.replace(word, str(value))
            sites.append(
                f"<VirtualHost *:{port}>\nServerName {name}.test\nErrorLog {name}.log\n"
                f"LogLevel info\nProxyTimeout {PATIENCE}\n{text}\n</VirtualHost>\n"
            )
        main = httpd.main_config(directory, [f"{httpd.LISTEN}:{port}"])
        config.write_text(main + MORE_MODULES + "".join(sites))
        with httpd.running(config, hosts), ThreadPoolExecutor(8) as pool:
            asked = pool.map(lambda name: _asked(directory, port, name), SITUATIONS)
            answers = dict(zip(SITUATIONS, asked, strict=True))
        scope = Scope(path=str(config), timeout=PATIENCE)
        resolver = FixedResolver({NAME: ["127.0.0.1"], ELSE: ["127.0.0.1"]})
        report = Engine(scope, resolver=resolver).check()
    verdicts: dict[str, Verdict] = {}
    for diagnosis in report.diagnoses:
        name = (diagnosis.case.route.vhost.server_name or "").removesuffix(".test")
        verdicts.setdefault(name, diagnosis.verdict)
    return {name: (answers[name], verdicts[name]) for name in SITUATIONS}


def _asked(directory: Path, port: int, name: str) -> Answer:
    situation = SITUATIONS[name]
    request = f"GET /foo HTTP/1.1\r\nHost: {name}.test\r\n{situation.headers}"
    if not situation.headers:
        request += "Connection: close\r\n"
    with socket.create_connection((httpd.LISTEN, port), timeout=20) as connection:
        connection.sendall(f"{request}\r\n".encode())
        head = b""
        while b"\r\n" not in head and (part := connection.recv(4096)):
            head += part
    text = httpd.text_of(directory / f"{name}.log")
    codes = tuple(entry.code for entry in errorlog.parse(text) if entry.code)
    return Answer(int(head.split(b" ")[1]), codes, text)


@pytest.mark.parametrize("name", SITUATIONS)
def test_verdict_is_httpds(name: str, both: dict[str, tuple[Answer, Verdict]]) -> None:
    answer, verdict = both[name]
    said = f"{verdict}\n{answer.log}"
    if name in UNKNOWN:
        assert (verdict.outcome, verdict.status) == ("unknown", None), said
        assert _at_request(answer.codes)[: len(verdict.ah_codes)] == verdict.ah_codes
        return
    assert verdict.status == answer.status, said
    assert verdict.ah_codes == _at_request(answer.codes), said
    assert (verdict.outcome == "fail") == (answer.status >= 500 or answer.status in (400, 421))


def _at_request(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Without what httpd logs when it starts."""
    return tuple(code for code in codes if code not in ("AH01876", "AH01883", "AH01887"))
