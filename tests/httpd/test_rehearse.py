"""The rehearsal: what it shows, and that nothing of it is left, whatever happens."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import servers
from tests.support.httpd import MODULES
from tests.support.site import REQUIRE, Site, standing_at_address
from tests.support.waiting import until
from wizard import config
from wizard.config.installation.layout import locate
from wizard.demo import pki
from wizard.errors import StoppedError, WizardError
from wizard.httpd.rehearse import rehearse, starts
from wizard.httpd.sandbox import render
from wizard.model.progress import Progress
from wizard.model.rehearsal import Rehearsal
from wizard.model.scope import Scope


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("rehearse")) as site:
        yield site


@pytest.fixture
def site(made: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Site:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return made


CA = "SSLProxyCACertificateFile private/root.pem"


def perform(site: Site, body: str, after: dict[str, bytes] | None = None) -> Rehearsal:
    site.write(body)
    configuration = config.load(str(site.main))
    return rehearse(Scope(str(site.main)), configuration.routes, after)[0]


def processes(text: str) -> list[str]:
    """Command lines that hold a text."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                words = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
                if text in words:
                    found.append(words)
    return found


def gone(directory: Path) -> bool:
    """Whether no process of a rehearsal in this directory is left, and no file."""
    return not processes(str(directory)) and not list(directory.glob("proxy-wizard-*"))


def test_before_and_after(site: Site, tmp_path: Path) -> None:
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile {tmp_path}/new.pem")
    after = {str(site.vhost): site.vhost.read_bytes(), f"{tmp_path}/new.pem": site.root.pem}
    found = perform(site, REQUIRE, after)
    assert (found.before.status, found.before.proxied) == (500, False)
    assert found.before.codes[0] == "AH02276"
    assert found.after is not None
    assert (found.after.status, found.after.backend_status, found.after.proxied) == (200, 200, True)
    assert found.after.certificates == ("CN=Example Root", "CN=127.0.0.1")
    assert not (tmp_path / "new.pem").exists()
    assert gone(tmp_path)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("SSLProxyEngine on\n    SSLProxyCACertificateFile private/junk.pem", "AH01895"),
        ("SSLProxyEngine on\n    SSLProxyCARevocationCheck chain", "AH01899"),
        ("SSLProxyEngine on\n    SSLProxyProtocol -TLSv1.3", "AH02231"),
        ("SSLProxyEngine on\n    SSLProxyCipherSuite NOSUCH", "AH01898"),
        ("SSLProxyEngine on\n    SSLProxyCACertificateFile private/none.pem", "AH00526"),
    ],
)
def test_what_only_a_start_shows(site: Site, tmp_path: Path, body: str, code: str) -> None:
    (site.directory / "private/junk.pem").write_text("junk\n")
    found = perform(site, body).before
    assert not found.started
    assert any(code in line for line in found.errors), found.errors
    assert not starts(Scope(str(site.main))).started
    assert gone(tmp_path)


def test_errors_name_the_real_file_and_line(site: Site) -> None:
    found = perform(site, "SSLProxyEngine on\n    NoSuchDirective on").before
    assert f"line 4 of {site.vhost}" in found.errors[0]


def test_paths_ports_and_logs_of_the_real_server_are_not_used(site: Site, tmp_path: Path) -> None:
    (site.directory / "logs").mkdir()
    before = site.main.read_text()
    with site.main.open("a") as file:
        file.write(
            f"CustomLog {site.directory}/access.log common\nScoreBoardFile logs/board\n"
            "SSLSessionCache shmcb:logs/cache\nMutex file:logs default\nCoreDumpDirectory logs\n"
            f"<VirtualHost *:1>\nServerName other.test\nErrorLog {site.directory}/other.log\n"
            "</VirtualHost>\nLoadModule log_debug_module "
            f"{MODULES}/mod_log_debug.so\n"
        )
    try:
        assert perform(site, f"{REQUIRE}\n    {CA}").before.status == 200
        for name in ("access.log", "other.log", "error.log"):
            assert not (site.directory / name).exists()
        assert list((site.directory / "logs").iterdir()) == []
    finally:
        site.main.write_text(before)


def test_no_program_of_the_configuration_runs(site: Site, tmp_path: Path) -> None:
    before = site.main.read_text()
    ran = tmp_path / "ran"
    ran.touch(mode=0o666)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $1 >>{ran}\nexec cat\n")
    program.chmod(0o755)
    script = tmp_path / "hook.lua"
    script.write_text(
        f'function hook(r)\n  io.open("{ran}", "a"):write("lua")\n  return apache2.DECLINED\nend\n'
    )
    names = ("rewrite", "session", "session_crypto", "ext_filter", "lua")
    missing = [name for name in names if f"{name}_module" not in before]
    loads = "".join(f"LoadModule {n}_module {MODULES}/mod_{n}.so\n" for n in missing)
    site.main.write_text(
        f"{loads}{before}ErrorLog |{program}\nCustomLog |{program} common\n"
        f'ExtFilterDefine filter cmd="{program} filter"\n'
    )
    try:
        found = perform(
            site,
            f"{REQUIRE}\n    {CA}\n    RewriteEngine on\n    RewriteMap m prg:{program}\n"
            f"    SessionCryptoPassphrase exec:{program}\n    SetOutputFilter filter\n"
            f"    LuaHookAccessChecker {script} hook",
        )
    finally:
        site.main.write_text(before)
    assert (found.before.status, found.before.proxied) == (200, True), found
    assert ran.read_text() == ""
    assert gone(tmp_path)


CGI = """ScriptAlias /cgi/ {dir}/
    Alias /ssi/ {dir}/
    Action by-program /cgi/program virtual
    <Directory {dir}>
    Options +Includes +ExecCGI
    </Directory>
    <Location /ssi/page.shtml>
    SetOutputFilter INCLUDES
    </Location>
    <Location /ssi/acted>
    SetHandler by-program
    </Location>
    ErrorDocument 500 {page}
    ProxyPass /cgi/ !
    ProxyPass /ssi/ !"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that httpd's children can read, whoever they are."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.parametrize("page", ["/cgi/program", "/ssi/page.shtml", "/ssi/acted"])
@pytest.mark.parametrize("module", ["cgi", "cgid"])
def test_no_program_makes_the_error_page(site: Site, public: Path, page: str, module: str) -> None:
    """The request fails, and httpd is to show a page that a program writes."""
    before = site.main.read_text()
    ran = public / "ran"
    ran.touch()
    ran.chmod(0o666)
    program = public / "program"
    program.write_text(f"#!/bin/sh\necho ran >>{ran}\nprintf 'Content-Type: text/plain\\n\\nx'\n")
    program.chmod(0o755)
    (public / "page.shtml").write_text(f'<!--#exec cmd="{program}" -->')
    (public / "acted").touch()
    loads = "".join(
        f"LoadModule {n}_module {MODULES}/mod_{n}.so\n"
        for n in (module, "include", "actions", "alias")
        if f"{n}_module" not in before
    )
    site.main.write_text(f"{loads}{before}ScriptLog logs/script\nScriptLogLength 100\n")
    try:
        found = perform(site, f"{REQUIRE}\n    {CGI.format(dir=public, page=page)}").before
    finally:
        site.main.write_text(before)
    assert (found.status, found.codes[0]) == (500, "AH02276"), found
    assert ran.read_text() == ""


@pytest.mark.usefixtures("on_loopback")
def test_it_listens_on_loopback_only(site: Site) -> None:
    """Where there is no network of its own; elsewhere on nothing (``test_strangers``)."""
    site.write(REQUIRE)
    configuration = config.load(str(site.main))
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            told = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True)
            lines = [line for line in told.stdout.splitlines() if "apache2" in line]
            seen.update(line.split()[3].rpartition(":")[0] for line in lines)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        rehearse(Scope(str(site.main)), configuration.routes)
    finally:
        done.set()
        thread.join()
    assert render.ADDRESS in seen
    assert all(address == "[::1]" or address.startswith("127.") for address in seen), seen


def test_tls_on_the_front(site: Site) -> None:
    pem = site.directory / "backend.pem"
    front = f"SSLEngine on\n    SSLCertificateFile {pem}\n    SSLVerifyClient require\n    "
    found = perform(site, f"{front}{REQUIRE}\n    {CA}")
    assert found.before.status == 200
    assert any("SSLVerifyClient" in note for note in found.notes)


def test_a_front_key_that_needs_a_pass_phrase(site: Site) -> None:
    pem = site.directory / "locked.pem"
    pem.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n")
    front = f"SSLEngine on\n    SSLCertificateFile {pem}\n    "
    found = perform(site, f"{front}{REQUIRE}\n    {CA}")
    assert found.before.status == 200
    assert any("plain HTTP" in note for note in found.notes)


def test_the_whole_start_sees_every_front(site: Site) -> None:
    """Virtual hosts with and without TLS to the browser: one's certificate has another's key."""
    site.write(f"{REQUIRE}\n    {CA}")
    assert starts(Scope(str(site.main))).started
    plain = site.vhost.read_text()
    (site.directory / "other.key").write_bytes(pki.issue("other").key_pem)
    front = (
        f"<VirtualHost *:1>\nServerName other.test\nSSLEngine on\n"
        f"SSLCertificateFile {site.directory}/private/root.pem\n"
        f"SSLCertificateKeyFile {site.directory}/other.key\n</VirtualHost>\n"
    )
    site.vhost.write_text(plain + front)
    found = starts(Scope(str(site.main)))
    assert not found.started
    assert any("AH02565" in line for line in found.errors), found.errors
    (site.directory / "other.key").write_bytes(site.root.key_pem)
    assert starts(Scope(str(site.main))).started


def test_many_routes_share_a_server(site: Site) -> None:
    site.vhost.write_text(
        f"<VirtualHost *:{site.port}>\nServerName app.test\n{REQUIRE}\n{CA}\n"
        f"ProxyPass /a https://127.0.0.1:{site.backend.port}/a\n"
        "ProxyPass /b https://127.0.0.1:1/b\n"
        f"<Proxy balancer://c>\nBalancerMember https://127.0.0.1:{site.backend.port}\n</Proxy>\n"
        "ProxyPass /c balancer://c/\n</VirtualHost>\n"
        f"<VirtualHost *:{site.port}>\nServerName second.test\n"
        f"ProxyPass / https://127.0.0.1:{site.backend.port}/\n</VirtualHost>\n"
    )
    configuration = config.load(str(site.main))
    told: list[Progress] = []
    found = rehearse(
        Scope(str(site.main)),
        configuration.routes,
        progress=told.append,
    )
    assert [(f.route.label, f.before.status) for f in found] == [
        ("app.test /a", 200),
        ("app.test /b", 503),
        ("app.test /c", 200),
        ("second.test /", 500),
    ]
    assert [f.before.codes[0] for f in found if f.before.codes] == ["AH00957", "AH01961"]
    assert told == [Progress(0, 2, "app.test"), Progress(1, 2, "second.test"), Progress(2, 2)]


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        ("# of one\n", f"{CA}\n", ["one.test /", "one.test /b"]),
        ("# of all\n", f"{CA}\n", ["one.test /", "one.test /b", "two.test /"]),
        ("# of one\n", "# of nobody\n", ["one.test /"]),
        ("</Location>\nTimeout 9\n", "Timeout 9\n</Location>\n", ["one.test /", "one.test /b"]),
    ],
)
def test_neighbours_are_asked_for_where_the_change_can_touch_them(
    site: Site, old: str, new: str, asked: list[str]
) -> None:
    backend = f"https://127.0.0.1:{site.backend.port}/"
    site.vhost.write_text(
        f"# of all\n<VirtualHost *:{site.port}>\nServerName one.test\n{REQUIRE}\n# of one\n"
        f"<Location /x>\n</Location>\nTimeout 9\n"
        f"ProxyPass /b {backend}\nProxyPass / {backend}\n</VirtualHost>\n"
        f"<VirtualHost *:{site.port}>\nServerName two.test\nProxyPass / {backend}\n"
        "</VirtualHost>\n"
    )
    neighbour, route, other = config.load(str(site.main)).routes
    after = {str(site.vhost): site.vhost.read_text().replace(old, new).encode()}
    found = rehearse(Scope(str(site.main)), [route], after, [neighbour, other])
    assert [f.route.label for f in found] == asked


@pytest.mark.parametrize("own", ["", f"{CA}\n"])
def test_the_main_servers_routes_are_asked_for_by_the_name_of_a_host_that_changes(
    site: Site, own: str
) -> None:
    """A virtual host's settings count for the main server's ProxyPass as well.

    Where both virtual hosts have the same ones already, that is listed for the first of them only.
    """
    backend = f"https://127.0.0.1:{site.backend.port}/"
    main = site.main.read_text()
    above = f"SSLProxyEngine on\nSSLProxyVerify require\n{CA}\nProxyPass /a {backend}\n"
    site.main.write_text(main.replace("Include site.conf", f"{above}Include site.conf"))
    (site.directory / "other.pem").write_bytes(pki.issue("Other Root", ca=True).pem)
    hosts = (
        f"<VirtualHost *:{site.port}>\nServerName {name}\n{own}ProxyPass /b {backend}\n"
        "</VirtualHost>\n"
        for name in ("one.test", "two.test")
    )
    site.vhost.write_text("".join(hosts))
    try:
        routes = {route.id.label: route for route in config.load(str(site.main)).routes}
        route = routes.pop("two.test /b")
        narrowed = f"SSLProxyCACertificateFile {site.directory}/other.pem\nProxyPass /b"
        before, _, last = site.vhost.read_text().rpartition("ProxyPass /b")
        after = {str(site.vhost): f"{before}{narrowed}{last}".encode()}
        found = rehearse(Scope(str(site.main)), [route], after, list(routes.values()))
    finally:
        site.main.write_text(main)
    assert [(f.route.label, f.breaks) for f in found] == [
        ("two.test /b", True),
        ("two.test /a", True),
    ]
    assert found[1].host == "two.test"


def test_a_silent_backend_costs_the_time_given(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site.write(REQUIRE)
        text = site.vhost.read_text().replace(
            f":{site.backend.port}/", f":{silent.getsockname()[1]}/"
        )
        site.vhost.write_text(text)
        configuration = config.load(str(site.main))
        begin = time.monotonic()
        found = rehearse(Scope(str(site.main)), configuration.routes, seconds=1.0)[0].before
        assert time.monotonic() - begin < 8
    assert (found.status, found.error) == (None, "no answer within 1 s")
    assert gone(tmp_path)


@pytest.mark.parametrize(
    ("answer", "status", "proxied"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nbody", 200, True),  # and never an end
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503, True),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 302, True),
        (b"", None, False),
    ],
)
def test_answers_of_every_kind(
    site: Site, tmp_path: Path, answer: bytes, status: int | None, proxied: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)
        connection.recv(1)  # until the client is gone: the connection stays open

    with servers.serving(serve) as port:
        site.vhost.write_text(
            f"<VirtualHost *:{site.port}>\nServerName app.test\n"
            f"ProxyPass / http://127.0.0.1:{port}/\n</VirtualHost>\n"
        )
        configuration = config.load(str(site.main))
        found = rehearse(Scope(str(site.main)), configuration.routes, seconds=1.5)[0].before
    assert (found.status, found.proxied) == (status, proxied), found
    assert gone(tmp_path)


def test_a_lone_virtual_host_file_gets_the_modules_it_needs(site: Site) -> None:
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile {site.directory}/private/root.pem")
    configuration = config.load(str(site.vhost))
    assert configuration.partial
    found = rehearse(Scope(str(site.vhost)), configuration.routes)[0].before
    assert (found.status, found.proxied) == (200, True), found


def test_without_httpd(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write(REQUIRE)
    configuration = config.load(str(site.main))
    monkeypatch.setattr(
        "wizard.httpd.rehearse.locate",
        lambda path, httpd: replace(locate(path, httpd=httpd), binary=None),
    )
    with pytest.raises(WizardError, match="not installed"):
        rehearse(Scope(str(site.main)), configuration.routes)


def test_two_at_once_do_not_disturb_each_other(site: Site, tmp_path: Path) -> None:
    site.write(f"{REQUIRE}\n    {CA}")
    configuration = config.load(str(site.main))
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(rehearse, Scope(str(site.main)), configuration.routes) for _ in range(8)
        ]
        assert [run.result()[0].before.status for run in runs] == [200] * 8
    assert gone(tmp_path)


def kernel_objects() -> tuple[list[bytes], int]:
    """System V objects of this machine, and open descriptors of this process."""
    kinds = [subprocess.run(["ipcs", kind], capture_output=True).stdout for kind in ("-s", "-m")]
    return kinds, len(list(Path("/proc/self/fd").iterdir()))


def test_many_in_a_row_leave_nothing(site: Site, tmp_path: Path) -> None:
    site.write(f"{REQUIRE}\n    {CA}")
    configuration = config.load(str(site.main))
    before = kernel_objects()
    for _ in range(20):
        found = rehearse(Scope(str(site.main)), configuration.routes)[0].before
        assert found.status == 200
    assert kernel_objects() == before
    assert gone(tmp_path)
    assert list(tmp_path.iterdir()) == []


AS_NOBODY = """
import encodings.idna, os, shutil, sys
from wizard import config
from wizard.httpd.sandbox import supervisor
from wizard.httpd.rehearse import rehearse
from wizard.model.scope import Scope
configuration = config.load(sys.argv[1])
place = sys.argv[2]
supervisor.__file__ = shutil.copy(supervisor.__file__, place)  # where nobody may read it
sys.executable = "/usr/bin/python3"
os.environ["TMPDIR"] = place
os.setgroups([]), os.setgid(65534), os.setuid(65534)
found = rehearse(Scope(sys.argv[1]), configuration.routes)[0].before
print(found.status, found.errors, os.listdir(place))
"""


def test_an_ordinary_user(site: Site) -> None:
    if os.geteuid() != 0:
        return  # then every other test is one
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        public = Path(place)
        for name in ("main", "tmp"):
            (public / name).mkdir()
        public.chmod(0o755)
        (public / "tmp").chmod(0o1777)
        site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile root.pem")
        (public / "main/root.pem").write_bytes(site.root.pem)
        shutil.copy(site.vhost, public / "main/site.conf")
        text = site.main.read_text().replace(str(site.directory), str(public / "main"))
        (public / "main/httpd.conf").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(public / "main/httpd.conf"), str(public / "tmp")],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stdout.startswith("200 () ['supervisor.py'"), (done.stdout, done.stderr)
    assert "proxy-wizard-" not in done.stdout


RUN = """
import sys
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.model.scope import Scope
configuration = config.load(sys.argv[1])
rehearse(Scope(sys.argv[1]), configuration.routes, seconds=60.0)
"""


NOHUP = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"


@contextlib.contextmanager
def waiting(site: Site, tmp_path: Path, first: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A rehearsal that waits for a silent backend, in a process that does ``first`` first."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site.write(REQUIRE)
        text = site.vhost.read_text().replace(
            f":{site.backend.port}/", f":{silent.getsockname()[1]}/"
        )
        site.vhost.write_text(text)
        process = subprocess.Popen(
            [sys.executable, "-c", first + RUN, str(site.main)],
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stderr=subprocess.PIPE,
        )
        silent.settimeout(30)
        connection, _ = silent.accept()  # httpd has connected: the request is under way
        with connection:
            yield process
        process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_parent_is_killed(site: Site, tmp_path: Path, number: signal.Signals) -> None:
    with waiting(site, tmp_path) as process:
        assert not gone(tmp_path)
        process.send_signal(number)
        until(lambda: gone(tmp_path))
        assert process.wait(20) != 0


def test_under_nohup_it_goes_on_without_its_terminal(site: Site, tmp_path: Path) -> None:
    with waiting(site, tmp_path, NOHUP) as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert not gone(tmp_path)
        process.terminate()
        until(lambda: gone(tmp_path))


def supervisor(tmp_path: Path) -> int:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and b"supervisor.py" in (entry / "cmdline").read_bytes():
                environment = (entry / "environ").read_bytes()
                if str(tmp_path).encode() in environment:
                    return int(entry.name)
    raise AssertionError("no supervisor")


def test_the_supervisor_is_killed(site: Site, tmp_path: Path) -> None:
    with waiting(site, tmp_path) as process:
        os.kill(supervisor(tmp_path), signal.SIGKILL)
        # httpd gets SIGTERM from the kernel; its child gives the backend ten seconds
        until(lambda: gone(tmp_path), 20)
        process.wait(20)


def test_both_are_killed_and_the_next_one_clears_up(site: Site, tmp_path: Path) -> None:
    with waiting(site, tmp_path) as process:
        process.kill()
        os.kill(supervisor(tmp_path), signal.SIGKILL)
        process.wait(20)
        until(lambda: not processes(str(tmp_path)), 20)
    assert list(tmp_path.glob("proxy-wizard-*"))
    assert perform(site, f"{REQUIRE}\n    {CA}").before.status == 200
    assert gone(tmp_path)


def test_a_rehearsal_ends_soon_after_it_is_stopped(site: Site) -> None:
    """A backend that takes the connection and never answers would be waited for, route by route."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        routes = "".join(f"ProxyPass /{n} http://127.0.0.1:{port}/\n" for n in range(4))
        site.vhost.write_text(
            f"<VirtualHost *:{site.port}>\nServerName app.test\n{routes}</VirtualHost>\n"
        )
        configuration = config.load(str(site.main))
        stop = threading.Event()
        threading.Timer(1.0, stop.set).start()
        began = time.monotonic()
        with pytest.raises(StoppedError):
            rehearse(Scope(str(site.main)), configuration.routes, seconds=20, stop=stop)
        assert time.monotonic() - began < 15  # one answer alone would take longer
