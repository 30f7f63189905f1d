"""A line that httpd refuses was never in force: corrected or moved, it lets no more in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.site import REQUIRE, TEMPORARY, Site, standing
from wizard import config
from wizard.demo import pki
from wizard.fix import policy_order
from wizard.x509 import name_hash, parse_der

CHECKED = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n    "
REVOKED = "SSLProxyCARevocationCheck chain\n    SSLProxyCARevocationFile root.crl\n    "
LINES = (
    "SSLProxyCheckPeerNam off",
    "SSLProxyVerfy none",
    "SSLProxyVerfy optional_no_ca",
    "SSLProxyCheckPeerExpir off",
    "SSLProxyVerifyDept 9",
    "SSLProxyEngin off",
    "SSLProxyCipherSuit ALL:@SECLEVEL=0",
    "<Location /a>\n    SSLProxyVerify none\n    </Location>",
    "<Location /a>\n    SSLProxyCheckPeerName off\n    SSLProxyVerifyDepth 9\n    </Location>",
    "<Location />\n    SSLProxyCheckPeerCN off\n    </Location>",
    "<Location />\n    SSLProxyCipherSuite ALL\n    </Location>",
    f"{REVOKED}<Location />\n    SSLProxyCARevocationCheck none\n    </Location>",
    f"{REVOKED}SSLProxyCARevocationChek none",
    "SSLProxyProtocol TLSv1.3\n    <Location />\n    SSLProxyProtocol all\n    </Location>",
)


def test_a_neighbour_that_is_not_asked_about_is_not_weakened_either(site: Site) -> None:
    site.write(f"{CHECKED}{LINES[0]}\n    ProxyPass /b https://good.test:{site.backend.port}/b")
    before = {route.id: route.tls for route in config.load(str(site.main)).routes}
    site.patch(site.fix("--route", "/b").stdout)
    for route in config.load(str(site.main)).routes:
        assert policy_order.weaker(before[route.id], route.tls) == ()


@pytest.mark.parametrize("policy", [(), TEMPORARY], ids=["production", "temporary"])
@pytest.mark.parametrize("line", LINES)
def test_a_line_that_httpd_refused_weakens_nothing(
    site: Site, line: str, policy: tuple[str, ...]
) -> None:
    (site.directory / "root.crl").write_bytes(pki.crl(site.root))
    site.write(CHECKED + line)
    (before,) = config.load(str(site.main)).routes
    done = site.fix(*policy)
    assert done.returncode == 0, done.stderr
    assert "never in force" in " ".join(done.stderr.split())
    site.patch(done.stdout)
    (after,) = config.load(str(site.main)).routes
    assert policy_order.weaker(before.tls, after.tls) == ()
    assert site.status() == 200
    site.backend.impostor = True
    assert site.status() == 500


PLACES = {
    "worker": '<Proxy "https://good.test:{port}/">\nSSLProxyVerfy none\n</Proxy>',
    "everything": "<Proxy *>\nSSLProxyCheckPeerNam off\n</Proxy>",
    "pattern": '<ProxyMatch "^https">\nSSLProxyVerfy none\n</ProxyMatch>',
    "include": "Include more.inc",
    "macro": "Include macro.inc\nUse M",
    "variable": "Define V none\nSSLProxyVerfy ${V}",
    "value-of-macro": "<Macro M $v>\nSSLProxyVerfy $v\n</Macro>\nUse M none",
}
"""Where a line stands whose reach the lines of its virtual host do not tell."""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_refused_line_weakens_nothing_from_other_places(site: Site, place: str) -> None:
    (site.directory / "more.inc").write_text("SSLProxyVerfy none\n")
    (site.directory / "macro.inc").write_text("<Macro M>\nSSLProxyVerfy none\n</Macro>\n")
    site.write(CHECKED + place.replace("{port}", str(site.backend.port)))
    _stays_as_strict(site)


@pytest.mark.parametrize(
    "line",
    ["SSLProxyVerifyDept 9", "SSLProxyCheckPeerNam off", "SSLProxyCACertificateFil other.pem"],
)
def test_a_refused_line_of_the_main_server_weakens_no_virtual_host(site: Site, line: str) -> None:
    (site.directory / "other.pem").write_bytes(pki.issue("Other CA", ca=True).pem)
    site.write("")
    head = f"{CHECKED}\n{line}\nInclude site.conf"
    site.main.write_text(site.main.read_text().replace("Include site.conf", head))
    _stays_as_strict(site)


def test_a_route_of_the_main_server_does_not_speak_for_the_virtual_hosts(site: Site) -> None:
    """Its section switches off already what the refused line would switch off for all."""
    url = f"https://good.test:{site.backend.port}/m"
    site.write("")
    head = (
        f'{CHECKED}\nSSLProxyVerfy none\n<Proxy "{url}">\nSSLProxyVerify none\n</Proxy>\n'
        f"ProxyPass /m {url}\nInclude site.conf"
    )
    site.main.write_text(site.main.read_text().replace("Include site.conf", head))
    done = site.fix()
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    site.backend.impostor = True
    assert site.status() == 500


@pytest.mark.parametrize(
    "line",
    [
        "SSLProxyCACertificateFil other.pem",
        "SSLProxyCACertificatePat others",
        "<Location />\nSSLProxyCACertificateFile other.pem\n</Location>",
        "<Proxy *>\nSSLProxyCACertificateFil other.pem\n</Proxy>",
    ],
)
def test_a_refused_line_takes_no_other_ca(roots: Path, line: str) -> None:
    """It would replace the one that the route has, or stand beside it."""
    other = pki.issue("Other CA", ca=True)
    hashed = roots / "others"  # which httpd's children must be able to read
    hashed.mkdir()
    name = name_hash.name_hash(parse_der(other.der).subject_der)
    (hashed / f"{name}.0").write_bytes(other.pem)
    (roots / "other.pem").write_bytes(other.pem)
    with standing(roots) as site:
        site.write(CHECKED + line)
        _stays_as_strict(site)
        site.backend.impostor = False
        site.backend.pose(other)
        assert site.status() == 500


def _stays_as_strict(site: Site) -> None:
    """The patch, if there is one, lets no impostor in; else the line is named and stays."""
    (before,) = config.load(str(site.main)).routes
    done = site.fix()
    if done.returncode == 2:
        assert (done.stdout, "left:" in done.stderr) == ("", True)
        return
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    (after,) = config.load(str(site.main)).routes
    assert policy_order.weaker(before.tls, after.tls) == ()
    assert site.status() == 200
    site.backend.impostor = True
    assert site.status() == 500
