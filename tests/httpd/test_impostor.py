"""What real httpd does with an impostor, seen from the impostor's end."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import httpd, servers
from tests.support.site import Site, standing
from wizard import config
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.httpd import rehearse as rehearsing
from wizard.httpd.impostor import Encounter, Impostors
from wizard.httpd.rehearse import rehearse
from wizard.httpd.sandbox.sandbox import Sandbox
from wizard.model.rehearsal import Pretence, Reception, Rehearsal, Run, Untried
from wizard.model.scope import Scope


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("impostor")
    with standing(directory) as site:
        (directory / "private/crl.pem").write_bytes(pki.crl(site.root))
        client = pki.issue("client", site.root)
        (directory / "private/client.pem").write_bytes(client.traditional_key_pem() + client.pem)
        yield site


@pytest.fixture
def site(made: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in httpd.environment(made.hosts).items():
        monkeypatch.setenv(name, value)
    return made


PASS = "ProxyPass / https://good.test:{port}/"
ADDRESS = "ProxyPass / https://127.0.0.1:{port}/"
CA = "SSLProxyCACertificateFile private/root.pem"
CHECKED = f"SSLProxyVerify require\n{CA}"
OFF = "SSLProxyCheckPeerName off"
NO_REQUEST = [Reception.REFUSED, Reception.REFUSED]
LET_IN = [Reception.LET_IN, Reception.LET_IN]
MEMBER = "BalancerMember https://good.test:{port}"
BALANCER = f"<Proxy balancer://c>\n{MEMBER}\n</Proxy>\nProxyPass / balancer://c/"
TLS_1_2 = "SSLProxyProtocol TLSv1.2\nSSLProxyCipherSuite"
RSA = f"{TLS_1_2} ECDHE-RSA-AES256-GCM-SHA384"
DHE = f"{TLS_1_2} DHE-RSA-AES256-GCM-SHA384"
ECDSA = f"{TLS_1_2} ECDHE-ECDSA-AES256-GCM-SHA384"

SAFE = {
    "require, a CA and the name": f"{CHECKED}\n{PASS}",
    "optional": f"SSLProxyVerify optional\n{CA}\n{PASS}",
    "a section for the backend": f'<Proxy "https://good.test:{{port}}/">\n{CHECKED}\n</Proxy>\n'
    f"{PASS}",
    "a client certificate": f"{CHECKED}\nSSLProxyMachineCertificateFile private/client.pem\n{PASS}",
    "the client's Host": f"{CHECKED}\nProxyPreserveHost On\n{PASS}",
    "an address": f"{CHECKED}\n{ADDRESS}",
    "HTTP/2": f"{CHECKED}\nProxyPass / h2://good.test:{{port}}/",
    "WebSocket": f"{CHECKED}\nProxyPass / wss://good.test:{{port}}/",
    "RSA and nothing else": f"{CHECKED}\n{RSA}\n{PASS}",
    "ECDSA and nothing else": f"{CHECKED}\n{ECDSA}\n{PASS}",
    "DHE and nothing else": f"{CHECKED}\n{DHE}\n{PASS}",
    "a forward proxy": f"{CHECKED}\nProxyRemote * http://127.0.0.1:{{port}}\n"
    "ProxyPass / https://good.test/",
    "a balancer": f"{CHECKED}\n{BALANCER}",
    "only CN": f"{CHECKED}\n{OFF}\nSSLProxyCheckPeerCN on\n{PASS}",
    "RewriteRule": f"{CHECKED}\nRewriteEngine on\n"
    "RewriteRule ^/(.*) https://good.test:{port}/$1 [P]",
    "access forbidden": f"{CHECKED}\n{PASS}\n<Location />\nRequire all denied\n</Location>",
}
UNSAFE = {
    "nothing said": PASS,
    "verification off": f"SSLProxyVerify none\n{CA}\n{PASS}",
    "optional_no_ca": f"SSLProxyVerify optional_no_ca\n{CA}\n{PASS}",
    "a section that switches off": f'{CHECKED}\n<Proxy "https://good.test">\nSSLProxyVerify none\n'
    f"</Proxy>\n{PASS}",
    "the section of another backend": f'<Proxy "https://other.test/">\n{CHECKED}\n</Proxy>\n{PASS}',
    "a client certificate": f"SSLProxyMachineCertificateFile private/client.pem\n{PASS}",
    "the client's Host": f"ProxyPreserveHost On\n{PASS}",
    "an address": ADDRESS,
    "HTTP/2": "ProxyPass / h2://good.test:{port}/",
    "WebSocket": "ProxyPass / wss://good.test:{port}/",
    "RSA and nothing else": f"{RSA}\n{PASS}",
    "DHE and nothing else": f"{DHE}\n{PASS}",
    "a forward proxy": "ProxyRemote * http://127.0.0.1:{port}\nProxyPass / https://good.test/",
    "a balancer": BALANCER,
    "a balancer's section": f"{CHECKED}\n{BALANCER}".replace(
        MEMBER, f"{MEMBER}\nSSLProxyVerify none"
    ),
    "no name, no CA": f"{OFF}\n{PASS}",
    "only CN": f"{OFF}\nSSLProxyCheckPeerCN on\n{PASS}",
    "access forbidden": f"{PASS}\n<Location />\nRequire all denied\n</Location>",
}


def perform(site: Site, body: str, port: int = 0) -> Rehearsal:
    return every(site, body, port)[0]


def every(site: Site, body: str, port: int = 0) -> Sequence[Rehearsal]:
    text = f"SSLProxyEngine on\n{body}".replace("{port}", str(port or site.backend.port))
    site.vhost.write_text(
        f"<VirtualHost *:{site.port}>\nServerName app.test\n{text}\n</VirtualHost>\n"
    )
    return rehearse(Scope(str(site.main)), config.load(str(site.main)).routes)


def receptions(run: Run) -> list[Reception]:
    assert [one.pretence for one in run.impostors] == list(Pretence)
    return [one.reception for one in run.impostors]


@pytest.fixture(params=["its own network", "no network"])
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the system gives the throw-away httpd a network of its own."""
    if request.param == "no network":
        monkeypatch.setattr(Sandbox, "__enter__", without_network)


entered = Sandbox.__enter__


def without_network(sandbox: Sandbox) -> Sandbox:
    sandbox._networks = 0
    entered(sandbox)
    sandbox.refused = "Operation not permitted"
    return sandbox


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("name", SAFE)
def test_refused_where_the_backend_is_verified(site: Site, name: str) -> None:
    run = perform(site, SAFE[name]).before
    assert receptions(run) == NO_REQUEST
    assert run.keeps_out
    assert not run.lets_in


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("name", UNSAFE)
def test_let_in_where_it_is_not(site: Site, name: str) -> None:
    run = perform(site, UNSAFE[name]).before
    assert receptions(run) == LET_IN
    assert run.lets_in
    assert not run.keeps_out


def test_one_of_them_is_enough(site: Site) -> None:
    """A chain of one passes where the other is too long."""
    run = perform(site, f"SSLProxyVerify optional_no_ca\nSSLProxyVerifyDepth 0\n{PASS}").before
    assert receptions(run) == [Reception.REFUSED, Reception.LET_IN]
    assert run.lets_in
    assert not run.keeps_out


class Believed(Impostors):
    """Impostors whose certificates the configuration's own CA signed."""

    site: Site
    wrong_name = False

    def context(self, pretence: Pretence, names: Sequence[str]) -> ssl.SSLContext:
        given = tuple(name for name in names if name)
        names = ("elsewhere.test",) if self.wrong_name else given
        context = servers.context(pki.issue(names[0], self.site.root, dns=names))
        rsa = pki.issue(names[0], self.site.root, dns=names, key=pki.new_key("rsa", shared=0))
        file = self.site.directory / "private/impostor.pem"
        file.write_bytes(rsa.key_pem + rsa.pem)
        context.load_cert_chain(file)
        context.load_dh_params(str(self._dh))
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("name", SAFE)
def test_the_certificate_is_the_only_reason_for_a_refusal(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one of the trusted CA for the same names it would be let in: by version, cipher, name,
    protocol and way it could be."""
    monkeypatch.setattr(Believed, "site", site, raising=False)
    monkeypatch.setattr(rehearsing, "Impostors", Believed)
    assert receptions(perform(site, SAFE[name]).before) == LET_IN


@pytest.mark.parametrize(("more", "expected"), [("", NO_REQUEST), (f"{OFF}\n", LET_IN)])
def test_another_server_of_the_same_ca(
    site: Site, more: str, expected: list[Reception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Believed, "site", site, raising=False)
    monkeypatch.setattr(Believed, "wrong_name", True)
    monkeypatch.setattr(rehearsing, "Impostors", Believed)
    assert receptions(perform(site, f"{more}{CHECKED}\n{PASS}").before) == expected


def test_the_name_that_a_plan_writes_is_the_impostors_too(site: Site) -> None:
    """Else the wrong name would keep it out, and not the certificate."""
    perform(site, ADDRESS)
    port = str(site.backend.port)
    text = site.vhost.read_text().replace("127.0.0.1", "good.test")
    after = {str(site.vhost): text.encode()}
    found = rehearse(Scope(str(site.main)), config.load(str(site.main)).routes, after)[0]
    assert port in text
    assert found.after is not None
    assert found.after.proxied
    assert receptions(found.before) == receptions(found.after) == LET_IN


def test_it_is_reached_although_httpd_keeps_a_connection_to_the_backend(site: Site) -> None:
    leaf = pki.issue("good.test", site.root, dns=["good.test"])
    behaviour = Behaviour(identity=Identity(leaf), answers="once-per-connection")
    with Backends() as backends:
        backend = backends.start(behaviour)
        run = perform(site, f"{CHECKED}\n{PASS}", backend.port).before
        assert run.proxied
        assert receptions(run) == NO_REQUEST
        assert len(backend.seen) == 1


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(("more", "expected"), [("", NO_REQUEST), ("SSLProxyVerify none", LET_IN)])
def test_each_member_of_a_balancer_has_its_own(
    site: Site, more: str, expected: list[Reception]
) -> None:
    with ExitStack() as stack:
        backends = stack.enter_context(Backends())
        leaf = pki.issue("good.test", site.root, dns=["good.test"])
        ports = [backends.start(Behaviour(identity=Identity(leaf))).port for _ in range(3)]
        members = "\n".join(f"BalancerMember https://good.test:{port}" for port in ports)
        balancer = f"<Proxy balancer://c>\n{more}\n{members}\n</Proxy>\nProxyPass / balancer://c/"
        found = every(site, f"{CHECKED}\n{balancer}")
    assert [receptions(one.before) for one in found] == [expected] * 3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("ProxyPass / http://good.test:{port}/", Reception.PLAIN),
        ("ProxyPass / ws://good.test:{port}/", Reception.PLAIN),
        ("ProxyPass / h2c://good.test:{port}/", Reception.PLAIN),
        (f"SSLProxyEngine off\n{PASS}", Reception.NOT_ASKED),
        ("ProxyPass / https://no-such-name.invalid/", Reception.NOT_ASKED),
        (
            f"{CHECKED}\n{RSA}:@SECLEVEL=3\n{PASS}",
            Reception.UNCLEAR,  # 2048 bits are too few
        ),
    ],
)
def test_neither_let_in_nor_refused(site: Site, body: str, expected: Reception) -> None:
    run = perform(site, body).before
    assert receptions(run) == [expected, expected]
    assert not run.lets_in
    assert not run.keeps_out


def test_none_is_tried_at_a_unix_domain_socket(site: Site, tmp_path: Path) -> None:
    run = perform(site, f"ProxyPass / unix:{tmp_path}/none.sock|https://good.test/").before
    assert (run.impostors, run.untried) == ((), Untried.SOCKET)


@pytest.mark.parametrize("cipher", ["PSK-AES128-GCM-SHA256", "SRP-AES-128-CBC-SHA"])
def test_an_httpd_with_nothing_to_offer_speaks_no_clear_text(site: Site, cipher: str) -> None:
    run = perform(site, f"{TLS_1_2} {cipher}:@SECLEVEL=0\n{PASS}").before
    assert Reception.PLAIN not in receptions(run)
    assert not run.lets_in


def test_in_clear_text_without_a_network(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "__enter__", without_network)
    run = perform(site, "ProxyPass / http://good.test:{port}/").before
    assert receptions(run) == [Reception.PLAIN, Reception.PLAIN]
    run = perform(site, "ProxyPass / h2c://good.test:{port}/").before
    assert (run.impostors, run.untried) == ((), Untried.NO_NETWORK)


def test_no_proxy_leads_past_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "__enter__", without_network)
    past = "NoProxy good.test\nProxyRemote https://good.test http://127.0.0.1:9"
    assert receptions(perform(site, f"{past}\n{PASS}").before) == LET_IN


def test_one_whose_certificate_cannot_be_made_is_unclear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As where the rehearsal is stopped meanwhile, and its directory is gone."""
    made = Impostors(tmp_path)
    contexts = [made.context(Pretence.SELF_SIGNED, ("first.test",))]

    def context(*_: object) -> ssl.SSLContext:
        if not contexts:
            raise FileNotFoundError
        return contexts.pop()

    monkeypatch.setattr(Impostors, "context", context)
    encounter = Encounter(made, Pretence.SELF_SIGNED, ("first.test",), None)
    client = ssl.create_default_context()
    with encounter.dial("127.0.0.1", 443) as connection, pytest.raises(ssl.SSLError):
        client.wrap_socket(connection, server_hostname="second.test")
    assert encounter.reception(5) is Reception.UNCLEAR
    assert capfd.readouterr().err == ""


def test_what_httpd_adds_to_a_request_is_not_kept(site: Site) -> None:
    found = perform(site, f'RequestHeader set Authorization "Bearer hunter2"\n{PASS}')
    assert found.before.lets_in
    assert "hunter2" not in repr(found)
