"""A revocation check without a list: it is not switched off, but for a while and by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, TEMPORARY, Site, standing
from wizard.demo import pki

ROOT = pki.issue("Example Root", ca=True)
AT = "http://crl.example.com/root.crl"
CHECKED = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n    "


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    leaf = pki.issue("good.test", ROOT, dns=["good.test"], crl_at=AT)
    with standing(tmp_path, leaf, ROOT) as made:
        (made.directory / "root.crl").write_bytes(pki.crl(ROOT))
        yield made


def list_named(site: Site) -> str:
    return f"SSLProxyCARevocationFile {site.directory}/root.crl"


@pytest.mark.parametrize("check", ["chain", "leaf", "chain no_crl_for_cert_ok"])
@pytest.mark.parametrize("policy", ["production", "internal-ca"])
def test_no_policy_for_good_switches_it_off(site: Site, policy: str, check: str) -> None:
    site.write(f"{CHECKED}SSLProxyCARevocationCheck {check}")
    done = site.fix("--policy", policy, *site.ca)
    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.split())
    assert "left: app.test /: crl-check-without-crl" in told
    assert "put the current revocation list of CN=Example Root" in told
    assert f"lies at {AT} (not fetched)" in told


def test_where_more_is_wrong_it_is_not_switched_off_either(site: Site) -> None:
    site.write("SSLProxyEngine on\n    SSLProxyVerify none\n    SSLProxyCARevocationCheck chain")
    done = site.fix(*site.ca)
    assert "SSLProxyCARevocationCheck none" not in done.stdout
    assert "left: app.test /: crl-check-without-crl" in done.stderr


def test_a_temporary_exception_does_and_says_until_when(site: Site) -> None:
    site.write(f"{CHECKED}SSLProxyCARevocationCheck chain")
    done = site.fix(*TEMPORARY)
    assert done.returncode == 0, done.stderr
    added = [line[1:].strip() for line in done.stdout.splitlines() if line.startswith("+ ")]
    assert added[-1] == "SSLProxyCARevocationCheck none"
    assert added[0].endswith("(crl-check-without-crl): SSLProxyCARevocationCheck none")
    site.patch(done.stdout)
    assert site.status() == 200
    assert "temporary-exception" in site.check().stdout


def test_the_exception_stays_told_until_there_is_a_list(site: Site) -> None:
    site.write(f"{CHECKED}SSLProxyCARevocationCheck chain\n    SSLProxyCheckPeerExpire off")
    site.patch(site.fix(*TEMPORARY).stdout)
    done = site.fix()
    assert "left: app.test /: temporary-exception\n" in done.stderr
    assert f"lies at {AT}" in " ".join(done.stderr.split())
    site.patch(done.stdout)
    assert "SSLProxyCheckPeerExpire on" in site.vhost.read_text()
    assert "# proxy-wizard: temporary exception" in site.vhost.read_text()
    text = site.vhost.read_text().replace("    ProxyPass", f"    {list_named(site)}\n    ProxyPass")
    site.vhost.write_text(text)
    done = site.fix()
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    assert "SSLProxyCARevocationCheck chain" in site.vhost.read_text()
    assert "# proxy-wizard" not in site.vhost.read_text()
    assert site.status() == 200
