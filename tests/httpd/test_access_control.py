"""Access control in front of a route: set aside for the rehearsal's client, and for nobody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.support import servers
from tests.support.httpd import MODULES
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.model.rehearsal import Rehearsal
from wizard.model.scope import Scope

CA = "SSLProxyCACertificateFile private/root.pem"
LOADED = (
    *("authn_core", "authn_file", "authz_host", "authz_user", "auth_basic", "auth_form"),
    *("access_compat", "request", "session", "session_cookie"),
)
FORM = """AuthType form
AuthName a
AuthFormProvider file
AuthUserFile private/users
AuthFormLoginRequiredLocation http://login.test/
Session on
SessionCookieName session path=/
Require valid-user"""
BASIC = "AuthType Basic\nAuthName a\nAuthUserFile private/users\nRequire valid-user"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("access")) as site:
        (site.directory / "private/users").touch()
        loads = "".join(f"LoadModule {n}_module {MODULES}/mod_{n}.so\n" for n in LOADED)
        site.main.write_text(site.main.read_text().replace("Include ", f"{loads}Include "))
        yield site


def perform(site: Site, body: str) -> Rehearsal:
    site.write(f"{REQUIRE}\n{CA}\n{body}")
    configuration = config.load(str(site.main))
    return rehearse(Scope(str(site.main)), configuration.routes)[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<Location />\nRequire all denied\n</Location>", 403),
        ("<Proxy *>\nRequire ip 10.0.0.0/8\n</Proxy>", 403),
        (f"<Location />\n{BASIC}\n</Location>", 401),
        (f"<Location />\n{FORM}\n</Location>", 302),
        ("<Location />\nOrder deny,allow\nDeny from all\n</Location>", 403),
        (f"<Location />\n{BASIC}\nDeny from all\nSatisfy any\n</Location>", 401),
        ('<Location />\n<If "true">\nRequire ip 10\n</If>\n</Location>', 403),
        ("<Location />\nAuthMerging And\nRequire all denied\n</Location>", 403),
    ],
)
def test_what_is_behind_access_control_is_shown(site: Site, body: str, status: int) -> None:
    found = perform(site, body)
    run = found.before
    assert (run.kept_out, run.status, run.backend_status, run.proxied) == (status, 200, 200, True)
    assert f" of {site.vhost}" in found.notes[0]
    assert not found.kept_out_alike


def test_an_expression_about_the_browsers_certificate(site: Site) -> None:
    pem = site.directory / "backend.pem"
    rule = '<Location />\nSSLRequire %{SSL_CLIENT_VERIFY} eq "SUCCESS"\n</Location>'
    found = perform(site, f"SSLEngine on\nSSLCertificateFile {pem}\n{rule}")
    assert (found.before.kept_out, found.before.status) == (403, 200), found
    assert f"SSLRequire in line 9 of {site.vhost}" in found.notes[0]


@pytest.mark.parametrize(
    ("rule", "status"),
    [("RewriteRule ^ - [F]", 403), ("RewriteRule ^ http://other.test/ [R,L]", 302)],
)
def test_what_is_no_access_control_stays(site: Site, rule: str, status: int) -> None:
    found = perform(site, f"<Location />\nRewriteEngine on\n{rule}\n</Location>")
    assert (found.before.kept_out, found.before.status) == (None, status)
    assert not found.before.proxied
    assert found.kept_out_alike == (status == 403)
    assert not found.notes


def test_the_backend_does_not_see_the_word(site: Site) -> None:
    seen = bytearray()

    def serve(connection: socket.socket) -> None:
        seen.extend(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with servers.serving(serve) as port:
        site.vhost.write_text(
            f"<VirtualHost *:{site.port}>\nServerName app.test\n"
            f"ProxyPass / http://127.0.0.1:{port}/\n</VirtualHost>\n"
        )
        configuration = config.load(str(site.main))
        rehearse(Scope(str(site.main)), configuration.routes)
    assert b"proxy-wizard/" in seen  # the request itself came
    assert b"Rehearsal" not in seen
