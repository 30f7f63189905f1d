"""What the probe offers is what httpd offers, whatever openssl.cnf its service has."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from tests.probe.asking import NAME, observe, tls
from tests.support import choosy, httpd, openssl_cnf, servers
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.probe import ProbeRequest
from wizard.probe import client_hello, system_tls, tls_context
from wizard.reference.release import NEWEST, Release, Version, parse

LIST = "AES128-GCM-SHA256"


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port that keeps the first record of each connection, and hangs up."""
    heard: list[bytes] = []

    def keep(connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            head = stream.read(5)
            heard.append(head + stream.read(int.from_bytes(head[3:])))

    with servers.serving(keep) as port:
        yield port, heard


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Groups = X448:brainpoolP384r1:P-256", "Options = UnsafeLegacyServerConnect"),
        ("SignatureAlgorithms = ECDSA+SHA384:RSA-PSS+SHA256", "MinProtocol = TLSv1.3"),
        ("Ciphersuites = TLS_CHACHA20_POLY1305_SHA256", "CipherString = DEFAULT@SECLEVEL=1"),
    ],
)
def test_httpd_and_the_probe_offer_the_same(lines: tuple[str, ...], tmp_path: Path) -> None:
    """Groups, signatures, TLS 1.3 ciphers, in their order; MinProtocol is without effect."""
    conf, hosts = openssl_cnf.write(tmp_path, *lines), tmp_path / "hosts"
    hosts.touch()
    front = httpd.free_port()
    site = tmp_path / "httpd.conf"
    with listening() as (port, heard):
        site.write_text(
            httpd.main_config(tmp_path, [f"{httpd.LISTEN}:{front}"])
            + f"SSLProxyEngine on\nSSLProxyCipherSuite {LIST}\nProxyPass / https://127.0.0.1:{port}/\n"
        )
        env = {**httpd.environment(hosts), "OPENSSL_CONF": conf}
        with httpd.running(site, hosts, env=env):
            httpd.get(front, "a.test")
        version = parse(httpd.INSTALLED.openssl)
        assert version is not None
        observe(
            port,
            host="127.0.0.1",
            cipher_suite=LIST,
            openssl_conf=conf,
            release=Release(NEWEST.httpd, version),
            http=False,
        )
    theirs, ours = client_hello.parse(heard[0]), client_hello.parse(heard[-1])
    assert theirs is not None
    assert ours == theirs
    asked = system_tls.ask(None, conf)
    assert asked.legacy_servers is ("Options" in str(lines))
    assert asked.security_level == (1 if "SECLEVEL" in str(lines) else 2)


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
@pytest.mark.parametrize("openssl", [(3, 0, 19), (3, 2, 0)])
def test_a_key_that_only_newer_openssl_takes_in_tls_13(
    openssl: Version, version: int, root: pki.Issued
) -> None:
    """The wheel's OpenSSL would take a Brainpool key that httpd's does not."""
    leaf = pki.issue(NAME, root, dns=[NAME], key=ec.generate_private_key(ec.BrainpoolP256R1()))
    with choosy.serving(leaf, lowest=version, highest=version) as port:
        seen = tls(observe(port, release=Release(NEWEST.httpd, openssl)))
    taken = openssl >= (3, 2, 0) and version == SSL.TLS1_3_VERSION
    assert (seen.completed, seen.alert) == ((True, None) if taken else (False, 40))


def test_a_file_of_settings_that_others_can_change_is_not_read(
    tmp_path: Path, backends: Backends, identity: Identity
) -> None:
    """It can name code that OpenSSL runs."""
    conf = openssl_cnf.write(tmp_path, "CipherString = DEFAULT@SECLEVEL=3")
    Path(conf).chmod(0o666)
    asked = system_tls.ask(None, conf)
    assert asked.security_level == 2
    assert asked.objection
    seen = tls(observe(backends.start(Behaviour(identity)).port, openssl_conf=conf))
    assert seen.completed
    assert f"names {conf}, which is not read" in seen.unlike


def test_a_relative_name_is_none_of_the_directory_that_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = Path(openssl_cnf.write(tmp_path, "CipherString = DEFAULT@SECLEVEL=3"))
    monkeypatch.chdir(tmp_path)
    assert system_tls.ask(None, conf.name).security_level == 2
    assert system_tls.ask(None, str(conf)).security_level == 3


def test_nor_is_a_file_that_the_settings_include_by_a_relative_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpd is started in another directory, and this one may be anybody's."""
    (tmp_path / "more.cnf").write_text("CipherString = DEFAULT@SECLEVEL=3\n")
    monkeypatch.chdir(tmp_path)
    conf = openssl_cnf.write(tmp_path, ".include more.cnf")
    assert system_tls.ask(None, conf).security_level == 2
    conf = openssl_cnf.write(tmp_path, f".include {tmp_path}/more.cnf")
    system_tls.ask.cache_clear()
    assert system_tls.ask(None, conf).security_level == 3


def test_groups_that_this_program_cannot_offer(
    tmp_path: Path, backends: Backends, identity: Identity
) -> None:
    conf = openssl_cnf.write(tmp_path, "Groups = secp256k1:P-384")
    port = backends.start(Behaviour(identity)).port
    if httpd.INSTALLED.openssl.startswith("3.0."):
        version = parse(httpd.INSTALLED.openssl)
        assert version is not None
        seen = tls(observe(port, openssl_conf=conf, release=Release(NEWEST.httpd, version)))
        assert "(IANA's numbers: 22)" in seen.unlike
    assert not tls(observe(port)).unlike


def test_another_openssl_reads_the_file_of_the_service(another: str, tmp_path: Path) -> None:
    conf = openssl_cnf.write(tmp_path, "CipherString = DEFAULT@SECLEVEL=4")
    assert system_tls.ask(another, conf).security_level == 4
    request = ProbeRequest(NAME, 443, tls=True, openssl_conf=conf)
    assert tls_context.security_level(request) == 4


def test_no_file_of_the_service_is_not_this_process_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = openssl_cnf.write(tmp_path, "CipherString = DEFAULT@SECLEVEL=3")
    monkeypatch.setenv("OPENSSL_CONF", conf)
    assert system_tls.ask(None, "").security_level == 2


@pytest.mark.parametrize("cut", [0, 5, 44, 60, 120, 200])
def test_a_hello_that_breaks_off(cut: int) -> None:
    with listening() as (port, heard):
        observe(port, http=False)
    assert client_hello.parse(heard[0]) is not None
    assert client_hello.parse(heard[0][:cut]) is None
