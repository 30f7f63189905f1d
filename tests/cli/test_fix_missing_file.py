"""``fix`` where httpd does not start for want of a file: what to do, and never "nothing to fix"."""

from __future__ import annotations

import pytest

from tests.support.site import REQUIRE, Site

CA = "SSLProxyCACertificateFile private/root.pem"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile /missing.pem", "crl-missing"),
        ("SSLProxyCARevocationFile /missing.pem", "crl-missing"),
        ("SSLProxyCARevocationCheck leaf\nSSLProxyCARevocationPath /missing", "crl-missing"),
        ("SSLCADNRequestFile /missing.pem", "configuration-refused"),
        ("SSLSessionTicketKeyFile /missing.key", "configuration-refused"),
        ("CustomLog /no/where common", "Make the directory"),
        ('ErrorLog "|/no/program"', "Install the program"),
        ("SSLEngine on\nSSLCertificateFile hosts", "configuration-refused"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_to_do_is_said(site: Site, lines: str, told: str, *, elsewhere: bool) -> None:
    body = f"{REQUIRE}\n{CA}"
    site.write(body if elsewhere else f"{body}\n{lines}")
    if elsewhere:
        with site.vhost.open("a") as file:
            file.write(f"<VirtualHost *:1>\nServerName other.test\n{lines}\n</VirtualHost>\n")
    done = site.fix()
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "nothing to fix" not in done.stderr
    assert site.check().returncode == 2
