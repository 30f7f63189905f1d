"""The handshake as mod_ssl makes it: what it shows, and which error comes first."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from OpenSSL import SSL

from tests.probe.asking import NAME, codes, http, observe, stored, tls
from tests.support import openssl_cnf, servers
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.probe import OwnCertificate, ProbeRequest
from wizard.probe import system_tls
from wizard.probe import tls_context as context
from wizard.x509 import name_hash, parse_der


def test_what_a_handshake_shows(
    backends: Backends, identity: Identity, root: pki.Issued, ca_file: str
) -> None:
    backend = backends.start(Behaviour(identity))
    report = observe(backend.port, ca_file=ca_file)
    seen = tls(report)
    assert seen.completed
    assert (seen.version, seen.cipher) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert seen.alpn is None
    assert [c.sha256 for c in seen.chain] == [
        parse_der(i.der).sha256 for i in (identity.leaf, root)
    ]
    assert [c.subject for c in seen.verified_chain] == [f"CN={NAME}", "CN=Probe Root"]
    assert [(e.ok, e.code, e.depth) for e in seen.events] == [(True, 0, 1), (True, 0, 0)]
    assert seen.events[1].sha256 == seen.chain[0].sha256
    assert seen.without_sni == seen.chain[0]
    assert not seen.client_certificate_requested
    assert http(report).status == 200
    assert [s.sni for s in backend.seen if s.host] == [NAME]


def test_the_backend_that_answers_without_sni(
    backends: Backends, identity: Identity, root: pki.Issued
) -> None:
    default = Identity(pki.issue("default.internal", root))
    strict = backends.start(Behaviour(identity, strict_sni=(NAME,)))
    seen = tls(observe(strict.port))
    assert seen.without_sni is None
    assert "unrecognized name" in (seen.without_sni_error or "")
    other = backends.start(Behaviour(identity, without_sni=default))
    shown = tls(observe(other.port)).without_sni
    assert shown is not None
    assert shown.subject == "CN=default.internal"
    assert tls(observe(other.port, sni=None)).without_sni is None  # not asked twice


@pytest.mark.parametrize("sni", ["a\0b", "x" * 256, "\udcff", "ü.internal", "", " "])
def test_odd_server_names(sni: str, identity: Identity) -> None:
    with servers.serving(asking(identity, (), SSL.TLS1_3_VERSION, [])) as port:
        assert tls(observe(port, sni=sni)).completed


def test_rejected_sni(backends: Backends, identity: Identity) -> None:
    backend = backends.start(Behaviour(identity, strict_sni=("other.internal",)))
    seen = tls(observe(backend.port))
    assert (seen.failure, seen.alert) == ("alert", 112)


@pytest.mark.parametrize(
    ("failure", "end"),
    [
        ("alert", lambda connection: connection.sendall(servers.alert(40))),
        ("closed", lambda _: None),
        ("reset", servers.reset),
    ],
)
def test_a_backend_that_hangs_up_on_another_name_is_asked_by_its_own(
    failure: str, end: servers.Handler, identity: Identity
) -> None:
    shown = servers.context(identity.leaf)

    def answer(connection: socket.socket) -> None:
        if NAME.encode() in connection.recv(4096, socket.MSG_PEEK):
            shown.wrap_socket(connection, server_side=True).close()
        else:
            connection.recv(4096)
            end(connection)

    with servers.serving(answer) as port:
        seen = tls(observe(port, sni="www.example.org", http=False))
        own = tls(observe(port, http=False))
    leaf = parse_der(identity.leaf.der)
    assert (seen.failure, seen.by_url_name) == (failure, leaf)
    assert (own.completed, own.by_url_name) == (True, None)


def test_one_that_shows_a_certificate_to_another_name_is_not_asked_again(
    backends: Backends, identity: Identity
) -> None:
    seen = tls(observe(backends.start(Behaviour(identity)).port, sni="www.example.org"))
    assert (seen.completed, seen.by_url_name) == (True, None)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("trusted", []),
        ("no-ca", [20]),
        ("self-signed", [18]),
        ("expired", [10]),
        ("not-yet", [9]),
        ("weak-key", [66]),
        ("sha1", [68]),
        ("client-purpose", [26]),
        ("no-authority", [79]),
        ("path-length", [25]),
        ("intermediate-only", [2]),
        ("constraints", [47]),
    ],
)
def test_the_first_error_is_httpds(
    name: str, first: list[int], backends: Backends, root: pki.Issued, tmp_path: Path
) -> None:
    """Codes of shared/httpd-facts.md, measured on httpd with OpenSSL 3.0."""
    trusted: tuple[pki.Issued, ...] = (root,)
    sent: tuple[pki.Issued, ...] = ()
    leaf = pki.issue(NAME, root, dns=[NAME])
    if name == "no-ca":
        trusted = ()
    elif name == "self-signed":
        leaf = pki.issue(NAME, dns=[NAME])
    elif name == "expired":
        leaf = pki.issue(NAME, root, dns=[NAME], days=(-10, -1))
    elif name == "not-yet":
        leaf = pki.issue(NAME, root, dns=[NAME], days=(1, 10))
    elif name == "weak-key":
        leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa-1024", shared=0))
    elif name == "sha1":
        signer = pki.issue("Rsa Root", ca=True, key=pki.new_key("rsa", shared=0))
        leaf, trusted = pki.issue(NAME, signer, dns=[NAME], sha1=True), (signer,)
    elif name == "client-purpose":
        leaf = pki.issue(NAME, root, dns=[NAME], purposes=["clientAuth"])
    elif name == "no-authority":
        middle = pki.issue("No CA", root, ca=False)
        leaf, sent = pki.issue(NAME, middle, dns=[NAME]), (middle,)
    elif name == "path-length":
        short = pki.issue("Short Root", ca=True, path_length=0)
        middle = pki.issue("Middle", short, ca=True)
        leaf, sent, trusted = pki.issue(NAME, middle, dns=[NAME]), (middle,), (short,)
    elif name == "intermediate-only":
        middle = pki.issue("Middle", root, ca=True)
        leaf, trusted = pki.issue(NAME, middle, dns=[NAME]), (middle,)
    elif name == "constraints":
        middle = pki.issue("Limited", root, ca=True, permitted=["example.org"])
        leaf, sent = pki.issue(NAME, middle, dns=[NAME]), (middle,)
    file = tmp_path / "ca.pem"
    file.write_bytes(b"".join(c.pem for c in trusted))
    backend = backends.start(Behaviour(Identity(leaf, sent)))
    report = observe(backend.port, ca_file=str(file) if trusted else None)
    assert tls(report).completed  # whatever was found
    assert codes(report)[:1] == first


def test_hashed_directory(
    backends: Backends, identity: Identity, root: pki.Issued, tmp_path: Path
) -> None:
    backend = backends.start(Behaviour(identity))
    (tmp_path / "root.pem").write_bytes(root.pem)
    assert codes(observe(backend.port, ca_path=str(tmp_path)))[0] in (19, 20)
    name = name_hash.name_hash(parse_der(root.der).subject_der)
    (tmp_path / f"{name}.0").symlink_to("root.pem")
    assert codes(observe(backend.port, ca_path=str(tmp_path))) == []


def test_revocation(
    backends: Backends, identity: Identity, root: pki.Issued, ca_file: str, tmp_path: Path
) -> None:
    backend = backends.start(Behaviour(identity))
    file = tmp_path / "crl.pem"

    def found(lists: bytes, check: str = "chain") -> list[int]:
        file.write_bytes(lists)
        return codes(observe(backend.port, ca_file=ca_file, crl_file=str(file), crl_check=check))

    assert found(pki.crl(root)) == []
    assert found(pki.crl(root, [identity.leaf]))[0] == 23
    assert found(pki.crl(root, [identity.leaf]), "none") == []
    assert found(pki.crl(root, days=(-10, -1)), "leaf")[0] == 12
    assert found(pki.crl(pki.issue("Other", ca=True)))[0] == 3
    assert found(pki.crl(root), "leaf no_crl_for_cert_ok") == []


def test_a_self_signed_certificate_needs_a_list_too(
    backends: Backends, root: pki.Issued, tmp_path: Path
) -> None:
    """OpenSSL 3.0 asks for one (httpd: error 3), OpenSSL 4.0 does not."""
    own = pki.issue(NAME, dns=[NAME])
    backend = backends.start(Behaviour(Identity(own)))
    trusted, lists = tmp_path / "ca.pem", tmp_path / "crl.pem"
    trusted.write_bytes(own.pem)
    more = {"ca_file": str(trusted), "crl_file": str(lists), "crl_check": "chain"}
    lists.write_bytes(pki.crl(root))
    assert codes(observe(backend.port, **more)) == [3]
    lists.write_bytes(pki.crl(own))
    assert codes(observe(backend.port, **more)) == []


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1"])
def test_old_versions_are_refused_as_openssl_30_refuses_them(
    version: str, backends: Backends, identity: Identity, ca_file: str
) -> None:
    backend = backends.start(Behaviour(identity, minimum="TLSv1", maximum=version))
    seen = tls(observe(backend.port, ca_file=ca_file))
    assert seen.failure == "protocol"
    assert seen.error == "legacy sigalg disallowed or unsupported"
    assert seen.chain  # it comes as far as the certificate
    assert all(event.ok for event in seen.events)
    assert seen.without_sni is None


def test_old_versions_that_the_policy_does_not_allow(
    backends: Backends, identity: Identity
) -> None:
    backend = backends.start(Behaviour(identity, minimum="TLSv1", maximum="TLSv1.1"))
    seen = tls(observe(backend.port, protocols=("TLSv1.2", "TLSv1.3")))
    assert (seen.failure, seen.alert) == ("alert", 70)
    assert seen.chain == ()


def test_versions_and_ciphers(backends: Backends, identity: Identity) -> None:
    new = backends.start(Behaviour(identity, minimum="TLSv1.3"))
    old = backends.start(
        Behaviour(identity, maximum="TLSv1.2", ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
    )
    assert tls(observe(new.port, protocols=("TLSv1.2",))).alert == 70
    assert tls(observe(old.port, protocols=("TLSv1.3",))).alert == 70
    assert tls(observe(old.port)).version == "TLSv1.2"
    assert tls(observe(old.port)).cipher == "ECDHE-ECDSA-AES128-GCM-SHA256"
    assert tls(observe(old.port, cipher_suite="ECDHE-ECDSA-AES256-GCM-SHA384")).alert == 40
    chosen = observe(new.port, cipher_suite_tls13="TLS_CHACHA20_POLY1305_SHA256")
    assert tls(chosen).cipher == "TLS_CHACHA20_POLY1305_SHA256"


@pytest.mark.parametrize(
    "more",
    [
        {"cipher_suite": "NONSENSE"},
        {"protocols": ()},
        {"ca_file": "/nowhere.pem"},
        {"crl_file": "/nowhere.pem", "crl_check": "chain"},
        {"own_certificates": (OwnCertificate("/nowhere.pem", "", ()),)},
    ],
)
def test_settings_that_openssl_refuses(
    more: dict[str, object], backends: Backends, identity: Identity
) -> None:
    backend = backends.start(Behaviour(identity))
    seen = tls(observe(backend.port, **more))
    assert seen.failure == "local"
    assert seen.error


def test_the_security_level_is_the_systems() -> None:
    asked = system_tls.ask()
    assert asked.version is not None
    assert asked.version.startswith("OpenSSL 3.")
    assert asked.security_level == 2  # Debian's; the tests of weak keys rest on it


@pytest.mark.parametrize("level", [0, 1, 3])
def test_the_security_level_of_openssl_cnf(level: int, tmp_path: Path) -> None:
    """httpd follows it (measured), though it sets ciphers and versions itself."""
    lines = (f"CipherString = DEFAULT@SECLEVEL={level}", "MinProtocol = TLSv1.3")
    program = "from wizard.probe import system_tls; print(system_tls.ask().security_level)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "OPENSSL_CONF": openssl_cnf.write(tmp_path, *lines)},
    )
    assert done.stdout.strip() == str(level)


def demand_level_3(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whoever reads openssl.cnf from here on begin at security level 3."""
    file = openssl_cnf.write(directory, "CipherString = DEFAULT@SECLEVEL=3")
    monkeypatch.setenv("OPENSSL_CONF", file)


def test_another_openssl_is_asked_in_a_process_of_its_own(
    another: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand_level_3(tmp_path, monkeypatch)
    asked = system_tls.ask(another)
    assert (asked.security_level, asked.version) == (3, system_tls.ask().version)
    assert another not in Path("/proc/self/maps").read_text()
    request = ProbeRequest("backend.internal", 443, tls=True, libssl=another)
    assert context.security_level(request) == 3
    assert context.security_level(replace(request, cipher_suite="HIGH:@SECLEVEL=1")) == 1
    assert context.security_level(replace(request, libssl=None)) == 2


def test_the_level_of_httpds_own_openssl_decides(
    another: str,
    backends: Backends,
    root: pki.Issued,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate of 2048 bits is too weak for level 3."""
    demand_level_3(tmp_path, monkeypatch)
    leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa", shared=0))
    backend = backends.start(Behaviour(Identity(leaf)))
    assert 66 not in codes(observe(backend.port))
    assert 66 in codes(observe(backend.port, libssl=another))


@pytest.mark.parametrize("how", ["others", "no library", "gone"])
def test_an_openssl_that_is_not_asked(
    how: str, another: str, backends: Backends, identity: Identity
) -> None:
    """What others can change would run in this process's name; what is none says nothing."""
    if how == "others":
        Path(another).chmod(0o666)
    elif how == "gone":
        Path(another).unlink()
    else:
        Path(another).write_bytes(b"no library")
    assert system_tls.ask(another) == system_tls.SystemTls()
    backend = backends.start(Behaviour(identity))
    report = observe(backend.port, libssl=another)
    assert tls(report).completed
    assert any("security level 2 is assumed" in note for note in report.notes)


def test_a_system_without_its_own_openssl(
    backends: Backends, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_tls, "LIBRARY", "libssl-of-nobody.so")
    system_tls.ask.cache_clear()
    backend = backends.start(Behaviour(identity))
    try:
        report = observe(backend.port)
    finally:
        system_tls.ask.cache_clear()
    assert tls(report).completed
    assert any("security level 2 is assumed" in note for note in report.notes)


@pytest.mark.parametrize(
    ("level", "failure", "alert"),
    [(0, None, None), (1, "protocol", None), (2, "protocol", None), (3, "alert", 70)],
)
def test_old_versions_at_each_security_level(
    level: int, failure: str | None, alert: int | None, backends: Backends, identity: Identity
) -> None:
    """As httpd with openssl.cnf set to each level, measured."""
    backend = backends.start(Behaviour(identity, minimum="TLSv1", maximum="TLSv1"))
    seen = tls(observe(backend.port, cipher_suite=f"DEFAULT:@SECLEVEL={level}"))
    assert (seen.failure, seen.alert) == (failure, alert)
    assert bool(seen.chain) is (level < 3)


@pytest.mark.parametrize(
    ("profile", "chosen"),
    [
        (None, "TLSv1.2"),
        ("@SECLEVEL=2:ECDHE-ECDSA-AES128-GCM-SHA256:-CBC\n", "TLSv1.2"),
        ("@SECLEVEL=2:ECDHE-RSA-AES128-GCM-SHA256\n", None),
    ],
)
def test_the_systems_profile(
    profile: str | None,
    chosen: str | None,
    backends: Backends,
    identity: Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SSLProxyCipherSuite PROFILE=SYSTEM stands in the ssl.conf of RHEL."""
    file = tmp_path / "openssl.config"
    if profile is not None:
        file.write_text(profile)
    monkeypatch.setattr(system_tls, "SYSTEM_PROFILE", file)
    system_tls.ciphers.cache_clear()
    backend = backends.start(Behaviour(identity, maximum="TLSv1.2"))
    try:
        assert tls(observe(backend.port, cipher_suite="PROFILE=SYSTEM")).version == chosen
    finally:
        system_tls.ciphers.cache_clear()


@pytest.mark.parametrize(("level", "first"), [(1, []), (2, []), (3, [66])])
def test_keys_at_each_security_level(
    level: int, first: list[int], backends: Backends, root: pki.Issued, ca_file: str
) -> None:
    leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa", shared=0))
    backend = backends.start(Behaviour(Identity(leaf)))
    report = observe(backend.port, ca_file=ca_file, cipher_suite=f"DEFAULT@SECLEVEL={level}")
    assert codes(report) == first


def test_alpn(backends: Backends, identity: Identity) -> None:
    both = backends.start(Behaviour(identity, alpn=("h2", "http/1.1"), status=418))
    report = observe(both.port, alpn=("h2",))
    assert tls(report).alpn == "h2"
    assert http(report).status == 418
    without = backends.start(Behaviour(identity))
    report = observe(without.port, alpn=("h2",))
    assert tls(report).completed
    assert tls(report).alpn is None
    assert report.http is None  # httpd makes no request either
    assert tls(observe(both.port)).alpn is None  # httpd offers none for https://


@pytest.fixture
def own_certificate(tmp_path: Path, root: pki.Issued) -> OwnCertificate:
    return stored(tmp_path, pki.issue("proxy", root, purposes=["clientAuth"]))


def asking(
    identity: Identity,
    names: Sequence[pki.Issued],
    maximum: int,
    shown: list[str | None],
    head: bytes = b"200 OK",
) -> servers.Handler:
    """A backend that asks for a certificate of the authorities named, and takes any.

    Its answer to HEAD is ``head``.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(identity.leaf.certificate)
    context.use_privatekey(identity.leaf.key)
    for one in names:
        context.add_client_ca(one.certificate)
    context.set_max_proto_version(maximum)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)

    def handle(connection: socket.socket) -> None:
        tls = SSL.Connection(context, connection)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error):
            tls.do_handshake()
            status = head if tls.recv(65536).startswith(b"HEAD") else b"200 OK"
            own = tls.get_peer_certificate(as_cryptography=True)
            shown.append(own.subject.rfc4514_string() if own else None)
            tls.send(b"HTTP/1.1 %b\r\n\r\n" % status)
            tls.shutdown()

    return handle


@pytest.mark.parametrize("maximum", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
@pytest.mark.parametrize(
    ("asked", "issuers", "presented"),
    [
        ("root", ("CN=Probe Root",), "CN=proxy"),
        ("none", ("CN=Probe Root",), "CN=proxy"),
        ("other", ("CN=Middle", "CN=Other CA"), "CN=proxy"),
        ("other", ("CN=Probe Root",), None),  # httpd: AH02267
    ],
)
def test_client_certificate_is_presented_as_httpd_does(
    maximum: int,
    asked: str,
    issuers: tuple[str, ...],
    presented: str | None,
    identity: Identity,
    root: pki.Issued,
    own_certificate: OwnCertificate,
) -> None:
    other = pki.issue("Other CA", ca=True)
    names = {"root": [root], "other": [other], "none": []}[asked]
    shown: list[str | None] = []
    with servers.serving(asking(identity, names, maximum, shown)) as port:
        own = replace(own_certificate, issuers=issuers)
        report = observe(port, own_certificates=(own,))
    assert tls(report).client_certificate_requested
    assert tls(report).client_ca_names == tuple(
        n.certificate.subject.rfc4514_string() for n in names
    )
    assert http(report).status == 200
    assert shown[-1] == presented
    assert bool(report.notes) is (presented is None)


@pytest.mark.parametrize(
    ("asked", "presented"), [(("B", "A"), "CN=of B"), (("A",), "CN=of A"), ((), "CN=of A")]
)
def test_of_several_client_certificates_the_one_of_the_first_name_is_presented(
    asked: tuple[str, ...], presented: str, identity: Identity, tmp_path: Path
) -> None:
    issuers = {name: pki.issue(name, ca=True) for name in "AB"}
    held = tuple(stored(tmp_path, pki.issue(f"of {n}", ca)) for n, ca in issuers.items())
    shown: list[str | None] = []
    names = [issuers[name] for name in asked]
    backend = asking(identity, names, SSL.TLS1_3_VERSION, shown, head=b"405 No")
    with servers.serving(backend) as port:
        report = observe(port, own_certificates=held)
    assert (http(report).method, http(report).status) == ("GET", 200)
    assert shown == [presented] * 2  # with HEAD and with GET


def test_a_client_certificate_that_httpds_openssl_refuses(
    backends: Backends, identity: Identity, root: pki.Issued, tmp_path: Path
) -> None:
    weak = stored(tmp_path, pki.issue("proxy", root, key=pki.new_key("rsa-1024", shared=0)))
    backend = backends.start(Behaviour(identity, client_cas=(root,)))
    report = observe(backend.port, own_certificates=(weak,))
    assert tls(report).client_certificate_refused == "ee key too small"
    assert http(report).alert == 116
    report = observe(backend.port, own_certificates=(weak,), cipher_suite="DEFAULT:@SECLEVEL=1")
    assert tls(report).client_certificate_refused == ""


@pytest.mark.parametrize("maximum", ["TLSv1.2", "TLSv1.3"])
def test_client_certificate_that_is_missing(
    maximum: str,
    backends: Backends,
    identity: Identity,
    root: pki.Issued,
    own_certificate: OwnCertificate,
) -> None:
    backend = backends.start(Behaviour(identity, maximum=maximum, client_cas=(root,)))
    report = observe(backend.port)
    assert tls(report).client_certificate_requested
    if maximum == "TLSv1.2":
        assert (tls(report).failure, tls(report).alert) == ("alert", 40)
    else:  # only the answer tells
        assert tls(report).completed
        assert (http(report).failure, http(report).alert) == ("alert", 116)
    report = observe(backend.port, own_certificates=(own_certificate,))
    assert http(report).status == 200


def test_plain_http_on_the_port(backends: Backends) -> None:
    backend = backends.start(Behaviour(speaks="plain"))
    seen = tls(observe(backend.port))
    assert seen.failure == "not-tls"
    assert "HTTP/1.1 400" in (seen.error or "")


def test_plain_http_that_waits_for_the_end_of_a_request(backends: Backends) -> None:
    report = observe(backends.start(Behaviour(speaks="patient")).port, timeout=1, alpn=("h2",))
    assert tls(report).failure == "timeout"
    assert report.speaks_http is True


def test_silence_is_asked_in_plain_as_well(backends: Backends) -> None:
    report = observe(backends.start(Behaviour(speaks="silent")).port, timeout=0.5)
    assert (tls(report).failure, report.speaks_http) == ("timeout", False)


def test_a_handshake_that_ends_is_not_asked_in_plain(backends: Backends) -> None:
    report = observe(backends.start(Behaviour(speaks="close")).port)
    assert (tls(report).failure, report.speaks_http) == ("closed", None)


def test_tls_on_a_port_that_is_asked_in_plain(backends: Backends, identity: Identity) -> None:
    backend = backends.start(Behaviour(identity))
    report = observe(backend.port, tls=False, sni=None)
    assert http(report).failure is not None
    assert report.speaks_tls
