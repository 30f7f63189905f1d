"""Lists of versions and ciphers that are too narrow: what the backend accepts is added, no more."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki

CHECKED = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n    "
EC = "ECDHE-ECDSA-AES256-GCM-SHA384"
GCM, CBC = "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384"
PLAIN_GCM, PLAIN_CBC = "AES256-GCM-SHA384", "AES256-SHA256"
WEAK_CBC = "ECDHE-RSA-AES128-SHA"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    root = pki.issue("Example Root", ca=True)
    leaf = pki.issue("good.test", root, dns=["good.test"], key="rsa")
    with standing(tmp_path, leaf, root) as made:
        yield made


@pytest.mark.parametrize(
    ("accepted", "added", "secret", "aead"),
    [
        (":".join((PLAIN_CBC, PLAIN_GCM, CBC, GCM)), GCM, "yes", "yes"),
        (":".join((PLAIN_CBC, PLAIN_GCM, WEAK_CBC)), WEAK_CBC, "yes", "no"),
        (":".join((PLAIN_CBC, PLAIN_GCM)), PLAIN_GCM, "no", "yes"),
        (PLAIN_CBC, PLAIN_CBC, "no", "no"),
    ],
)
def test_the_best_cipher_that_the_backend_accepts_is_added_and_named(
    site: Site, accepted: str, added: str, secret: str, aead: str
) -> None:
    site.backend.limit(accepted)
    site.write(f"{CHECKED}SSLProxyCipherSuite {EC}")
    assert site.status() == 500
    done = site.fix()
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stderr.split())
    assert f"{added} is added at the end of SSLProxyCipherSuite" in told
    assert f"Forward secrecy: {secret}; authenticated encryption (AEAD): {aead}." in told
    site.patch(done.stdout)
    assert f"SSLProxyCipherSuite {EC}:{added}\n" in site.vhost.read_text()
    assert site.status() == 200
    site.backend.impostor = True
    assert site.status() == 500


@pytest.mark.parametrize("written", ["ECDHE-RSA-AES256-GCM-SHA348", "PROFILE=SYSTEM"])
@pytest.mark.parametrize("tls13", [True, False])
def test_a_list_without_any_cipher_gets_the_best_one(
    site: Site, written: str, *, tls13: bool
) -> None:
    """httpd does not start with it, whatever the backend speaks."""
    if not tls13:
        site.backend.limit(f"{GCM}:{PLAIN_GCM}")
    site.write(f"{CHECKED}SSLProxyCipherSuite {written}")
    assert "AH01898" in site.check("--verbose").stdout
    done = site.fix()
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    kept = "" if written.startswith("PROFILE") else f"{written}:"
    assert f"SSLProxyCipherSuite {kept}{GCM}\n" in site.vhost.read_text()
    assert site.status() == 200


def test_what_the_list_excludes_for_good_stays_excluded(site: Site) -> None:
    site.backend.limit(f"{GCM}:{PLAIN_GCM}")
    site.write(f"{CHECKED}SSLProxyCipherSuite {EC}:!kECDHE")
    site.patch(site.fix().stdout)
    assert f"SSLProxyCipherSuite {EC}:!kECDHE:{PLAIN_GCM}\n" in site.vhost.read_text()
    assert site.status() == 200


def test_the_security_level_stays(site: Site) -> None:
    """The level's own exclusions hold as well: AES128 is too weak for level 4."""
    site.backend.limit("ECDHE-RSA-AES128-GCM-SHA256")
    site.write(f"{CHECKED}SSLProxyCipherSuite {EC}:@SECLEVEL=4")
    done = site.fix()
    assert (done.returncode, done.stdout) == (2, "")
    assert "weaker ciphers are not added" in " ".join(done.stderr.split())


@pytest.mark.parametrize("configured", ["TLSv1.3", "TLSv1.2 TLSv1.3", "all -TLSv1.2"])
def test_the_highest_version_of_the_backend_is_added(site: Site, configured: str) -> None:
    site.backend.limit()
    site.write(f"{CHECKED}SSLProxyProtocol {configured}")
    done = site.fix()
    assert "TLSv1.2 is added to SSLProxyProtocol" in " ".join(done.stderr.split())
    site.patch(done.stdout)
    assert f"SSLProxyProtocol {configured} +TLSv1.2\n" in site.vhost.read_text()
    assert site.status() == 200


def test_of_two_versions_the_newer_one_is_added(site: Site) -> None:
    site.backend.limit(versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
    site.write(f"{CHECKED}SSLProxyProtocol TLSv1.1")
    site.patch(site.fix().stdout)
    assert "SSLProxyProtocol TLSv1.1 +TLSv1.3\n" in site.vhost.read_text()
    assert site.status() == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")  # they are what is not added
@pytest.mark.parametrize("policy", ["production", "internal-ca"])
def test_a_version_that_is_broken_is_not_added(site: Site, policy: str) -> None:
    site.backend.limit(versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))
    site.write(f"{CHECKED}SSLProxyProtocol TLSv1.3")
    done = site.fix("--policy", policy)
    assert (done.returncode, done.stdout) == (2, "")
    assert "older versions and weaker ciphers are not added" in " ".join(done.stderr.split())


def test_where_both_lists_are_too_narrow_both_get_one_word(site: Site) -> None:
    site.backend.limit(f"{GCM}:{PLAIN_CBC}")
    site.write(f"{CHECKED}SSLProxyProtocol TLSv1.3\n    SSLProxyCipherSuite {EC}")
    site.patch(site.fix().stdout)
    assert "SSLProxyProtocol TLSv1.3 +TLSv1.2\n" in site.vhost.read_text()
    assert f"SSLProxyCipherSuite {EC}:{GCM}\n" in site.vhost.read_text()
    assert site.status() == 200


def test_a_neighbour_keeps_its_list(site: Site) -> None:
    """The lists of a virtual host count for all its routes: the word is added for one alone."""
    site.backend.limit(GCM)
    other = pki.issue("other.test", site.root, dns=["other.test"])
    with standing(_inside(site), other, site.root) as neighbour:
        site.write(
            f"{CHECKED}SSLProxyCipherSuite {EC}\n"
            f"    ProxyPass /other/ https://other.test:{neighbour.backend.port}/"
        )
        site.patch(site.fix().stdout)
        text = site.vhost.read_text()
        assert f"SSLProxyCipherSuite {EC}:{GCM}\n" in text.partition("<Proxy")[2]
        assert f"SSLProxyCipherSuite {EC}\n" in text
        assert site.status() == 200


def test_where_another_member_would_get_the_word_too_it_is_left_with_the_reason(site: Site) -> None:
    """httpd demands the same of all members of a balancer."""
    site.backend.limit(GCM)
    other = pki.issue("other.test", site.root, dns=["other.test"])
    with standing(_inside(site), other, site.root) as neighbour:
        members = "".join(
            f"    BalancerMember https://{name}.test:{port}\n"
            for name, port in (("good", site.backend.port), ("other", neighbour.backend.port))
        )
        site.write(
            f"{CHECKED}SSLProxyCipherSuite {EC}\n    <Proxy balancer://pool>\n{members}"
            "    </Proxy>\n    ProxyPass /pool/ balancer://pool/"
        )
        done = site.fix()
        assert (done.returncode, done.stdout) == (2, "")
        assert "it would change SSLProxyCipherSuite for app.test /pool/" in " ".join(
            done.stderr.split()
        )


def _inside(site: Site) -> Path:
    directory = site.directory / "neighbour"
    directory.mkdir()
    return directory
