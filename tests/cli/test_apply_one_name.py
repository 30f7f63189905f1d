"""One ServerName at two addresses: ``apply`` tells their routes apart."""

from __future__ import annotations

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site

TO_HTTPS = "RewriteEngine on\n    RewriteRule ^ https://app.test%{REQUEST_URI} [R]"


@pytest.fixture
def site(site: Site) -> Site:
    """As for port 80 and port 443: the first sends every request to the second."""
    other = httpd.free_port()
    with site.main.open("a") as file:
        file.write(f"Listen {httpd.LISTEN}:{other}\n")
    site.write(REQUIRE)
    proxying = site.vhost.read_text().replace(f":{site.port}>", f":{other}>")
    site.write(f"{TO_HTTPS}\n    {REQUIRE}")
    site.vhost.write_text(site.vhost.read_text() + proxying)
    return site


def test_the_route_that_proxies_is_repaired(site: Site) -> None:
    trusted = site.ca
    proved = site.wizard("prove", str(site.main), *trusted)
    assert "200 from the backend" in proved.stdout, proved.stderr
    done = site.wizard("apply", str(site.main), "--yes", *trusted)
    assert done.returncode == 0, done.stderr  # the redirect is well
    assert site.vhost.read_text().count("SSLProxyCACertificateFile") == 1
    assert "route-shadowed" not in done.stderr
