"""``<If>`` around ProxyPreserveHost: httpd decides by the request, so nothing is foretold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.support import httpd
from wizard import config

PASS = "ProxyPass / https://b.internal:{good}/\n"
POLICY = "SSLProxyEngine on\nSSLProxyVerify none\nSSLProxyCheckPeerName off\n"
CONDITION = '<If "%{REQUEST_URI} =~ m#^/x#">\nProxyPreserveHost on\n</If>\n'
BODIES = {
    "host.test": POLICY + PASS + CONDITION,
    "section.test": POLICY + f"<Location />\n{CONDITION}</Location>\n" + PASS,
    "else.test": POLICY
    + PASS
    + 'ProxyPreserveHost on\n<If "%{REQUEST_URI} =~ m#^/x#">\nSetEnv a\n</If>\n'
    + "<Else>\nProxyPreserveHost off\n</Else>\n",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.World]:
    with lab.world(lab.directory(tmp_path_factory)) as made:
        yield made


def test_a_condition_decides_and_is_named_with_its_line(world: lab.World) -> None:
    (port,) = httpd.free_ports(1)
    file = lab.configuration(world, "conditions", "", list(BODIES.items()), port)
    lines = Path(file).read_text().split("\n")
    routes = {r.vhost.server_name: r for r in config.load(str(file)).routes}
    with httpd.running(file, world.hosts):
        for name in BODIES:
            seen = [lab.ask(port, name, path).report for path in ("/a", "/x")]
            assert [each and each["host"] for each in seen] == [
                f"b.internal:{world.kinds['good']}",
                name,
            ]
            unknown = routes[name].unknown or ""
            tag = "<Else" if name == "else.test" else "<If"
            assert unknown.startswith(tag)
            assert "changes ProxyPreserveHost: it depends on the request." in unknown
            line = int(unknown.partition(f" at {file}:")[2].split()[0])
            assert lines[line - 1].startswith(tag)
