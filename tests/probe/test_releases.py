"""The handshake of other releases of httpd and OpenSSL, each as measured on them."""

from __future__ import annotations

import pytest

from tests.probe.asking import NAME, codes, http, observe, tls
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Backend, Route, Setting, Source, TlsPolicy, VirtualHost
from wizard.model.httpd_info import HttpdInfo
from wizard.model.route_id import RouteId
from wizard.probe import tls_context
from wizard.probe.request import for_route
from wizard.reference.release import Release, Version

OLD = Release((2, 4, 37), (1, 1, 1))
NEW = Release((2, 4, 71), (3, 0, 19))
_AT = Source("a.conf", 1)


def asked(httpd: HttpdInfo, words: str | None) -> tuple[str, ...] | None:
    policy = TlsPolicy(protocol=Setting(words, _AT if words else None))
    host = VirtualHost("a.example.org", (), ("*:443",), _AT, 9)
    backend = Backend("https://b/", "https", "b", 443, "/", "b", "b", "b")
    identity = RouteId(1, host.server_name, "/", "ProxyPass")
    route = Route(identity, host, "/", "ProxyPass", _AT, backend, policy)
    request = for_route(route, TrustMaterial(), 3, httpd)
    assert request is not None
    assert request.release == httpd.release
    return request.protocols


@pytest.mark.parametrize(
    ("httpd", "openssl", "words", "expected"),
    [
        ("2.4.35", "1.1.1w", None, ("TLSv1", "TLSv1.1", "TLSv1.2")),
        ("2.4.36", "1.1.1w", None, None),
        ("2.4.62", "1.1.0l", None, ("TLSv1", "TLSv1.1", "TLSv1.2")),
        ("2.4.35", "1.1.1w", "all -TLSv1", ("TLSv1.1", "TLSv1.2")),
        ("2.4.36", "1.1.1w", "all -TLSv1", ("TLSv1.1", "TLSv1.2", "TLSv1.3")),
        (None, None, None, None),
    ],
)
def test_tls_13_is_offered_where_both_know_it(
    httpd: str | None, openssl: str | None, words: str | None, expected: tuple[str, ...] | None
) -> None:
    assert asked(HttpdInfo(httpd, openssl=openssl), words) == expected


@pytest.mark.parametrize(
    ("release", "level", "completed"), [(OLD, 0, True), (OLD, 1, True), (OLD, 2, False),
                                        (NEW, 0, True), (NEW, 1, False), (NEW, 2, False)],
)  # fmt: skip
def test_old_versions(
    release: Release, level: int, completed: bool, backends: Backends, identity: Identity
) -> None:
    backend = backends.start(Behaviour(identity, minimum="TLSv1", maximum="TLSv1.1"))
    suite = f"DEFAULT:@SECLEVEL={level}"
    seen = tls(observe(backend.port, cipher_suite=suite, release=release))
    assert seen.completed is completed
    assert seen.chain


def test_an_old_version_is_spoken_again_for_a_get(backends: Backends, root: pki.Issued) -> None:
    """Without a signature in its key exchange, TLS 1.1 works at level 2, too (measured)."""
    leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa", shared=0))
    behaviour = Behaviour(
        Identity(leaf),
        minimum="TLSv1.1",
        maximum="TLSv1.1",
        ciphers="AES256-SHA",
        allows_head=False,
    )
    answer = http(observe(backends.start(behaviour).port))
    assert (answer.method, answer.status) == ("GET", 200)


@pytest.mark.parametrize(
    ("release", "level", "errors"),
    [(OLD, 0, []), (OLD, 1, []), (OLD, 2, [68]), (NEW, 0, []), (NEW, 1, [68]), (NEW, 2, [68])],
)
def test_sha1_signatures(
    release: Release,
    level: int,
    errors: list[int],
    backends: Backends,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = pki.issue("RSA Root", ca=True, key=pki.new_key("rsa", shared=1))
    leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa", shared=2), sha1=True)
    file = tmp_path_factory.mktemp("ca") / "root.pem"
    file.write_bytes(root.pem)
    backend = backends.start(Behaviour(Identity(leaf)))
    report = observe(
        backend.port,
        ca_file=str(file),
        cipher_suite=f"DEFAULT:@SECLEVEL={level}",
        release=release,
    )
    assert codes(report) == errors


def test_a_version_that_the_backend_refuses_is_its_alert(
    backends: Backends, identity: Identity
) -> None:
    """This OpenSSL offers TLS 1.1 at no level but 0; httpd's does, and is told why not."""
    backend = backends.start(Behaviour(identity))
    seen = tls(observe(backend.port, protocols=("TLSv1.1",)))
    assert (seen.failure, seen.alert) == ("alert", 70)


@pytest.mark.parametrize("openssl", [(1, 1, 1), (3, 0, 19), (3, 5, 0), (3, 6, 5)])
def test_groups(openssl: Version, backends: Backends, identity: Identity) -> None:
    groups = tls_context.groups(Release((2, 4, 71), openssl))
    assert ("ffdhe2048" in groups) is (openssl >= (3, 0, 0))
    assert ("MLKEM" in groups) is (openssl >= (3, 5, 0))
    backend = backends.start(Behaviour(identity))
    assert tls(observe(backend.port, release=Release((2, 4, 71), openssl))).completed


def test_http2_is_spoken_without_alpn_where_nobody_checks_it(
    backends: Backends, identity: Identity
) -> None:
    backend = backends.start(Behaviour(identity))
    unchecked = observe(backend.port, alpn=("h2",), release=Release((2, 4, 48), (3, 0, 19)))
    assert unchecked.http is not None
    assert unchecked.http.failure in ("closed", "not-http")
    assert observe(backend.port, alpn=("h2",)).http is None
