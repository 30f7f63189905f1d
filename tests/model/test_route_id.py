"""A route is known by its identity, also in the configuration that a plan makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard import config
from wizard.model.route_id import RouteId

BALANCER = """<Proxy balancer://pool>
BalancerMember https://b1.test
BalancerMember https://b2.test
</Proxy>
"""


def ids(directory: Path, text: str, **files: str) -> list[RouteId]:
    main = directory / "httpd.conf"
    main.write_text(f"ServerRoot {directory}\nListen 80\nListen 443\n{text}")
    for name, body in files.items():
        (directory / f"{name}.conf").write_text(body)
    return [route.id for route in config.load(str(main)).routes]


def host(address: str, *lines: str, name: str = "a.test") -> str:
    body = "\n".join(lines or ("ProxyPass / https://b.test/",))
    return f"<VirtualHost {address}>\nServerName {name}\n{body}\n</VirtualHost>\n"


def test_people_read_name_and_path() -> None:
    assert RouteId(1, "a.test", "/x", "ProxyPass").label == "a.test /x"
    assert RouteId(0, None, "/x", "ProxyPass").label == "main server /x"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(host("*:80") + host("*:443"), id="one name on two addresses"),
        pytest.param(host("*:80") * 2, id="one virtual host written twice"),
        pytest.param(
            BALANCER + host("*:80", "ProxyPass / balancer://pool/"), id="members of a balancer"
        ),
        pytest.param(
            host("*:80", "ProxyPass / https://b.test/", "ProxyPass / https://c.test/"),
            id="one path twice",
        ),
        pytest.param(
            host(
                "*:80",
                "RewriteEngine on",
                "RewriteRule / https://c.test/ [P]",
                "ProxyPass / https://b.test/",
            ),
            id="ProxyPass and RewriteRule",
        ),
        pytest.param("Include one.conf\nInclude two.conf\n", id="one text in two files"),
        pytest.param("Include one.conf\nInclude one.conf\n", id="one file read twice"),
        pytest.param(
            f"<Macro site $p>\n{host('*:$p')}</Macro>\nUse site 80\nUse site 443\n", id="macro"
        ),
        pytest.param(
            "ProxyPass / https://b.test/\n"
            + host("*:80", "SSLProxyEngine on")
            + host("*:443", "SSLProxyEngine on", "SSLProxyVerify require"),
            id="the main server's route in two virtual hosts",
        ),
    ],
)
def test_no_two_routes_are_the_same(tmp_path: Path, text: str) -> None:
    found = ids(tmp_path, text, one=host("*:80"), two=host("*:80"))
    assert len(found) > 1
    assert len(set(found)) == len(found)
    if "RewriteRule" not in text:
        assert len({one.label for one in found if one.vhost or len(found) == 2}) == 1


def test_settings_of_its_own_leave_a_route_the_same(tmp_path: Path) -> None:
    """They make another route of the main server's ProxyPass, before that of the virtual host."""
    main = "ProxyPass / https://c.test/\n"
    _, before = ids(tmp_path, main + host("*:80"))
    own = host("*:80", "SSLProxyVerify require", "ProxyPass / https://b.test/")
    _, inherited, after = ids(tmp_path, main + own)
    assert after == before
    assert inherited.label == after.label
    assert inherited.inherited


def test_lines_of_a_plan_leave_it_the_same(tmp_path: Path) -> None:
    """A plan inserts directives and sections, and gives backends another URL."""
    before = ids(tmp_path, host("*:80") + BALANCER + host("*:443", "ProxyPass / balancer://pool/"))
    changed = BALANCER.replace("https://b1.test", "https://10.0.0.1/")
    after = ids(
        tmp_path,
        host("*:80", "# why", "SSLProxyEngine on", "ProxyPass / https://10.0.0.1/")
        + changed
        + host(
            "*:443",
            "<Proxy balancer://pool/>\nSSLProxyVerify require\n</Proxy>",
            "ProxyPass / balancer://pool/",
        ),
    )
    assert after == before
