"""Every file that a directive names and a start needs: reader and verdict beside a real httpd.

Each in several states: what ``-t`` says, whether httpd comes up, and what ``check`` makes of it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support import httpd
from wizard.config.checks.checker import Checker
from wizard.config.installation.layout import locate
from wizard.config.preprocess.reader import read
from wizard.demo.pki import issue
from wizard.engine import gate
from wizard.engine.engine import Engine
from wizard.model.permission import Reason
from wizard.model.plan import FixChoice
from wizard.model.scope import Scope

FRONT = "SSLEngine on\nSSLCertificateFile @GOOD\n"
PROXY = "SSLProxyEngine on\n"
IN_HOST = (
    "SSLEngine on\nSSLCertificateFile @",
    f"{FRONT}SSLCertificateKeyFile @",
    f"{FRONT}SSLCertificateChainFile @",
    "SSLCertificateFile @",
    f"{FRONT}SSLCACertificateFile @",
    f"{FRONT}SSLCACertificatePath @",
    "SSLCACertificateFile @",
    f"{FRONT}SSLCADNRequestFile @",
    f"{FRONT}SSLCADNRequestPath @",
    f"{FRONT}SSLCARevocationFile @",
    f"{FRONT}SSLCARevocationCheck chain\nSSLCARevocationPath @",
    "SSLOCSPResponderCertificateFile @",
    f"{FRONT}SSLSessionTicketKeyFile @",
    f"{FRONT}SSLOpenSSLConfCmd Certificate @",
    f"{FRONT}SSLOpenSSLConfCmd VerifyCAFile @",
    f"{FRONT}SSLOpenSSLConfCmd ChainCAPath @",
    f"{FRONT}SSLOpenSSLConfCmd DHParameters @",
    f"{PROXY}SSLProxyCACertificateFile @",
    f"{PROXY}SSLProxyCACertificatePath @",
    "SSLProxyCARevocationFile @",
    f"{PROXY}SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile @",
    f"{PROXY}SSLProxyCARevocationCheck chain\nSSLProxyCARevocationPath @",
    f"{PROXY}SSLProxyMachineCertificateFile @",
    f"{PROXY}SSLProxyMachineCertificatePath @",
    f"{PROXY}SSLProxyMachineCertificateFile @GOOD\nSSLProxyMachineCertificateChainFile @",
    "ErrorLog @",
    'ErrorLog "|@ a"',
    "CustomLog @ common",
    'CustomLog "||@" common',
    "TransferLog @",
    "ForensicLog @",
    "RewriteEngine on\nRewriteMap m txt:@",
    'RewriteEngine on\nRewriteMap m "prg:@ a"',
    "RewriteMap m dbm:@",
    "RewriteMap m dbm=sdbm:@",
    "RemoteIPHeader X\nRemoteIPInternalProxyList @",
    "Session On\nSessionCryptoPassphraseFile @",
)
AT_SERVER = (
    "ErrorLog @",
    "GlobalLog @ common",
    'ForensicLog "|@"',
    "PidFile @",
    "CoreDumpDirectory @",
    "DefaultRuntimeDir @",
    "Mutex file:@ default",
    "Mutex fcntl:@ rewrite-map",
    "LoadFile @",
    "TypesConfig @",
    "SSLRandomSeed startup file:@ 16",
    "SSLPassPhraseDialog exec:@",
    "SSLSessionCache dbm:@",
    "CacheSocache dbm:@",
    "LDAPTrustedGlobalCert CA_BASE64 @",
    "AuthLDAPCharsetConfig @",
    "MDStoreDir @",
    "MDExternalAccountBinding @",
    "RemoteIPHeader X\nRemoteIPTrustedProxyList @",
    "DocumentRoot @",
)
MODULES = {
    "Forensic": "log_forensic", "RemoteIP": "remoteip", "TypesConfig": "mime",
    "Session On": "session session_cookie session_crypto", "dbm:": "socache_dbm",
    "CacheSocache": "cache cache_socache", "LDAP": "ldap authnz_ldap", "MD": "watchdog md",
    "Log": "log_config",
}  # fmt: skip
STATES = ("missing", "directory", "no-parent", "empty", "garbage", "dangling")
NOT_READ = {
    ("LoadFile @", "directory"), ("LoadFile @", "empty"), ("LoadFile @", "garbage"),
    ("AuthLDAPCharsetConfig @", "empty"), ("AuthLDAPCharsetConfig @", "garbage"),
    ("CacheSocache dbm:@", "garbage"), ("MDExternalAccountBinding @", "empty"),
    ("MDExternalAccountBinding @", "garbage"),
    ("RemoteIPHeader X\nRemoteIPInternalProxyList @", "garbage"),
    ("RemoteIPHeader X\nRemoteIPTrustedProxyList @", "garbage"),
}  # fmt: skip
"""Contents that only httpd judges."""


@dataclass(frozen=True)
class Place:
    """A directory for configurations.

    Args:
        directory: with a certificate and its key in ``good.pem``, and ``hosts``.
        port: of loopback, that the configurations listen on.
    """

    directory: Path
    port: int

    @property
    def main(self) -> Path:
        return self.directory / "httpd.conf"

    def named(self, state: str) -> Path:
        """The file in that state."""
        path = self.directory / "files" / "x"
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        match state:
            case "dangling":
                path.symlink_to("/nowhere/x")
            case "no-parent":
                return path.parent / "no" / "x"
            case "directory":
                path.mkdir()
            case "empty":
                path.touch()
            case "garbage":
                path.write_text("garbage here\n")
        return path

    def write(self, server: str, host: str) -> None:
        text = server + host
        modules = dict.fromkeys(
            name for mark, names in MODULES.items() if mark in text for name in names.split()
        )
        loads = httpd.INSTALLED.load(*(n for n in modules if n not in httpd.STANDARD))
        listens = [f"{httpd.LISTEN}:{self.port}"]
        self.main.write_text(
            f"{httpd.main_config(self.directory, listens)}{loads}{server}\n"
            f"<VirtualHost *:{self.port}>\nServerName other.test\n{host}\n</VirtualHost>\n"
            f"<VirtualHost *:{self.port}>\nServerName app.test\n"
            "ProxyPass / http://127.0.0.1:1/\n</VirtualHost>\n"
        )

    def start(self) -> str:
        """Where a start ends: ``config``, ``start``, or nowhere: ``""``."""
        accepted, said = httpd.configtest(self.main, self.directory / "hosts")
        if not accepted:
            return "config"
        for name in ("httpd.pid", "error.log"):
            (self.directory / name).unlink(missing_ok=True)
        process = subprocess.Popen(
            [httpd.HTTPD, "-d", str(self.directory), "-f", str(self.main), "-DFOREGROUND"],
            env=httpd.environment(self.directory / "hosts"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            end = time.monotonic() + 20
            while process.poll() is None:
                assert time.monotonic() < end, said
                with contextlib.suppress(OSError):
                    if httpd.get(self.port, "app.test", timeout=2).head:
                        return ""
                time.sleep(0.02)
            return "start"
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    directory = tmp_path_factory.mktemp("files").resolve()
    root = issue("Example Root", ca=True)
    leaf = issue("front.test", root, dns=["front.test"])
    (directory / "good.pem").write_bytes(leaf.key_pem + leaf.pem)
    (directory / "hosts").write_text("127.0.0.1 good.test\n")
    return Place(directory, httpd.free_port())


ROWS = [
    *((line, False) for line in IN_HOST),
    *((line, True) for line in AT_SERVER),
]


def foretold(place: Place) -> tuple[str, str, Reason | None]:
    """What becomes of another virtual host's route, its cause, and why there is no plan."""
    engine = Engine(Scope(str(place.main)))
    report = engine.check()
    (diagnosis,) = report.diagnoses
    said = diagnosis.verdict.stage
    stage = said if said in ("config", "start") else ""
    nothing = gate.nothing_to_apply(engine.repair(FixChoice()))
    return stage, diagnosis.findings[0].slug, nothing.reason if nothing is not None else None


@pytest.mark.parametrize(
    ("line", "at_server"), ROWS, ids=[line.split("\n")[-1] for line, _ in ROWS]
)
def test_what_httpd_does_is_foretold(place: Place, line: str, at_server: bool) -> None:
    ends = {}
    for state in STATES:
        if (line, state) in NOT_READ:
            continue
        text = line.replace("@GOOD", str(place.directory / "good.pem"))
        text = text.replace("@", str(place.named(state)))
        place.write(text if at_server else "", "" if at_server else text)
        stage, slug, reason = foretold(place)
        place.named(state)
        ends[state] = place.start()
        assert stage == ends[state], (state, stage, ends[state])
        if stage:
            assert slug in ("configuration-refused", "crl-missing", "ca-file-missing",
                            "ca-file-invalid", "client-certificate-without-key"), slug  # fmt: skip
            assert reason not in (None, Reason.NOTHING_WRONG), (state, slug)
    assert any(ends.values())


@pytest.mark.parametrize(
    "line",
    [
        "PidFile /run/of-the-boot/x.pid",
        "DefaultRuntimeDir /run/of-the-boot",
        "Mutex file:/var/lock/of-the-boot default",
        'CustomLog "|$nothing | rotatelogs" common',
        'CustomLog "|$bin/relative" common',
        "ErrorLog syslog:local1",
        "SSLRandomSeed connect builtin",
        "SSLPassPhraseDialog builtin",
        "LDAPTrustedGlobalCert CERT_NICKNAME name",
        "TransferLog logs",
    ],
)
def test_what_is_no_file_or_made_by_who_starts_httpd(place: Place, line: str) -> None:
    place.write(line, "")
    (place.directory / "logs").touch()
    assert foretold(place)[0] == ""


@pytest.mark.parametrize(
    ("path", "made"),
    [("/run/a/x", True), ("/run/a", True), ("/var/lock/a/x", True), ("/run/a/b/x", False),
     ("/run/b/x", False), ("/srv/a/x", False)],
)  # fmt: skip
def test_what_apache2ctl_makes_before_it_reloads(place: Place, path: str, made: bool) -> None:
    """Two directories of those that are made at the boot, and nothing below them."""
    place.write("", "")
    layout = locate(str(place.main))
    variables = {"APACHE_RUN_DIR": "/run/a", "APACHE_LOCK_DIR": "/var/lock/a"}
    layout = replace(layout, kind="debian", environment=variables)
    checker = Checker(read(layout), layout, frozenset(), layout.release, running=True)
    assert checker.is_of_the_boot(path) is made
