"""One ServerName at two addresses: ``apply`` tells their routes apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix import lab
from tests.fix.site import REQUIRE, Site, make

TO_HTTPS = "RewriteEngine on\n    RewriteRule ^ https://app.test%{REQUEST_URI} [R]"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """As for port 80 and port 443: the first sends every request to the second."""
    root = lab.issue("Example Root", ca=True)
    made = make(tmp_path.resolve(), lab.issue("good.test", root, dns=["good.test"]), root, root)
    other = lab.free_port()
    with made.main.open("a") as file:
        file.write(f"Listen {lab.FRONT}:{other}\n")
    made.write(REQUIRE)
    proxying = made.vhost.read_text().replace(f":{made.port}>", f":{other}>")
    made.write(f"{TO_HTTPS}\n    {REQUIRE}")
    made.vhost.write_text(made.vhost.read_text() + proxying)
    yield made
    made.backend.stop()


def test_the_route_that_proxies_is_repaired(site: Site) -> None:
    trusted = ("--ca", str(site.directory / "private/root.pem"))
    proved = site.wizard("prove", str(site.main), *trusted)
    assert "200, the backend's answer" in proved.stdout, proved.stderr
    done = site.wizard("apply", str(site.main), "--yes", *trusted)
    assert done.returncode == 0, done.stderr
    assert site.vhost.read_text().count("SSLProxyCACertificateFile") == 1
    assert "left: app.test /: route-shadowed" in done.stderr
