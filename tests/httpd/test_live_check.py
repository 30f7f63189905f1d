"""The look through the running server: also where it wants a PROXY line first."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.httpd import MODULES
from tests.support.site import REQUIRE, Site, standing_at_address
from wizard import config
from wizard.config.installation.layout import locate
from wizard.config.preprocess import reader
from wizard.httpd import live_check
from wizard.httpd.live_check import check

ANNOUNCED = "RemoteIPProxyProtocol On"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as site:
        load = f"LoadModule remoteip_module {MODULES}/mod_remoteip.so\n"
        site.main.write_text(site.main.read_text().replace("Include ", f"{load}Include "))
        yield site


@pytest.mark.parametrize(
    "front",
    [
        "",
        ANNOUNCED,
        f"{ANNOUNCED}\nRemoteIPProxyProtocolExceptions 127.0.0.0/8",
        f"{ANNOUNCED}\nSSLEngine on\nSSLCertificateFile backend.pem",
        "RemoteIPProxyProtocol Off",
    ],
)
def test_the_running_server_answers(site: Site, front: str) -> None:
    site.write(f"{REQUIRE}\nSSLProxyCACertificateFile private/root.pem\n{front}")
    route = config.load(str(site.main)).routes[0]
    with site.running():
        (found,) = check(reader.read(locate(str(site.main))), [route])
    assert (found.status, found.error) == (200, "")
    assert (found.address, found.port) == (httpd.LISTEN, site.port)


def test_a_websocket_route_is_asked_for_a_websocket(site: Site) -> None:
    site.vhost.write_text(
        f"<VirtualHost *:{site.port}>\nServerName app.test\nRewriteEngine on\n"
        "RewriteCond %{HTTP:Upgrade} =websocket [NC]\n"
        "RewriteRule ^/$ ws://127.0.0.1:1/ [P]\nRedirect 302 / http://other.test/\n"
        "</VirtualHost>\n"
    )
    (route,) = config.load(str(site.main)).routes
    with site.running():
        (found,) = check(reader.read(locate(str(site.main))), [route])
    assert found.status == 503, "nothing listens there; the plain request gets the redirect"


def test_a_server_that_is_gone(site: Site) -> None:
    site.write(ANNOUNCED)
    route = config.load(str(site.main)).routes[0]
    (found,) = check(reader.read(locate(str(site.main))), [route])
    assert found.status is None
    assert "refused" in found.error


def test_a_server_that_says_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """All routes together have one bound; meanwhile it is told how long that is at most."""
    monkeypatch.setattr(live_check, "SECONDS", {"look": 3})
    site.write("")
    route = config.load(str(site.main)).routes[0]
    told: list[int] = []
    with socket.create_server((httpd.LISTEN, site.port)):
        begun = time.monotonic()
        tree = reader.read(locate(str(site.main)))
        looks = live_check.check(tree, [route] * 3, told.append)
    assert 3 <= time.monotonic() - begun < 6
    assert told == [1]
    assert [look.status for look in looks] == [None] * 3
    assert looks[0].error.startswith("no answer within")
    assert looks[2].error == "not asked: the 3 s for all answers are over"
