"""What is written where: reasons that are true of the file, and sections that stand alone."""

from __future__ import annotations

import json

from tests.support.site import REQUIRE, TEMPORARY, Site
from wizard.demo import pki

ROOT = pki.issue("Example Root", ca=True)
SUITES = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"


def said(site: Site, *options: str) -> str:
    return " ".join(site.fix(*site.ca, *options).stderr.split())


def test_what_the_ca_file_held_so_far_is_named(site: Site) -> None:
    old = site.directory / "private" / "another.pem"
    old.write_bytes(pki.issue("Another", ca=True).pem)
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile {old}")
    told = said(site)
    assert f"the CA that signed this backend's chain, beside what {old} holds" in told
    assert "trusts no CA" not in told


def test_where_none_is_named_that_is_the_reason(site: Site) -> None:
    site.write(REQUIRE)
    assert "httpd trusts no CA for backends unless this file names it" in said(site)


def test_a_ca_file_that_is_taken_away_keeps_httpd_from_starting(site: Site) -> None:
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile nowhere.pem")
    told = said(site, *TEMPORARY)
    assert "delete httpd does not start with what it names" in told


def test_a_section_of_its_own_keeps_the_suites_of_tls_1_3(site: Site) -> None:
    """The section that governs the route stands in the main server and counts elsewhere too."""
    site.write("")
    main = site.main.read_text()
    section = (
        f'<Proxy "https://good.test:{site.backend.port}/">\n    SSLProxyEngine on\n'
        f"    SSLProxyCipherSuite HIGH\n    SSLProxyCipherSuite TLSv1.3 {SUITES}\n</Proxy>\n"
    )
    site.main.write_text(main + section)
    assert policy(site) == ("none", "HIGH", SUITES)
    site.patch(site.fix(*site.ca).stdout)
    assert policy(site) == ("require", "HIGH", SUITES)
    assert site.main.read_text() == main + section
    assert site.status() == 200


def test_a_section_of_its_own_keeps_the_revocation_check(site: Site) -> None:
    """Its flag is a word of its own: httpd refuses both within quotes."""
    site.write("")
    (site.directory / "root.crl").write_bytes(pki.crl(site.root))
    section = (
        f'<Proxy "https://good.test:{site.backend.port}/">\n    SSLProxyEngine on\n'
        "    SSLProxyCARevocationCheck leaf no_crl_for_cert_ok\n"
        "    SSLProxyCARevocationFile root.crl\n</Proxy>\n"
    )
    site.main.write_text(site.main.read_text() + section)
    site.patch(site.fix(*site.ca).stdout)
    assert "SSLProxyCARevocationCheck leaf no_crl_for_cert_ok\n" in site.vhost.read_text()
    assert site.status() == 200


def test_a_section_with_suites_of_tls_1_3_keeps_them_when_its_ciphers_change(site: Site) -> None:
    site.backend.limit()
    site.write(
        f'<Proxy "https://good.test:{site.backend.port}/">\n    {REQUIRE}\n'
        "    SSLProxyCACertificateFile private/root.pem\n"
        "    SSLProxyCipherSuite ECDHE-RSA-NULL-SHA\n"
        f"    SSLProxyCipherSuite TLSv1.3 {SUITES}\n    </Proxy>"
    )
    site.patch(site.fix().stdout)
    added = "ECDHE-RSA-NULL-SHA:ECDHE-ECDSA-AES256-GCM-SHA384"
    assert policy(site) == ("require", added, SUITES)
    assert site.status() == 200


def test_the_bundle_of_a_lone_file_goes_to_its_httpd_s_tree_or_where_it_is_named(
    site: Site,
) -> None:
    """Not beside the file: what URLs lead there is not known."""
    site.write(REQUIRE)
    elsewhere = site.directory / "elsewhere"
    elsewhere.mkdir()
    lone = elsewhere / "site.conf"
    site.vhost.rename(lone)
    site.main.write_text(site.main.read_text().replace("Include site.conf", f"Include {lone}"))
    done = site.wizard("fix", str(lone), *site.ca)
    assert "+++ b/etc/apache2/proxy-trust/proxy-trust-good.test.pem" in done.stdout, done.stderr
    named = f"{elsewhere}/backend-ca.pem"
    done = site.wizard("fix", str(lone), *site.ca, "--trust-file", named)
    assert f"+++ b{named}" in done.stdout, done.stderr
    assert "/etc/apache2" not in done.stdout
    site.patch(done.stdout)
    assert site.status() == 200
    text = lone.read_text()
    lone.write_text(text.replace("SSLProxyVerify require", "SSLProxyVerify none"))
    site.patch(site.wizard("fix", str(lone)).stdout)
    assert lone.read_text() == text


def policy(site: Site) -> tuple[str, str, str]:
    done = site.wizard("check", str(site.main), "--format", "json")
    tls = json.loads(done.stdout)["routes"][0]["tls"]
    return tls["verify"]["value"], tls["cipher_suite"]["value"], tls["cipher_suite_tls13"]["value"]
