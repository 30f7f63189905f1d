"""What the commands open, ask and start, as Python's audit events tell it; and what they leave."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import httpd, servers
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard.config.installation.layout import Layout
from wizard.demo import pki
from wizard.httpd import command as program

RECORDER = Path(__file__).with_name("recorder.py")
ROOT = Path(__file__).parents[2]
COMMANDS = ("check", "fix", "prove", "apply", "wizard")


@dataclass
class Recorded:
    """What a command did and said."""

    events: list[list[Any]]
    output: str
    code: int

    def all(self, kind: str) -> list[list[Any]]:
        return [event[1:] for event in self.events if event[0] == kind]


@pytest.fixture
def site(site: Site) -> Site:
    own = pki.issue("proxy", site.root)
    (site.directory / "private/front.key").write_bytes(own.key_pem)
    (site.directory / "private/client.pem").write_bytes(own.pem + own.key_pem)
    (site.directory / "private/front.pem").write_bytes(own.pem)
    (site.directory / "temporary").mkdir()
    site.write(
        f"{REQUIRE}\n    SSLProxyMachineCertificateFile private/client.pem\n"
        "    SSLCertificateFile private/front.pem\n    SSLCertificateKeyFile private/front.key\n"
        "    ProxyPass /other https://other.test:1/"
    )
    return site


def recorded(site: Site, command: str, *options: str, **environment: str) -> Recorded:
    words = [str(site.main), *options]
    if command != "check":
        words += [*site.ca]
    if command == "apply":
        words += ["--yes", "--no-reload"]
    return bare(site, command, *words, **environment)


def bare(site: Site, command: str, *words: str, **environment: str) -> Recorded:
    """A command with exactly these words."""
    log = site.directory / f"{command}.events"
    done = subprocess.run(
        [sys.executable, str(RECORDER), str(log), command, *words],
        env={
            **site.environment,
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(site.directory / "temporary"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "Traceback" not in done.stderr, done.stderr
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return Recorded(events, done.stdout + done.stderr, done.returncode)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_may_do(site: Site, command: str) -> None:
    """No key but the proxy's own, no host but the route's, no program but httpd, no open door."""
    told = recorded(site, command, "--route", "/")
    assert told.code == 0 or command == "check", told.output

    opened = [path for path, _ in told.all("open")]
    keys = {Path(path).name for path in opened if "private/" in path}
    assert keys <= {"client.pem", "root.pem", "front.pem"}, keys  # not front.key

    front = {httpd.LISTEN, "127.0.0.1"}
    peers = {(address, port) for address, port in told.all("connect")}
    backend = ("127.0.0.1", site.backend.port)
    assert backend in peers
    # its plan touches this one's virtual host: it is asked for as well, before and after
    neighbour = ("127.0.0.1", 1)
    assert all(address in front for address, _ in peers)
    assert (neighbour in peers) == (command in ("prove", "apply", "wizard"))
    if command in ("check", "fix"):
        assert peers == {backend}
    assert {name for (name,) in told.all("resolve")} <= {"good.test", "127.0.0.1", httpd.LISTEN}

    assert not told.all("shell")
    for argv, environment in told.all("start"):
        assert argv[0] in (httpd.HTTPD, "/usr/sbin/apache2", sys.executable), argv
        assert environment is not None, argv  # never simply inherited

    for (modes,) in told.all("stage") + told.all("remove"):
        for path, mode in modes.items():
            # httpd sets this one's mode itself, in 0700 directories, before it renames it
            if not re.fullmatch(r"httpd\.pid(\.\w{6})?", Path(path).name):
                assert mode & 0o077 == 0, (path, oct(mode))
    assert bool(told.all("stage")) == (command in ("prove", "apply", "wizard"))
    assert list((site.directory / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "AH02276"),
        ("explain", "curl: (7) Failed to connect to good.test port 443"),
        ("rules", "ca-not-trusted"),
        ("check", "MAIN", "--no-probe"),
        ("check", "MAIN", "--no-probe", "--format", "json"),
        ("rollback", "--list"),
        ("demo", "--list"),
        ("completion", "bash"),
    ],
    ids=" ".join,
)
def test_what_asks_nobody(site: Site, words: tuple[str, ...]) -> None:
    """These connect to nothing and look no name up, not even one that they are told; httpd's own
    test looks up only names that it would need to start."""
    command, *options = [str(site.main) if word == "MAIN" else word for word in words]
    told = bare(site, command, *options)
    assert "usage:" not in told.output
    assert told.all("open")
    for kind in ("connect", "resolve", "shell"):
        assert not told.all(kind)
    for argv, environment in told.all("start"):
        asked = argv[1:] in (["-v"], ["-l"], ["-f", "/dev/null", "-V"])
        test = ["-d", "/etc/apache2", "-f", str(site.main), "-t"]  # of the file that is checked
        assert asked or (command == "check" and argv[1:] == test), argv
        assert environment is not None


BUSY = """LoadModule proxy_hcheck_module {modules}/mod_proxy_hcheck.so
ProxyHCExpr fine {{%{{REQUEST_STATUS}} =~ /^2/}}
<Proxy balancer://main>
    BalancerMember http://127.0.0.1:{port} hcmethod=GET hcinterval=1 hcuri=/main
</Proxy>
ProxyPass /main balancer://main/
"""
OTHERS = """<Proxy balancer://other hcinterval=1>
        BalancerMember http://127.0.0.1:{port} "hcmethod=GET" hcexpr=fine route=a
        ProxySet lbmethod=byrequests
    </Proxy>
    ProxyPass /other balancer://other/
    ProxyPass /third http://127.0.0.1:{port}/ hcmethod=TCP hcinterval=1
    <Proxy http://127.0.0.1:{port}/>
        ProxySet hcinterval=1
    </Proxy>
    ProxyPass /slow http://127.0.0.1:{slow}/"""


def test_a_rehearsal_asks_no_other_backend(tmp_path: Path) -> None:
    """Whether it is well (mod_proxy_hcheck), though the one that is asked gives it time."""
    asked: list[bytes] = []

    def note(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))

    def answer_late(connection: socket.socket) -> None:
        if b"X-Forwarded-For" in connection.recv(65536):  # sent by httpd
            time.sleep(2.5)  # two intervals of health checks
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with (
        standing_at_address(tmp_path) as site,
        servers.serving(note) as port,
        servers.serving(answer_late) as slow,
    ):
        main = site.main.read_text()
        busy = BUSY.format(modules=httpd.MODULES, port=port)
        site.main.write_text(main.replace("PidFile", f"{busy}PidFile", 1))
        site.write(OTHERS.format(port=port, slow=slow))
        done = site.wizard("prove", "--current", str(site.main), "--route", "/slow")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it asks backends whether they are well" in done.stdout
    assert asked == []


def test_what_apply_leaves_is_for_its_user_only(site: Site) -> None:
    assert recorded(site, "apply", "--route", "/").code == 0
    state = site.directory / "state"
    found = [state, *state.rglob("*")]
    assert len(found) > 3
    for path in found:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.lstat().st_mode) == wanted, path


def test_a_call_of_a_service_s_httpd_passes_on_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """LD_PRELOAD and PATH are the operator's own; tokens in the shell are none of httpd's."""
    for name in ("AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "NOTIFY_SOCKET", "LD_PRELOAD", "LC_ALL"):
        monkeypatch.setenv(name, "swordfish")
    layout = Layout("debian", "/etc/apache2/apache2.conf", "/etc/apache2", {"APACHE_LOG_DIR": "/l"})
    passed = program.environment(layout)
    assert {name for name, value in passed.items() if value == "swordfish"} == {
        "LD_PRELOAD",
        "LC_ALL",
    }
    assert passed["PATH"] == os.environ["PATH"]
    assert passed["APACHE_LOG_DIR"] == "/l"


def test_a_rehearsal_knows_only_the_variables_that_the_configuration_names(site: Site) -> None:
    """The throw-away httpd talks to whoever the backend is."""
    site.vhost.write_text(f"Define NEEDED ${{WANTED_TOKEN}}\n{site.vhost.read_text()}")
    site.main.write_text(f"{site.main.read_text()}# SSLKEYLOGFILE: of the running server\n")
    secrets = {"WANTED_TOKEN": "here", "OTHER_TOKEN": "swordfish", "NOTIFY_SOCKET": "/swordfish"}
    secrets["SSLKEYLOGFILE"] = "/swordfish"  # else the rehearsal's keys are written there too
    told = recorded(site, "prove", "--route", "/", **secrets)
    assert told.code == 0, told.output
    environments = [environment for argv, environment in told.all("start") if "-I" in argv]
    assert environments
    for environment in environments:
        assert environment["WANTED_TOKEN"] == "here"
        assert "PATH" in environment
        assert "swordfish" not in "".join(environment.values())


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_planted_state_directory_is_refused(site: Site, mode: int) -> None:
    """What lies in it would be written back by roll-back, by root."""
    planted = site.directory / "state"
    planted.mkdir()
    planted.chmod(mode)
    before = site.vhost.read_bytes()
    told = recorded(site, "apply", "--route", "/")
    assert told.code == 3
    assert "somebody else can write" in told.output
    assert site.vhost.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_state_directory_of_somebody_else_is_refused(site: Site) -> None:
    planted = site.directory / "state"
    planted.mkdir(mode=0o700)
    os.chown(planted, 65534, 65534)
    told = recorded(site, "apply", "--route", "/")
    assert (told.code, "somebody else can write" in told.output) == (3, True)


def test_nothing_planted_is_written_back(site: Site) -> None:
    """A change that lies where anybody may write may be anybody's."""
    before = site.vhost.read_bytes()
    assert recorded(site, "apply", "--route", "/").code == 0
    after = site.vhost.read_bytes()
    (site.directory / "state").chmod(0o777)
    told = bare(site, "rollback", "--no-reload")
    assert (told.code, "somebody else can write" in told.output) == (3, True)
    assert site.vhost.read_bytes() == after
    (site.directory / "state").chmod(0o700)
    told = bare(site, "rollback", "--no-reload")
    assert told.code == 0, told.output
    assert site.vhost.read_bytes() == before


def test_links_planted_in_the_shared_directory_are_not_followed(site: Site) -> None:
    """Names that look like the wizard's own, in a directory where anybody may write."""
    shared = site.directory / "temporary"
    shared.chmod(0o1777)
    victim = site.directory / "victim"
    victim.mkdir()
    (victim / "file").write_text("precious")
    for name in ("proxy-wizard-", "proxy-wizard-abcdefgh", "proxy-wizard-.patch"):
        (shared / name).symlink_to(victim)
    told = recorded(site, "prove", "--route", "/")
    assert told.code == 0, told.output
    assert [path.name for path in victim.iterdir()] == ["file"]
    assert (victim / "file").read_text() == "precious"
    assert all(path.is_symlink() for path in shared.iterdir())


_RUNNERS = {"system", "popen", "getoutput", "getstatusoutput", "spawnl", "spawnlp", "execlp"}
_EVALUATORS = {"eval", "exec", "compile", "__import__"}


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for package in ("wizard", "screens"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Call):
                    yield path, node


def test_no_shell_anywhere() -> None:
    seen = 0
    for path, call in _calls():
        seen += 1
        where = f"{path}:{call.lineno}"
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        assert not any(keyword.arg == "shell" for keyword in call.keywords), where
        assert name not in _RUNNERS, where
        if isinstance(call.func, ast.Name):
            assert call.func.id not in _EVALUATORS, where
        if name in ("run", "Popen", "check_output") and call.args:
            assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), where
    assert seen > 1000


def test_nothing_that_runs_code_is_imported() -> None:
    for package in ("wizard", "screens"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                    assert not names & {"pickle", "marshal", "shelve", "pty", "code"}, path
