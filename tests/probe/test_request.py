"""A route asks the question that httpd would ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wizard.demo import pki
from wizard.model.certificate import TrustFile, TrustMaterial
from wizard.model.config import Backend, Route, Setting, Source, TlsPolicy, VirtualHost
from wizard.model.probe import ProbeRequest
from wizard.model.route_id import RouteId
from wizard.probe.request import at, for_route
from wizard.x509 import trust_material

HERE = Source("/etc/apache2/sites-enabled/a.conf", 3)
VHOST = VirtualHost("a.example.org", (), ("*:443",), HERE, 9)
ID = RouteId(1, "a.example.org", "/", "ProxyPass")


def route(url: str = "https://b.internal:8443/app", **more: Any) -> Route:
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    host, _, port = place.partition(":")
    sni = host if scheme in ("https", "wss", "h2") else None
    backend = Backend(url, scheme, host, int(port or 80), slash + path, sni, host, place)
    return replace(Route(ID, VHOST, "/", "ProxyPass", HERE, backend), **more)


def ask(of: Route, trust: TrustMaterial | None = None) -> ProbeRequest:
    request = for_route(of, trust or TrustMaterial(), 3)
    assert request is not None
    return request


def test_defaults() -> None:
    request = ask(route(request_url="https://b.internal:8443/app/x?y=z"))
    assert request == ProbeRequest(
        "b.internal",
        8443,
        tls=True,
        sni="b.internal",
        host_header="b.internal:8443",
        path="/app/x?y=z",
        timeout=3,
        headers=(("X-Forwarded-Server", "a.example.org"),),
    )


def test_equal_questions_are_equal() -> None:
    assert len({ask(route()), ask(route(path="/other")), ask(route(kind="RewriteRule"))}) == 1


@pytest.mark.parametrize(
    ("url", "tls", "http", "upgrade", "alpn"),
    [
        ("http://b.internal:80/", False, True, False, ()),
        ("wss://b.internal:443/", True, True, True, ()),
        ("ws://b.internal:80/", False, True, True, ()),
        ("h2://b.internal:443/", True, True, False, ("h2",)),
        ("h2c://b.internal:80/", False, True, False, ("h2",)),
        ("ajp://b.internal:8009/", False, False, False, ()),
        ("fcgi://b.internal:9000/", False, False, False, ()),
    ],
)
def test_schemes(url: str, tls: bool, http: bool, upgrade: bool, alpn: tuple[str, ...]) -> None:
    request = ask(route(url))
    assert (request.tls, request.http, request.upgrade, request.alpn) == (tls, http, upgrade, alpn)
    assert (request.sni is not None) is tls


def test_backends_that_are_not_known() -> None:
    assert for_route(route(unknown="the host is $1"), TrustMaterial(), 3) is None
    nameless = replace(route().backend, host="")
    assert for_route(route(backend=nameless), TrustMaterial(), 3) is None
    socket = replace(nameless, socket="/run/app.sock")
    assert ask(route(backend=socket)).socket == "/run/app.sock"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://b.internal/a?b=c", "/a?b=c"),
        ("https://b.internal", "/app"),
        ("unix:/run/s|http://b.internal/x", "/x"),
        ("https://b.internal/ü \x1b\n\udcff", "/%C3%BC%20%1B%0A%FF"),
        ("https://b.internal/%20", "/%20"),
        ("", "/app"),
    ],
)
def test_target(url: str, path: str) -> None:
    assert ask(route(request_url=url)).path == path


def test_policy() -> None:
    tls = TlsPolicy(
        protocol=Setting("all -TLSv1 -TLSv1.1"),
        cipher_suite=Setting("ECDHE"),
        cipher_suite_tls13=Setting("TLS_AES_128_GCM_SHA256"),
        ca_certificate_file=Setting("/ca.pem"),
        ca_certificate_path=Setting("/ca"),
        ca_revocation_file=Setting("/crl.pem"),
        ca_revocation_check=Setting("chain no_crl_for_cert_ok"),
    )
    trust = TrustMaterial(
        ca_file=TrustFile("/ca.pem", "ok"),
        ca_path=TrustFile("/ca", "unhashed"),
        crl_file=TrustFile("/crl.pem", "broken-pem", loads=False),
    )
    request = ask(route(tls=tls), trust)
    assert request.protocols == ("TLSv1.2", "TLSv1.3")
    assert (request.cipher_suite, request.cipher_suite_tls13) == ("ECDHE", "TLS_AES_128_GCM_SHA256")
    assert (request.ca_file, request.ca_path, request.crl_file) == ("/ca.pem", "/ca", None)
    assert request.crl_check == "chain no_crl_for_cert_ok"
    plain = ask(route("http://b.internal:80/", tls=tls), trust)
    assert plain.ca_file is None  # a policy does not tell plain requests apart


def test_forward_proxy() -> None:
    remote = Setting("http://proxy.internal:3128")
    assert ask(route(proxy_remote=remote)).forward_proxy == "http://proxy.internal:3128"


def test_client_certificate(tmp_path: Path) -> None:
    root = pki.issue("Root", ca=True)
    middle = pki.issue("Middle", root, ca=True)
    own = pki.issue("proxy", middle)
    file, chain = tmp_path / "own.pem", tmp_path / "chain.pem"
    file.write_bytes(own.pem + own.key_pem)
    chain.write_bytes(root.pem + middle.pem)
    tls = TlsPolicy(
        machine_certificate_file=Setting(str(file)),
        machine_certificate_chain_file=Setting(str(chain)),
    )
    request = ask(route(tls=tls), trust_material.read(tls))
    (presented,) = request.own_certificates
    assert presented.file == str(file)
    assert presented.issuers == ("CN=Middle", "CN=Root")
    file.write_bytes(own.pem)  # no key: httpd presents nothing
    assert ask(route(tls=tls), trust_material.read(tls)).own_certificates == ()


def test_another_path_below_the_route() -> None:
    whole = route(path="/app/", request_path="/app/", request_url="https://b.internal:8443/x/")
    once = at(whole, "/app/a b?c=d")
    assert once is not None
    assert ask(once).path == "/x/a%20b?c=d"
    again = at(once, "/app/")
    assert again == whole
    assert at(whole, "/other") is None
    assert at(route(kind="ProxyPassMatch", path="/", request_path="/"), "/a") is None
