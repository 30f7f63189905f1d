"""A line that httpd refuses was never in force: corrected or moved, it lets no more in."""

from __future__ import annotations

import pytest

from tests.support.site import REQUIRE, TEMPORARY, Site
from wizard import config
from wizard.demo import pki
from wizard.fix import policy_order

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
