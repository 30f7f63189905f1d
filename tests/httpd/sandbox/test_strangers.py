"""Other users of the machine, and the throw-away httpd: nothing of theirs reaches a backend.

Whatever the configuration allows whom: in a network of the httpd's own, and on loopback of the
machine where there is none.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support import command, servers
from tests.support.httpd import MODULES
from tests.support.others import NOBODY
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard import config
from wizard.httpd import client
from wizard.httpd.rehearse import rehearse
from wizard.httpd.sandbox import render
from wizard.model.rehearsal import Rehearsal
from wizard.model.scope import Scope

CA = "SSLProxyCACertificateFile private/root.pem"
PYTHON = "/usr/bin/python3"
LOADED = (
    *("authn_core", "authn_file", "authz_host", "authz_user", "auth_basic", "access_compat"),
    *("alias", "dir", "proxy_connect", "rewrite", "setenvif", "cache", "cache_socache"),
)
ATTACK = """
import json, os, socket, sys
backend, wanted = sys.argv[1], int(sys.argv[2])
found = []
for file in ("tcp", "tcp6"):
    for line in open(f"/proc/net/{file}").readlines()[1:]:
        words = line.split()
        if words[3] == "0A":
            found.append(int(words[1].rpartition(":")[2], 16))
ports = [port for port in found if port == wanted]  # others belong to other tests
entered, seen = [], 0
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        if int(pid) != os.getpid() and sys.argv[4] in open(f"/proc/{pid}/cmdline").read():
            seen += 1
            os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
            entered.append(pid)
    except OSError:
        pass
HEAD = "Host: app.test\\r\\nX-Attack: yes\\r\\nConnection: close\\r\\n\\r\\n"
REQUESTS = [f"{line} HTTP/1.1\\r\\n{HEAD}" for line in (
    "GET /", "POST /", "HEAD /page", "GET /page/x", "GET /none", "OPTIONS *", "GET stolen",
    f"GET http://{backend}/", f"GET http://app.test/", f"OPTIONS http://{backend}",
)]
CONNECT = f"CONNECT {backend} HTTP/1.1\\r\\nHost: {backend}\\r\\n\\r\\n"
REQUESTS += [f"{CONNECT}GET / HTTP/1.1\\r\\n{HEAD}"]
for port in ports:
    for request in REQUESTS:
        with socket.create_connection((sys.argv[3], port), timeout=5) as connection:
            connection.settimeout(5)
            connection.sendall(request.encode())
            while connection.recv(65536):
                pass
print(json.dumps([ports, seen, entered]))
"""


@dataclass
class Stage:
    """A site whose backend tells what it got, and an attacker who comes before each request."""

    site: Site
    port: int
    public: Path
    place: Path
    heads: list[bytes] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    seen: int = 0

    def perform(self, body: str) -> Rehearsal:
        place = {"port": self.port, "public": self.public}
        self.site.vhost.write_text(
            f"<VirtualHost *:{self.site.port}>\nServerName app.test\n{body.format(**place)}\n"
            "</VirtualHost>\n"
        )
        scope = Scope(str(self.site.main))
        return rehearse(scope, config.load(scope.path).routes, seconds=10)[0]

    def attack(self, port: int) -> None:
        backend = f"127.0.0.1:{self.port}"
        who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        words = [PYTHON, "-c", ATTACK, backend, str(port), render.ADDRESS, str(self.place)]
        done = subprocess.run(
            [*who, *words] if os.geteuid() == 0 else words,
            capture_output=True,
            text=True,
            timeout=60,
            cwd="/",
        )
        assert not done.stderr, done.stderr
        ports, seen, entered = json.loads(done.stdout)
        self.ports.update(ports)
        self.entered.update(entered)
        self.seen += seen

    @property
    def stolen(self) -> list[bytes]:
        return [head for head in self.heads if b"X-Attack" in head]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("strangers")) as site:
        (site.directory / "private/users").touch()
        loaded = site.main.read_text()
        loads = "".join(
            f"LoadModule {n}_module {MODULES}/mod_{n}.so\n"
            for n in LOADED
            if f"LoadModule {n}_module" not in loaded
        )
        site.main.write_text(loaded.replace("Include ", f"{loads}Include "))
        yield site


@pytest.fixture
def stage(made: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # by it the attacker knows whose httpd it is
    real = client.get
    heads: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.settimeout(10)
        head = servers.request(connection)
        if head:
            heads.append(head)
            connection.sendall(servers.ok(b"the backend"))

    with tempfile.TemporaryDirectory(dir="/tmp") as public, servers.serving(answer) as port:
        Path(public).chmod(0o755)
        stage = Stage(made, port, Path(public), tmp_path, heads)

        def with_strangers(address: str, port: int, **options: Any) -> client.Answer:
            stage.attack(port)
            return real(address, port, **options)

        monkeypatch.setattr(client, "get", with_strangers)
        yield stage


PASS = "ProxyPass / http://127.0.0.1:{port}/"
PAGE = "ProxyPass /page http://127.0.0.1:{port}/"
ASK = "RewriteEngine On\nRewriteRule ^ http://127.0.0.1:{port}/ [P]"
ROOT = "DocumentRoot {public}"
GRANTED = "Require all granted"
DENIED = "Require all denied"
OLD = "Order allow,deny\nAllow from all\nSatisfy any"
FROM_ENV = "Order deny,allow\nDeny from all\nAllow from env=in\nSatisfy any"


def within(body: str, *heads: str) -> str:
    """Lines in sections, the outermost named first."""
    for head in reversed(heads):
        body = f"<{head}>\n{body}\n</{head.split()[0]}>"
    return body


IF = 'If "true"'
NEVER = within(DENIED, 'If "false"')
NONE = within(DENIED, "RequireNone")
WIDE_OPEN = {
    "plain": [PASS],
    "location": [within(GRANTED, "Location /"), PASS],
    "locationmatch": [within(GRANTED, 'LocationMatch "^/"'), PASS],
    "proxy": [within(GRANTED, "Proxy *"), PASS],
    "proxymatch": [within(GRANTED, "ProxyMatch ."), PASS],
    "if": [within(GRANTED, IF), PASS],
    "nested-if": [within(GRANTED, IF, IF), PASS],
    "deeper-if": [within(GRANTED, "Location /", IF, IF, IF), PASS],
    "if-in-proxy": [within(GRANTED, "Proxy *", IF, IF), PASS],
    "else": [NEVER, within(GRANTED, "Else", IF), PASS],
    "elseif": [within(f"{NEVER}\n{within(GRANTED, 'ElseIf true', IF)}", "Location /"), PASS],
    "satisfy": [within(OLD, "Location /"), PASS],
    "satisfy-in-if": [within(OLD, "Location /", IF), PASS],
    "satisfy-in-nested-if": [within(OLD, IF, IF), PASS],
    "allow-from-env": ["SetEnvIf X-Attack . in", within(FROM_ENV, "Location /", IF), PASS],
    "limit": [within(GRANTED, "Location /", IF, IF, "Limit GET POST OPTIONS"), PASS],
    "limitexcept": [within(OLD, IF, IF, "LimitExcept TRACE"), PASS],
    "authmerging-or": [within(f"AuthMerging Or\n{GRANTED}", "Location /", IF, IF), PASS],
    "requireany": [within(f"{GRANTED}\n{DENIED}", IF, IF, "RequireAny"), PASS],
    "requirenone": [within(f"{GRANTED}\n{NONE}", IF, IF, "RequireAll"), PASS],
    "errordocument": ["ErrorDocument 403 /page/denied", PASS],
    "errordocument-in-if": [within("ErrorDocument 403 /page/denied", IF), PASS],
    "errordocument-of-location": [within("ErrorDocument 403 /page/denied", "Location /"), PASS],
    "forward-proxy": ["ProxyRequests On\nAllowCONNECT 1-65535", within(GRANTED, "Proxy *"), PASS],
    "p-in-directory": [ROOT, within(f"{GRANTED}\n{ASK}", "Directory {public}")],
    "p-anywhere": ["RewriteOptions AllowAnyURI", ASK],
    "p-in-location": [within(f"{within(GRANTED, IF, IF)}\n{ASK}", "Location /")],
    "sethandler": [
        ROOT,
        within('SetHandler "proxy:http://127.0.0.1:{port}"', "Location /"),
        within(GRANTED, IF, IF),
    ],
    "fallback": [ROOT, "FallbackResource /page/", within(GRANTED, "Directory {public}"), PAGE],
    "index": [ROOT, "DirectoryIndex /page/", within(GRANTED, "Directory {public}"), PAGE],
    "htaccess": [ROOT, within("AllowOverride All", "Directory {public}"), PAGE],
    "cache-first": ["CacheQuickHandler on\nCacheEnable socache /\nCacheSocache shmcb", PASS],
}
"""Configurations that let everybody in, some of them later than any other rule."""
HTACCESS = f"{ASK}\n{within(GRANTED, IF, IF)}\n"


def _prepare(stage: Stage, lines: list[str]) -> str:
    body = "\n".join(lines)
    if "AllowOverride" not in body:
        return body
    file = stage.public / ".htaccess"
    file.write_text(HTACCESS.format(port=stage.port))
    file.chmod(0o644)
    return body


@pytest.mark.parametrize("lines", WIDE_OPEN.values(), ids=WIDE_OPEN)
@pytest.mark.usefixtures("on_loopback")
def test_on_loopback_nothing_but_the_word_opens(stage: Stage, lines: list[str]) -> None:
    found = stage.perform(_prepare(stage, lines))
    assert stage.ports  # it was found, and asked
    assert stage.stolen == []
    assert found.before.started, found.before.errors
    assert found.before.proxied, found


@pytest.mark.parametrize("lines", WIDE_OPEN.values(), ids=WIDE_OPEN)
def test_a_network_of_its_own_cannot_be_entered(stage: Stage, lines: list[str]) -> None:
    found = stage.perform(_prepare(stage, lines))
    assert stage.seen  # its processes are no secret
    assert (stage.ports, stage.entered, stage.stolen) == (set(), set(), [])
    assert found.before.started, found.before.errors
    assert found.before.proxied, found


def test_without_the_right_to_make_a_network(made: Site) -> None:
    """The real thing: root without CAP_SYS_ADMIN."""
    made.vhost.write_text(
        f"<VirtualHost *:{made.port}>\nServerName app.test\n{REQUIRE}\n{CA}\n"
        f"<Location />\n{DENIED}\n</Location>\n"
        f"ProxyPass / https://127.0.0.1:{made.backend.port}/\n</VirtualHost>\n"
    )
    powerless = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    done = subprocess.run(
        [
            *(powerless if os.geteuid() == 0 else ()),
            *command.WIZARD,
            "prove",
            "--current",
            str(made.main),
        ],
        env={**os.environ, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout + done.stderr
    if os.geteuid() == 0:
        assert (
            f"Access control is therefore not rehearsed (Require in line 7 of {made.vhost}" in told
        )
        assert "no network of its own (Operation not permitted)" in told
