"""What is shown of a change before and after it is made holds no secret of the lines around it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.test_secrets import PASSWORD
from tests.support.site import REQUIRE, Site, standing_at_address

SECRETS = f"""{REQUIRE}
    SSLProxyCheckPeerName off
    SSLProxyMachineCertificateFile private/client.pem
    RequestHeader set X-Origin-Verify \\
        {PASSWORD}
    SetEnvIf Cookie "sid={PASSWORD}" known
    ProxyPass /other https://joe:{PASSWORD}@127.0.0.1:1/
    ProxyPass /another https://127.0.0.1:1/?key={PASSWORD}
    ProxyRemote https://127.0.0.9:1 http://127.0.0.1:1
    ProxyPass /far https://127.0.0.9:1/
    RequestHeader set Proxy-Authorization "Basic {PASSWORD}"
    RequestHeader set Authorization "Bearer {PASSWORD}"
    RequestHeader set X-Api-Key {PASSWORD}
    RequestHeader set Cookie "session={PASSWORD}"
    Define API_TOKEN {PASSWORD}
    Define DB_PASS {PASSWORD}
    RequestHeader set X-Any \\
        {PASSWORD}
    RewriteCond %{{HTTP_COOKIE}} sid={PASSWORD}
    RewriteRule ^/f - [CO=sid:{PASSWORD}:.app.test,E=X:{PASSWORD}]
    <If "%{{HTTP_COOKIE}} =~ /sid={PASSWORD}/">
      RequestHeader set X-Any {PASSWORD}
    </If>"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as made:
        (made.directory / "private/client.pem").write_bytes(made.root.pem + made.root.key_pem)
        made.write(SECRETS)
        yield made


def secrets(site: Site) -> tuple[str, ...]:
    """The password, and a line of the key."""
    key = (site.directory / "private/client.pem").read_text().partition("PRIVATE KEY-----\n")[2]
    return PASSWORD, key[:40]


def words(site: Site) -> list[str]:
    return [str(site.main), "--route", "/", *site.ca]


def in_a_terminal(site: Site, answer: bytes) -> str:
    """What ``apply`` says to somebody who answers its question."""
    controller, terminal = pty.openpty()
    os.write(controller, answer)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "wizard", "apply", "--no-reload", *words(site)],
            stdin=terminal,
            capture_output=True,
            text=True,
            env=site.environment,
            timeout=100,
        )
    finally:
        os.close(controller)
        os.close(terminal)
    return done.stdout + done.stderr


def test_the_diff_before_the_question(site: Site) -> None:
    before = site.vhost.read_bytes()
    shown = in_a_terminal(site, b"n\n")
    assert "Write this change? [y/N]" in shown
    assert "changed lines:" in shown
    assert "SSLProxyCACertificateFile" in shown
    assert not [one for one in secrets(site) if one in shown], shown
    assert site.vhost.read_bytes() == before


def test_what_follows(site: Site) -> None:
    """Rehearsal, change, what somebody edited meanwhile, and roll-back."""
    shown = in_a_terminal(site, b"y\n")
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()
    site.vhost.write_text(site.vhost.read_text().replace("session=", "id="))
    for command in (["prove", *words(site)], ["rollback", "--list"], ["rollback", "--no-reload"]):
        done = site.wizard(*command)
        shown += done.stdout + done.stderr
    assert "200" in shown
    assert "was edited" in shown
    assert not [one for one in secrets(site) if one in shown], shown


@pytest.mark.parametrize("form", ["text", "json", "sarif", "nagios"])
def test_a_report(site: Site, form: str) -> None:
    """Of a configuration that httpd takes: every route is probed, and judged to the end."""
    verbose = ("--verbose",) if form == "text" else ()
    done = site.wizard("check", str(site.main), "--format", form, *verbose)
    shown = done.stdout + done.stderr
    assert "/other" in shown
    assert "***" in shown
    assert not [one for one in secrets(site) if one in shown], shown
