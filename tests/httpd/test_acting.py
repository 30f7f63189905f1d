"""What a rehearsed configuration would do beyond the route: each attack has a witness."""

from __future__ import annotations

import contextlib
import ctypes.util
import dataclasses
import re
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.httpd.acting_cases import CASES
from tests.support import httpd
from tests.support.httpd import MODULES
from tests.support.site import REQUIRE, Site, standing_at_address
from tests.support.waiting import until
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.httpd.sandbox.acting import FILTERS, KEPT, LEFT_OUT, PROVIDERS
from wizard.model.rehearsal import Rehearsal
from wizard.model.scope import Scope
from wizard.reference import directives

CA = "SSLProxyCACertificateFile private/root.pem"
LOADED = sorted(
    set(directives.known_modules()) & {f"{p.stem[4:]}_module" for p in MODULES.glob("mod_*.so")}
)


@dataclasses.dataclass
class Witness:
    """Sees who connects, and which files appear; its program leaves one.

    Args:
        port: of loopback, that a database, a cache or an authorizer would have.
        place: for files that a program or a cache would write; everybody may write in it.
        callers: how many came.
    """

    port: int
    place: Path
    callers: int = 0

    @property
    def program(self) -> Path:
        return self.place.parent / "program"

    def seen(self) -> list[str]:
        return [path.name for path in self.place.rglob("*")] + ["caller"] * self.callers


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("acting")) as site:
        (site.directory / "private/users").touch()
        (site.directory / "base.conf").write_text(site.main.read_text())
        yield site


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    for directory in (tmp_path, *tmp_path.parents[:3]):
        directory.chmod(0o755)
    place = tmp_path / "witness"
    place.mkdir()
    place.chmod(0o777)
    listener = socket.create_server(("127.0.0.1", 0))
    found = Witness(listener.getsockname()[1], place)
    found.program.write_text(f"#!/bin/sh\n: > {place}/ran\n[ $# = 0 ] && exec cat\n")
    found.program.chmod(0o755)
    ended = threading.Event()

    def accept() -> None:
        while True:
            with contextlib.suppress(OSError), listener.accept()[0]:
                if ended.is_set():
                    return
                found.callers += 1

    thread = threading.Thread(target=accept)
    thread.start()
    yield found
    ended.set()
    socket.create_connection(("127.0.0.1", found.port)).close()
    thread.join()
    listener.close()


def write(site: Site, modules: str, server: str, body: str, witness: Witness) -> None:
    def filled(text: str) -> str:
        for mark, value in (
            ("@PORT", str(witness.port)),
            ("@PLACE", str(witness.place)),
            ("@RUN", str(witness.program)),
            ("@BACKEND", str(site.backend.port)),
        ):
            text = text.replace(mark, value)
        return text

    base = (site.directory / "base.conf").read_text()
    present = [name for name in modules.split() if f"mod_{name}.so" not in base]
    loads = httpd.INSTALLED.load(*present)
    site.main.write_text(
        base.replace("Include site.conf", f"{loads}{filled(server)}\nInclude site.conf")
    )
    site.write(filled(f"{REQUIRE}\n{CA}\n{body}"))


def perform(site: Site) -> Rehearsal:
    routes = config.load(str(site.main)).routes
    return rehearse(Scope(str(site.main)), [r for r in routes if r.path == "/"])[0]


@pytest.mark.parametrize("name", CASES)
def test_nothing_acts_beyond_the_route(made: Site, witness: Witness, name: str) -> None:
    modules, server, body, told = CASES[name]
    write(made, modules, server, body, witness)
    found = perform(made)
    assert found.before.started, found.before.errors
    assert found.before.proxied, found
    assert found.before.backend_status == 200
    assert not witness.seen()
    assert told in " ".join(found.notes)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in ("identity of the client", "pages in pages")]
)
def test_the_witness_sees_what_httpd_does(made: Site, witness: Witness, name: str) -> None:
    """The same configurations act, in a real httpd."""
    modules, server, body, _ = CASES[name]
    write(made, modules, server, f"{body}\n", witness)
    (witness.place / "a.lua").write_text(
        "function f(r)\n  io.open('@PLACE/ran', 'w')\nend\n".replace("@PLACE", str(witness.place))
    )
    credentials = {"Authorization": "Basic dTpw"} if name == "LDAP" else {}
    with made.running():
        connection = HTTPConnection(httpd.LISTEN, made.port, timeout=20)
        connection.request("GET", "/", headers=credentials)
        status = connection.getresponse().status
        connection.close()
        until(lambda: {*witness.seen()} - {"a.lua"}, 5, lambda: f"only a {status}")


@pytest.mark.parametrize("name", ["database of users", "database of groups", "LDAP", "scripts",
                                  "FastCGI authorizer"])  # fmt: skip
def test_who_is_let_in_is_not_known(made: Site, witness: Witness, name: str) -> None:
    """Left-out access control refuses, and the rehearsal says that it was not asked."""
    modules, server, body, _ = CASES[name]
    write(made, modules, server, body, witness)
    found = perform(made)
    assert found.before.kept_out in (401, 403, 500)
    assert any("lets in is not rehearsed" in note for note in found.notes)


@pytest.mark.parametrize(
    "page", ["http://127.0.0.1:@PORT/", "/elsewhere/", '"/elsewhere/"', "/index.html"]
)
def test_error_pages_are_not_fetched(made: Site, witness: Witness, page: str) -> None:
    body = (
        f"ProxyPass /elsewhere/ http://127.0.0.1:@PORT/\nErrorDocument 502 {page}\n"
        f'ErrorDocument 500 {page}\nErrorDocument 503 "it is down: /"\nSSLProxyProtocol TLSv1.1'
    )
    write(made, "", "", body, witness)
    found = perform(made)
    assert not found.before.proxied
    assert found.before.status in (500, 502)
    assert not witness.seen()
    assert "Left out, because it leads to another page: ErrorDocument." in found.notes


def test_a_text_as_error_page_stays(made: Site, witness: Witness) -> None:
    write(
        made, "", "", 'ErrorDocument 502 "see http://a.test/"\nErrorDocument 404 default', witness
    )
    assert not perform(made).notes


def test_every_module_has_a_decision() -> None:
    """A module that httpd gains is left out until somebody has looked at it; here it is told."""
    known = {*directives.known_modules(), *LOADED}
    assert known <= KEPT | set(LEFT_OUT)
    assert not KEPT & set(LEFT_OUT)


def test_the_table_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs/reference/apply.md"
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (.*) \| (`\w+_module`.*) \|$", page.read_text(), re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", row[1]), row[0])
    assert told == {name: one.does or _SILENT[name] for name, one in LEFT_OUT.items()}


_SILENT = {"systemd_module": "tells systemd that httpd is ready"}


def test_everything_loaded_at_once_starts(made: Site, witness: Witness) -> None:
    names = _ordered([name.removesuffix("_module") for name in LOADED])
    parts = [case[1:3] for name, case in CASES.items() if name != "database of groups"]
    server = "\n".join(server for server, _ in parts)
    body = "\n".join(body for _, body in parts)
    server += "\nTypesConfig /dev/null\nHeartbeatAddress 239.0.0.1:27999\n"
    server += "HeartbeatListen 239.0.0.1:27999\n"
    server += "MDStoreDir @PLACE/md\nMDomain a.test\nMDCertificateAgreement accepted\n"
    write(made, " ".join(names), server, body, witness)
    found = perform(made)
    assert found.before.started, found.before.errors
    assert found.before.proxied, found
    assert not witness.seen()


def test_names_are_known(made: Site, witness: Witness) -> None:
    """Each provider and filter that counts as httpd's own is one of a module that is kept."""
    names = [name.removesuffix("_module") for name in LOADED if name in KEPT]
    filters = "".join(
        f"AddOutputFilterByType {name} text/plain\n" for name in FILTERS if not name.endswith("in")
    )
    authentication = ("file", "dbm", "anon")
    lines = "".join(f"Require {name} {_ARGUMENTS.get(name, '')}\n"
                    for name in PROVIDERS - {*authentication})  # fmt: skip
    body = (
        f'{filters}<Location "/">\nAuthBasicProvider {" ".join(authentication)}\n{lines}</Location>'
    )
    write(made, " ".join(_ordered(names)), "TypesConfig /dev/null", body, witness)
    accepted, said = httpd.configtest(made.main, made.hosts)
    assert accepted, said


_ARGUMENTS = {
    "all": "granted", "env": "x", "method": "GET", "expr": "true", "ip": "10", "host": "a.test",
    "forward-dns": "a.test", "user": "a", "group": "a", "dbm-group": "a",
}  # fmt: skip


def _ordered(names: list[str]) -> list[str]:
    """Modules, those first whose symbols others need."""
    first = ["watchdog", "slotmem_shm", "proxy", "dav", "cache", "session", "ldap", "xml2enc"]
    other = ("mpm_prefork", "mpm_worker")
    kept = [name for name in names if name not in other]
    return [*(name for name in first if name in kept), *(n for n in kept if n not in first)]


def test_a_module_of_others_is_left_out_and_said(made: Site, witness: Witness) -> None:
    """Whatever it would do when httpd loads it; its directives and sections go with it."""
    library = witness.place.parent / "mod_foreign.so"
    library.write_bytes(b"not even a library")
    server = f"LoadModule foreign_module {library}\nForeignSocket @PLACE/x\n"
    body = (
        "<ForeignSection a>\nProxyPass /y http://127.0.0.1:@PORT/\n</ForeignSection>\n"
        "ForeignEngine On\nSetOutputFilter FOREIGN\n"
        '<Location "/">\nAuthType foreign\nAuthName a\nRequire foreign-group a\n'
        "AddOutputFilterByType FOREIGN text/plain\n</Location>"
    )
    write(made, "authn_core filter", server, body, witness)
    found = perform(made)
    assert found.before.started, found.before.errors
    assert found.before.proxied, found
    assert found.before.kept_out == 500
    told = "is, or belongs to, a module that this wizard does not know: foreign_module, "
    assert any(told + "ForeignSocket, ForeignSection, ForeignEngine" in n for n in found.notes)


def test_a_library_of_others_is_not_loaded(made: Site, witness: Witness) -> None:
    """httpd ends where it cannot be; were it one, its constructor would run."""
    library = witness.place.parent / "libagent.so"
    library.write_bytes(b"not even a library")
    xml = ctypes.util.find_library("xml2") or "libxml2.so.2"
    write(made, "", f"LoadFile {xml} {library}\n", "", witness)
    found = perform(made)
    assert found.before.started, found.before.errors
    assert found.before.proxied, found
    assert found.notes == (
        f"Left out, because it is no library of a module that stays: LoadFile {library}.",
    )


def test_a_misspelt_directive_is_still_refused(made: Site, witness: Witness) -> None:
    library = witness.place.parent / "mod_foreign.so"
    library.touch()
    write(made, "", f"LoadModule foreign_module {library}\n", "SSLProxyVerifi none", witness)
    found = perform(made)
    assert not found.before.started
    assert "SSLProxyVerifi" in " ".join(found.before.errors)


def test_members_that_nobody_reports_on(made: Site, witness: Witness) -> None:
    """Without the monitor, the balancer's own method would find no member that is well."""
    balancer = (
        "<Proxy balancer://b>\nBalancerMember https://127.0.0.1:@BACKEND\n"
        "ProxySet lbmethod=heartbeat\n</Proxy>\nProxyPass / balancer://b/"
    )
    modules = "watchdog heartmonitor lbmethod_heartbeat"
    write(made, modules, "HeartbeatListen 239.0.0.1:27999\n", balancer, witness)
    found = perform(made)
    assert found.before.proxied, found
    told = "waits for multicasts: HeartbeatListen, ProxySet lbmethod=heartbeat."
    assert any(told in note for note in found.notes)


def test_a_certificate_that_mod_md_would_have(made: Site, witness: Witness) -> None:
    write(
        made, "md", "MDomain app.test\nMDCertificateAgreement accepted\n", "SSLEngine on", witness
    )
    found = perform(made)
    assert found.before.proxied, found
    assert any("plain HTTP" in note for note in found.notes)


def test_servers_used_here(witness: Witness) -> None:
    """The witness sees who comes."""
    socket.create_connection(("127.0.0.1", witness.port)).close()
    (witness.place / "a").touch()
    until(lambda: len(witness.seen()) == 2)
